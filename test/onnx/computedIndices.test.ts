/** Positions that the model computes. */
import { describe, it } from "vitest";
import { expectSameAsRuntime } from "./differential.js";
import { constant, nodeModel } from "./nodeModel.js";

describe("ScatterElements at computed positions", () => {
  const model = (indices: readonly number[], axis: number, data = [2, 4, 3]): Uint8Array =>
    nodeModel("ScatterElements", { operands: [data, { shape: indices, type: "int64" }, indices], attributes: { axis: { int: axis } } });

  it("writes into the corner that the indices cover", async () => {
    await expectSameAsRuntime(model([1, 2, 2], 1), { inputs: { x1: [0, 3, 2, 1] } });
    await expectSameAsRuntime(model([2, 1, 3], 1), { inputs: { x1: [3, 0, -1, 1, 2, 0] } });
    await expectSameAsRuntime(model([1, 3, 2], 2), { inputs: { x1: [0, 1, 2, 0, 1, 2] } });
  });

  it("keeps the last of several updates at one position", async () => {
    await expectSameAsRuntime(model([2, 4, 3], 1), { inputs: { x1: [0, 1, 2, 0, 1, 2, 1, 1, 3, 0, 0, 2, 3, 3, 3, 3, 0, 3, 3, 1, 3, 3, 2, 3] } });
    await expectSameAsRuntime(model([5], 0, [6]), { inputs: { x1: [4, 4, 1, 4, 1] } });
  });
});

it("ArrayFeatureExtractor takes the label of a computed class", async () => {
  const model = (operand: readonly number[] | ReturnType<typeof constant>): Uint8Array =>
    nodeModel("ArrayFeatureExtractor", { operands: [operand, { shape: [1, 3], type: "int64" }], domain: "ai.onnx.ml", domainVersion: 1 });
  await expectSameAsRuntime(model(constant([7, -3, 12, 5])), { inputs: { x1: [2, 0, 3] } });
  await expectSameAsRuntime(model([2, 4]), { inputs: { x1: [1, 1, 0] } });
});
