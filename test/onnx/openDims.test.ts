/** Sizes of open dims, from how much the user feeds the model. */
import { expect, it } from "vitest";
import { type ElementCount, openShapes } from "../../src/onnx/openDims.js";
import { buildModel, type ValueSpec } from "../support/onnxBuilder.js";

function shapesOf(inputs: readonly ValueSpec[], counts: readonly (number | undefined)[], given: Readonly<Record<string, readonly number[]>> = {}): Record<string, readonly number[]> {
  const bytes = buildModel({ inputs, outputs: [{ name: "y" }], nodes: [{ op: "Relu", inputs: [inputs[0].name], outputs: ["y"] }] });
  const count: ElementCount = (_, position) => counts[position];
  return Object.fromEntries(openShapes(bytes, new Map(Object.entries(given)), count));
}

const x = (...shape: (number | string | null)[]): ValueSpec => ({ name: "x", shape });
const z = (...shape: (number | string | null)[]): ValueSpec => ({ name: "z", shape });

it("is the batch that the elements make", () => {
  expect(shapesOf([x("batch_size", 3)], [9])).toEqual({ x: [3, 3] });
  expect(shapesOf([x(null, 2, 8)], [32])).toEqual({ x: [2, 2, 8] });
});

it("is nothing for a batch of 1, closed shapes, counts that do not fit and inputs without values", () => {
  for (const count of [3, 4, 0, undefined]) expect(shapesOf([x("N", 3)], [count])).toEqual({});
  expect(shapesOf([x(1, 3)], [6])).toEqual({});
});

it("is another dim, with a batch of 1 beside it", () => {
  expect(shapesOf([x("N", "length", 4)], [20])).toEqual({ x: [1, 5, 4] });
  expect(shapesOf([x("length", 1, 4)], [20])).toEqual({ x: [5, 1, 4] });
  expect(shapesOf([x("N", 1, "h", "w")], [64])).toEqual({});
  expect(shapesOf([x(1, "n", "n")], [9])).toEqual({ x: [1, 3, 3] });
});

it("is one size wherever one name stands", () => {
  expect(shapesOf([x("N", "t"), z("N", "t", 3)], [5, undefined])).toEqual({ x: [1, 5], z: [1, 5, 3] });
  expect(shapesOf([x("N", "t"), z("N", 2)], [12, 8])).toEqual({ x: [4, 3], z: [4, 2] });
});

it("is what the user says where that is said", () => {
  expect(shapesOf([x("N", "t", 4)], [40], { x: [2, 5, 4] })).toEqual({ x: [2, 5, 4] });
  expect(shapesOf([x("N", "t"), z("t", 2)], [6, undefined], { x: [1, 6] })).toEqual({ x: [1, 6], z: [6, 2] });
});

it("leaves a damaged file to the reader", () => {
  expect(openShapes(Uint8Array.of(255, 1, 2), new Map(), () => 1).size).toBe(0);
});
