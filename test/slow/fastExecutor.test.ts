/** The fast executor against the reference on large models: every committed tensor, bit for bit. */
import { expect, it } from "vitest";
import { gpt2BlockModel, gpt2BlockSamples } from "../../bench/models/gpt2Block.js";
import { resnet50Model, resnet50Samples } from "../../bench/models/resnet50.js";
import { parseModel } from "../../src/onnx/read.js";
import type { Program } from "../../src/program/types.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { quantizeGraph } from "../../src/quantize/quantize.js";
import { difference, drawnInputs } from "../fast/compare.js";
import { Draw } from "../program/seeded.js";

const MODELS = [
  ["ResNet-50", resnet50Model, resnet50Samples],
  ["a block of GPT-2", gpt2BlockModel, gpt2BlockSamples],
] as const;

async function quantized(model: Uint8Array, samples: readonly Float32Array[]): Promise<Program> {
  const graph = await parseModel(model, "model");
  const { ranges } = await calibrate(model, graph, samples.map((sample) => [Float64Array.from(sample)]));
  return quantizeGraph(graph, ranges).program;
}

it.each(MODELS)("%s", async (_, model, samples) => {
  const program = await quantized(model(), samples(1));
  const draw = new Draw(1);
  // Half of the values are ends of the range or next to them: much saturates.
  expect(await difference(program, drawnInputs(draw, program), program, { threads: 2 })).toBeUndefined();
}, 900_000);
