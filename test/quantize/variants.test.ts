/** A variant quantized with its base's decisions: the same program but for committed weights, and as faithful as the base. */
import { describe, expect, it } from "vitest";
import { elementCount } from "../../src/math/shape.js";
import { parseModel } from "../../src/onnx/read.js";
import { commitProgram, encodeProgram } from "../../src/program/encoding.js";
import { validateProgram } from "../../src/program/validate.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { quantizePrecisely } from "../../src/quantize/choosePrecision.js";
import { DEFAULT_PRECISION } from "../../src/quantize/precision.js";
import { type QuantizationRecord, quantizeLike, recordOf } from "../../src/quantize/record.js";
import { Draw } from "../program/seeded.js";
import { buildModel, type ModelSpec } from "../support/onnxBuilder.js";
import { randomGraph } from "./randomGraph.js";

const SEEDS = Array.from({ length: 24 }, (_, i) => 6200 + i);

/** Every weight moved by up to five percent. */
function tuned(spec: ModelSpec, draw: Draw): ModelSpec {
  const initializers = (spec.initializers ?? []).map((tensor) =>
    (tensor.type ?? "float") === "float" ? { ...tensor, data: Array.from(tensor.data, (value) => Number(value) * (1 + draw.integer(-50, 50) / 1000)) } : tensor,
  );
  return { ...spec, initializers };
}

async function baseOf(bytes: Uint8Array, draw: Draw, spec: ModelSpec): Promise<{ readonly commitment: ReturnType<typeof commitProgram>; readonly record: QuantizationRecord; readonly committed: Uint8Array }> {
  const graph = await parseModel(bytes, "base.onnx");
  const sample = spec.inputs.map(({ shape }) => Float32Array.from({ length: elementCount(shape as number[]) }, () => draw.integer(-1000, 1000) / 500));
  const calibration = await calibrate(bytes, graph, [sample]);
  const { program, options, decisions } = quantizePrecisely(graph, calibration, DEFAULT_PRECISION, "committed");
  const record = recordOf(graph, { kind: "file", samples: 1 }, options, calibration.ranges, decisions);
  // As it stands in a file.
  return { commitment: commitProgram(program), committed: encodeProgram(program).committed, record: JSON.parse(JSON.stringify(record)) as QuantizationRecord };
}

/** "no weights" where the model has none; else whether the variant is the base's program, and whether its weights are its own. */
async function outcome(seed: number): Promise<string> {
  const draw = new Draw(seed);
  const { spec } = randomGraph(draw);
  const bytes = buildModel(spec);
  try {
    const { commitment, committed, record } = await baseOf(bytes, draw, spec);
    const again = quantizeLike(await parseModel(bytes, "again.onnx"), record).result.program;
    expect(commitProgram(again)).toEqual(commitment);
    expect(encodeProgram(again).committed).toEqual(committed);
    const variant = quantizeLike(await parseModel(buildModel(tuned(spec, draw)), "variant.onnx"), record).result.program;
    validateProgram(variant);
    if (commitProgram(variant).structure !== commitment.structure) return "another program";
    return Buffer.compare(encodeProgram(variant).committed, committed) === 0 ? "the same weights" : "a variant";
  } catch (error) {
    if (error instanceof Error && /no weights to commit|no variant of the base/.test(error.message)) return error.message;
    throw error;
  }
}

describe("random models with moved weights", () => {
  it("become variants of the base's program", async () => {
    const outcomes = [];
    for (const seed of SEEDS) outcomes.push(await outcome(seed));
    const withWeights = outcomes.filter((text) => !text.startsWith("there are no weights"));
    expect(withWeights.length).toBeGreaterThan(15);
    expect(withWeights.filter((text) => text !== "a variant")).toEqual([]);
  });
});
