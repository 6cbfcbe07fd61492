/**
 * The same models as circuits, in both proof systems: every constraint holds for the witness, and the public outputs are
 * exactly what the reference executor computes, for calibrated inputs and for any that the program takes.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import { validateProgram } from "../../src/program/validate.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { DEFAULT_QUANTIZE, WIDE_QUANTIZE } from "../../src/quantize/precision.js";
import { quantizeGraph } from "../../src/quantize/quantize.js";
import { quantizeSample } from "../../src/quantize/sampleValues.js";
import { PROTOCOLS } from "../../src/zk/protocol.js";
import { Draw } from "../program/seeded.js";
import { buildModel } from "../support/onnxBuilder.js";
import { assertProven, wildInputs } from "./circuits.js";
import { describeModel, modelOf, type Recipe, recipes, samplesOf } from "./recipe.js";
import { BATCH, BATCHES } from "./settings.js";

describe("random models are what their circuits prove", () => {
  it.each(BATCHES)("from seed %i", async (seed) => {
    await fc.assert(fc.asyncProperty(recipes(), checkCircuits), { seed, numRuns: BATCH });
  });
});

async function checkCircuits(recipe: Recipe): Promise<void> {
  const model = modelOf(recipe);
  const bytes = buildModel(model.spec);
  const graph = await parseModel(bytes, "random model");
  const [sample] = samplesOf(model, 1, recipe.seed);
  const { ranges } = await calibrate(bytes, graph, [sample]);
  const { program } = quantizeGraph(graph, ranges, recipe.seed % 2 === 0 ? WIDE_QUANTIZE : DEFAULT_QUANTIZE);
  const intervals = validateProgram(program);
  const inputs = [quantizeSample(program, sample).inputs, ...wildInputs(program, new Draw(recipe.seed))];
  for (const protocol of PROTOCOLS) {
    await assertProven(program, intervals, protocol, inputs).catch((cause: unknown) => {
      throw new Error(describeModel(model), { cause });
    });
  }
}
