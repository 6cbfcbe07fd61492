/** Values that are integers by nature: comparisons of them must come out as they do in floats. */
import { describe, expect, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { evaluate } from "../../src/quantize/evaluate.js";
import { WIDE_QUANTIZE } from "../../src/quantize/precision.js";
import { quantizeGraph } from "../../src/quantize/quantize.js";
import type { Sample } from "../../src/samples/samples.js";
import { Draw } from "../program/seeded.js";
import { buildModel, type ModelSpec } from "../support/onnxBuilder.js";

/** Greatest distance from onnxruntime over the samples that the model was calibrated with. */
async function worstError(spec: ModelSpec, samples: readonly Sample[]): Promise<number> {
  const bytes = buildModel(spec);
  const graph = await parseModel(bytes, "test.onnx");
  const { program } = quantizeGraph(graph, (await calibrate(bytes, graph, samples)).ranges, WIDE_QUANTIZE);
  const { outputs } = await evaluate(bytes, graph, program, samples, undefined);
  return Math.max(...outputs.map(({ max }) => max));
}

function drawn(seed: number, length: number, low: number, high: number): Sample[] {
  const draw = new Draw(seed);
  return draw.list(12, () => [Float32Array.from({ length }, () => draw.real(low, high))]);
}

describe("integers", () => {
  it("reach an exact equality through a sum of comparisons, as compilers of trees write it", async () => {
    const spec: ModelSpec = {
      inputs: [{ name: "x", shape: [1, 3] }],
      outputs: [{ name: "y" }],
      initializers: [
        { name: "t", dims: [3], data: [0.1, -0.2, 0.3] },
        { name: "paths", dims: [3, 4], data: [1, 1, -1, -1, 1, -1, 0, 0, 0, 0, 1, -1] },
        { name: "counts", dims: [4], data: [2, 1, 0, -1] },
        { name: "leaves", dims: [4, 2], data: [0.25, 0.75, 0.5, 0.5, 1, 0, 0.125, 0.875] },
      ],
      nodes: [
        { op: "LessOrEqual", inputs: ["x", "t"], outputs: ["c"] },
        { op: "Cast", inputs: ["c"], outputs: ["f"], attributes: { to: { int: 1 } } },
        { op: "MatMul", inputs: ["f", "paths"], outputs: ["s"] },
        { op: "Equal", inputs: ["s", "counts"], outputs: ["e"] },
        { op: "Cast", inputs: ["e"], outputs: ["g"], attributes: { to: { int: 1 } } },
        { op: "MatMul", inputs: ["g", "leaves"], outputs: ["y"] },
      ],
    };
    expect(await worstError(spec, drawn(3, 3, -1, 1))).toBeLessThan(1e-3);
  });

  it("of a quantized model stay above the zero point after ReLU", async () => {
    const spec: ModelSpec = {
      inputs: [{ name: "x", shape: [1, 4] }],
      outputs: [{ name: "y" }],
      initializers: [
        { name: "w", dims: [4, 3], data: [0.5, -0.25, 1, -1, 0.75, 0.5, 0.25, 0.5, -0.5, 1, -0.75, 0.25] },
        { name: "s", dims: [], data: [0.02] },
        { name: "z", dims: [], data: [100], type: "uint8" },
      ],
      nodes: [
        { op: "MatMul", inputs: ["x", "w"], outputs: ["m"] },
        { op: "Relu", inputs: ["m"], outputs: ["r"] },
        { op: "QuantizeLinear", inputs: ["r", "s", "z"], outputs: ["q"] },
        { op: "DequantizeLinear", inputs: ["q", "s", "z"], outputs: ["y"] },
      ],
    };
    expect(await worstError(spec, drawn(5, 4, -1, 1))).toBeLessThan(0.021);
  });
});
