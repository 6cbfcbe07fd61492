/** Integers, booleans, scalars and models without inputs go the whole way to the contract. */
import { afterAll, expect, it } from "vitest";
import { buildModel } from "../support/onnxBuilder.js";
import { type Json, Workplace } from "./command.js";

const workplace = new Workplace();
afterAll(() => workplace.remove());

/** Proves, verifies on chain, and gives the outputs' values by name. */
async function proven(name: string, model: Uint8Array, input: Json): Promise<Record<string, readonly number[]>> {
  const onnx = workplace.write(`${name}.onnx`, model);
  const report = await workplace.report(["prove", onnx, "--input", workplace.json(`${name}.json`, input), "-o", name]);
  const verdict = await workplace.report(["verify", name, "--chain"]);
  expect(verdict.valid).toBe(true);
  return Object.fromEntries(Object.entries(report.outputs as Record<string, { dequantized: number[] }>).map(([key, { dequantized }]) => [key, dequantized]));
}

it("integer and boolean inputs, an integer output", async () => {
  const model = buildModel({
    inputs: [{ name: "ids", shape: [1, 4], type: "int64" }, { name: "flag", shape: [1, 4], type: "bool" }],
    outputs: [{ name: "y", type: "int64" }],
    initializers: [{ name: "two", dims: [], data: [2n], type: "int64" }],
    nodes: [{ op: "Mul", inputs: ["ids", "two"], outputs: ["d"] }, { op: "Where", inputs: ["flag", "d", "ids"], outputs: ["y"] }],
  });
  expect(await proven("integers", model, { ids: [[0, 3, -5, 1]], flag: [[true, false, true, false]] })).toEqual({ y: [0, 3, -10, 1] });
});

it("integers beyond 32 bits", async () => {
  const model = buildModel({
    inputs: [{ name: "n", shape: [2], type: "int64" }],
    outputs: [{ name: "y", type: "int64" }],
    nodes: [{ op: "Mul", inputs: ["n", "n"], outputs: ["y"] }],
  });
  expect(await proven("squares", model, { n: [-123_456, 90_001] })).toEqual({ y: [123_456 ** 2, 90_001 ** 2] });
});

it("a scalar output", async () => {
  const model = buildModel({
    inputs: [{ name: "x", shape: [1, 3] }],
    outputs: [{ name: "y" }],
    nodes: [{ op: "ReduceSum", inputs: ["x"], outputs: ["y"], attributes: { keepdims: { int: 0 } } }],
  });
  const { y } = await proven("scalar", model, { x: [[1, 2, 4]] });
  expect(y).toHaveLength(1);
  expect(y[0]).toBeCloseTo(7, 2);
});

it("a model without inputs", async () => {
  const model = buildModel({
    inputs: [],
    outputs: [{ name: "y" }],
    initializers: [{ name: "a", dims: [2], data: [1, -2.5] }],
    nodes: [{ op: "Exp", inputs: ["a"], outputs: ["y"] }],
  });
  const { y } = await proven("constant", model, {});
  expect(y[0]).toBeCloseTo(Math.E, 3);
  expect(y[1]).toBeCloseTo(Math.exp(-2.5), 3);
});
