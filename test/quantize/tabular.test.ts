/** Rows of features whose columns are quantities of quite different size, as scikit-learn's models take them. */
import { expect, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import { validateProgram } from "../../src/program/validate.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { quantizePrecisely } from "../../src/quantize/choosePrecision.js";
import { DEFAULT_PRECISION } from "../../src/quantize/precision.js";
import { Draw } from "../program/seeded.js";
import { buildModel, type NodeSpec, type TensorSpec } from "../support/onnxBuilder.js";

/** Income, age, a rate, a flag. */
const SIZES = [80_000, 90, 0.4, 1];
const MEANS = [40_000, 45, 0.2, 0.5];
const DEVIATIONS = [20_000, 20, 0.1, 0.5];
const WEIGHTS = [0.8, -1.1, 0.9, 0.4];

const constant = (name: string, data: readonly number[], dims: readonly number[] = [1, 4]): TensorSpec => ({ name, dims, data });

async function worstError(nodes: readonly NodeSpec[], initializers: readonly TensorSpec[]): Promise<{ error: number; type: string }> {
  const bytes = buildModel({ inputs: [{ name: "x", shape: [1, 4] }], outputs: [{ name: "y" }], initializers, nodes });
  const draw = new Draw(5);
  const samples = draw.list(20, () => [Float32Array.from(SIZES, (size) => draw.real(0, size))]);
  const graph = await parseModel(bytes, "model");
  const { program, fidelity } = await quantizePrecisely(graph, await calibrate(bytes, graph, samples), DEFAULT_PRECISION);
  validateProgram(program);
  return { error: fidelity.outputs[0].errorOfRange, type: program.tensors[program.inputs[0].tensor].type };
}

it("are standardized without losing the small columns", async () => {
  const nodes: NodeSpec[] = [
    { op: "Sub", inputs: ["x", "mean"], outputs: ["c"] }, { op: "Div", inputs: ["c", "deviation"], outputs: ["s"] }, { op: "MatMul", inputs: ["s", "w"], outputs: ["y"] },
  ];
  const { error, type } = await worstError(nodes, [constant("mean", MEANS), constant("deviation", DEVIATIONS), constant("w", WEIGHTS, [4, 1])]);
  expect(type).toBe("i32");
  expect(error).toBeLessThan(0.05);
});

it("are multiplied by weights of as different size", async () => {
  const weights = WEIGHTS.map((weight, i) => weight / DEVIATIONS[i]);
  const { error } = await worstError([{ op: "Gemm", inputs: ["x", "w"], outputs: ["y"] }], [constant("w", weights, [4, 1])]);
  expect(error).toBeLessThan(0.1);
});

it("are compared with thresholds, each column at its own precision", async () => {
  // 1 where the rate exceeds 0.2, whatever the income.
  const nodes: NodeSpec[] = [
    { op: "Gather", inputs: ["x", "rate"], outputs: ["r"], attributes: { axis: { int: 1 } } },
    { op: "Greater", inputs: ["r", "threshold"], outputs: ["b"] },
    { op: "Cast", inputs: ["b"], outputs: ["y"], attributes: { to: { int: 1 } } },
  ];
  const { error } = await worstError(nodes, [{ name: "rate", dims: [1], data: [2n], type: "int64" }, constant("threshold", [0.2], [])]);
  expect(error).toBe(0);
});
