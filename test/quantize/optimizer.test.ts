/**
 * onnxruntime's graph optimizer (1.30) computes something else than the model for some patterns, and crashes the process on
 * one: its fusion of MatMul and BatchNormalization looks through any Transpose between them. The float yardstick must be the
 * model. Alone in a file, because the crash takes the test worker with it.
 */
import { describe, expect, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import { FloatModel } from "../../src/onnx/runtime.js";
import { buildModel } from "../support/onnxBuilder.js";
import { COARSE, compare } from "./compare.js";

function fused(permutation: readonly number[], outputs: readonly string[]): Uint8Array {
  const vector = (name: string, data: readonly number[]): { name: string; dims: number[]; data: readonly number[] } => ({ name, dims: [2], data });
  return buildModel({
    inputs: [{ name: "x", shape: [2, 2] }],
    outputs: outputs.map((name) => ({ name })),
    initializers: [
      { name: "w", dims: [2, 2], data: [1, 0, 0, 1] }, vector("scale", [10, 100]), vector("shift", [0, 0]), vector("mean", [0, 0]), vector("variance", [1, 1]),
    ],
    nodes: [
      { op: "MatMul", name: "matmul", inputs: ["x", "w"], outputs: ["m"] },
      { op: "Transpose", name: "transpose", inputs: ["m"], outputs: ["t"], attributes: { perm: { ints: permutation } } },
      { op: "BatchNormalization", name: "norm", inputs: ["t", "scale", "shift", "mean", "variance"], outputs: ["y"], attributes: { epsilon: { float: 0 } } },
    ],
  });
}

describe("MatMul, Transpose, BatchNormalization", () => {
  it.each([
    ["y alone", [1, 0], ["y"], [[10, 300, 20, 400]]],
    ["y alone, nothing moved", [0, 1], ["y"], [[10, 200, 30, 400]]],
    ["the transposed value too", [1, 0], ["y", "t"], [[10, 300, 20, 400], [1, 3, 2, 4]]],
  ])("%s", async (_, permutation, outputs, expected) => {
    const bytes = fused(permutation, outputs);
    const graph = await parseModel(bytes, "m");
    const model = await FloatModel.load(bytes, graph.inputs, outputs);
    const results = await model.run([Float32Array.of(1, 2, 3, 4)]);
    await model.close();
    expect(results.map(({ data }) => [...data])).toEqual(expected);
    const [{ worst }] = await compare(bytes, [COARSE]);
    expect(worst).toBeLessThan(1);
  });
});
