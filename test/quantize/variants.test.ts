/** A variant quantized with its base's decisions: the same program but for committed weights, and as faithful as the base. */
import { describe, expect, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import { encodeProgram } from "../../src/program/encoding.js";
import { commitProgram } from "../../src/program/steps/index.js";
import { validateProgram } from "../../src/program/validate.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { quantizePrecisely } from "../../src/quantize/choosePrecision.js";
import { DEFAULT_PRECISION } from "../../src/quantize/precision.js";
import { type QuantizationRecord, quantizeLike, recordOf } from "../../src/quantize/record.js";
import type { Sample } from "../../src/samples/samples.js";
import { samplesOf } from "../fuzz/recipe.js";
import { weightedModel } from "../fuzz/weighted.js";
import { Draw } from "../program/seeded.js";
import { buildModel, type ModelSpec, type TensorSpec } from "../support/onnxBuilder.js";

const SEEDS = Array.from({ length: 24 }, (_, i) => 6240 + i);

/** Every weight moved by up to five percent; a single number may be a scale, which no variant changes. */
function tuned(spec: ModelSpec, draw: Draw): ModelSpec {
  const initializers = (spec.initializers ?? []).map((tensor) =>
    (tensor.type ?? "float") === "float" && tensor.data.length > 1 ? { ...tensor, data: Array.from(tensor.data, (value) => Number(value) * (1 + draw.integer(-50, 50) / 1000)) } : tensor,
  );
  return { ...spec, initializers };
}

async function baseOf(bytes: Uint8Array, samples: readonly Sample[]): Promise<{ readonly commitment: ReturnType<typeof commitProgram>; readonly record: QuantizationRecord; readonly committed: Uint8Array }> {
  const graph = await parseModel(bytes, "base.onnx");
  const calibration = await calibrate(bytes, graph, samples);
  const { program, options, decisions } = await quantizePrecisely(graph, calibration, DEFAULT_PRECISION, { weights: "committed" });
  const record = recordOf(graph, { kind: "file", samples: samples.length }, options, calibration.ranges, decisions);
  // As it stands in a file.
  return { commitment: commitProgram(program), committed: encodeProgram(program).committed, record: JSON.parse(JSON.stringify(record)) as QuantizationRecord };
}

/** "no weights" where the model has none; else whether the variant is the base's program, and whether its weights are its own. */
async function outcome(draw: Draw, spec: ModelSpec, samples: readonly Sample[]): Promise<string> {
  const bytes = buildModel(spec);
  try {
    const { commitment, committed, record } = await baseOf(bytes, samples);
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
    for (const seed of SEEDS) {
      const model = weightedModel(seed);
      outcomes.push(await outcome(new Draw(seed), model.spec, samplesOf(model, 1, seed)));
    }
    const withWeights = outcomes.filter((text) => !text.startsWith("there are no weights"));
    expect(withWeights.filter((text) => text === "a variant").length).toBeGreaterThan(15);
    // Some have weights of one element only, which were not moved.
    expect(withWeights.filter((text) => text !== "a variant" && text !== "the same weights")).toEqual([]);
  });
});

describe("models of columns of different size", () => {
  const SIZES = [80_000, 90, 0.4, 1];
  const row = (name: string, data: readonly number[], dims: readonly number[] = [1, 4]): TensorSpec => ({ name, dims, data });
  const models: Readonly<Record<string, Pick<ModelSpec, "nodes" | "initializers">>> = {
    standardized: {
      nodes: [
        { op: "Sub", inputs: ["x", "mean"], outputs: ["c"] }, { op: "Div", inputs: ["c", "deviation"], outputs: ["s"] }, { op: "MatMul", inputs: ["s", "w"], outputs: ["y"] },
      ],
      initializers: [row("mean", [40_000, 45, 0.2, 0.5]), row("deviation", [20_000, 20, 0.1, 0.5]), row("w", [0.8, -1.1, 0.9, 0.4], [4, 1])],
    },
    linear: {
      nodes: [{ op: "Gemm", inputs: ["x", "w"], outputs: ["y"] }],
      initializers: [row("w", [4e-5, -0.05, 9, 0.8], [4, 1])],
    },
  };

  it.each(Object.entries(models))("have variants: %s", async (_, model) => {
    const draw = new Draw(6300);
    const samples = draw.list(8, () => [Float32Array.from(SIZES, (size) => draw.real(0, size))]);
    expect(await outcome(draw, { ...model, inputs: [{ name: "x", shape: [1, 4] }], outputs: [{ name: "y" }] }, samples)).toBe("a variant");
  });
});

it("factors of 1 and -1 may become others", async () => {
  const draw = new Draw(6301);
  const model: ModelSpec = {
    inputs: [{ name: "x", shape: [1, 1, 4] }],
    outputs: [{ name: "y" }],
    nodes: [{ op: "Mul", inputs: ["x", "factors"], outputs: ["y"] }],
    initializers: [{ name: "factors", dims: [1, 1, 4], data: [1, -1, 1, -1] }],
  };
  // Integers at scale 1, which the base's factors keep: its program must not say so.
  const samples = [[12000, -12000, 50, 3], [7, 8000, -9000, -1]].map((values) => [Float32Array.from(values)]);
  expect(await outcome(draw, model, samples)).not.toBe("another program");
});
