/** Reductions, selection and Softmax, against onnxruntime. */
import { describe, expect, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import { type Comparison, expectSameAsRuntime } from "./differential.js";
import { constant, nodeModel, type NodeModelSpec } from "./nodeModel.js";

const SHAPE = [2, 3, 4];
/** Equal elements within each axis. */
const TIES: Comparison = { inputs: { x0: [1, 3, 3, 2, 0, 3, 1, 1, 5, 5, 0, 5, -1, -1, -1, -1, 2, 7, 7, 0, 4, 4, 4, 9] } };

async function same(op: string, spec: NodeModelSpec, comparison?: Comparison): Promise<void> {
  await expectSameAsRuntime(nodeModel(op, spec), comparison);
}

describe.each(["ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare"])("%s", (op) => {
  const range: Comparison = { range: op === "ReduceLogSum" ? [0.1, 2] : [-3, 3] };
  it.each([[[1]], [[-1]], [[0, 2]], [undefined]])("over axes %j, as attribute and operand", async (axes) => {
    for (const keep of [0, 1]) {
      const keepdims = { int: keep };
      await same(op, { operands: [SHAPE], attributes: { keepdims, ...(axes && { axes: { ints: axes } }) }, opset: 13 }, range);
      await same(op, { operands: [SHAPE, ...(axes ? [constant(axes, [axes.length], "int64")] : [])], attributes: { keepdims }, opset: 18 }, range);
    }
  });

  it("refuses an axis outside", async () => {
    const bytes = nodeModel(op, { operands: [SHAPE], attributes: { axes: { ints: [3] } }, opset: 13 });
    await expect(parseModel(bytes, "m")).rejects.toMatchObject({ code: "ONNX_SHAPE", where: 'node "n"' });
  });
});

it("ReduceLogSumExp of large numbers does not overflow", async () => {
  await same("ReduceLogSumExp", { operands: [[1, 3]], opset: 18 }, { inputs: { x0: [1000, 1001, 999] } });
});

it("ReduceL1, ReduceL2 and ReduceSumSquare of integers", async () => {
  for (const op of ["ReduceL1", "ReduceL2", "ReduceSumSquare"]) await same(op, { operands: [{ shape: SHAPE, type: "int32" }], opset: 18 });
});

describe.each(["ArgMax", "ArgMin"])("%s", (op) => {
  it.each([undefined, 0, 1, 2, -2])("along axis %s, ties to the first or last", async (axis) => {
    for (const [keepdims, last] of [[0, 0], [1, 0], [1, 1], [0, 1]]) {
      const attributes = { keepdims: { int: keepdims }, select_last_index: { int: last }, ...(axis !== undefined && { axis: { int: axis } }) };
      await same(op, { operands: [SHAPE], attributes }, TIES);
    }
  });

  it("of integers, and an axis outside", async () => {
    await same(op, { operands: [{ shape: SHAPE, type: "int32" }], attributes: { axis: { int: 1 } } });
    await expect(parseModel(nodeModel(op, { operands: [SHAPE], attributes: { axis: { int: 3 } } }), "m")).rejects.toMatchObject({ code: "ONNX_SHAPE" });
  });
});

describe("TopK", () => {
  const k = (count: number): NodeModelSpec["operands"][number] => constant([count], [1], "int64");
  it.each([[-1, 2], [0, 1], [1, 3], [2, 4]])("along axis %i, %i elements", async (axis, count) => {
    for (const largest of [0, 1]) {
      const attributes = { axis: { int: axis }, largest: { int: largest }, sorted: { int: 1 } };
      await same("TopK", { operands: [SHAPE, k(count)], attributes, outputs: 2 });
      await same("TopK", { operands: [SHAPE, k(count)], attributes, outputs: 2 }, TIES);
    }
  });

  it("with k as an attribute, of integers, with one output used", async () => {
    await expect(parseModel(nodeModel("TopK", { operands: [SHAPE], attributes: { k: { int: 2 } }, outputs: 2, opset: 9 }), "m")).resolves.toBeDefined();
    await same("TopK", { operands: [{ shape: SHAPE, type: "int64" }, k(2)], outputs: 2 });
    expect((await parseModel(nodeModel("TopK", { operands: [SHAPE, k(2)], outputs: ["y", ""] }), "m")).nodes).toHaveLength(1);
  });

  it.each([[0, "ONNX_SHAPE"], [5, "ONNX_SHAPE"], [-1, "ONNX_SHAPE"]])("refuses k = %i", async (count, code) => {
    await expect(parseModel(nodeModel("TopK", { operands: [SHAPE, k(count)], outputs: 2 }), "m")).rejects.toMatchObject({ code, where: 'node "n"' });
  });
});

describe.each(["Softmax", "LogSoftmax", "Hardmax"])("%s", (op) => {
  it.each([[13, undefined], [13, 0], [13, 1], [13, -1], [17, -2], [11, undefined], [11, 0], [11, 2], [7, 1]])("of opset %i along axis %s", async (opset, axis) => {
    const attributes: NodeModelSpec["attributes"] = axis === undefined ? {} : { axis: { int: axis } };
    await same(op, { operands: [SHAPE], attributes, opset }, { range: [-4, 4] });
    if (op === "Hardmax") await same(op, { operands: [SHAPE], attributes, opset }, TIES);
  });

  it("of large numbers, and an axis outside", async () => {
    await same(op, { operands: [[2, 4]] }, { inputs: { x0: [0, 1, 2, 3, 10000, 10001, 10002, 10003] } });
    await expect(parseModel(nodeModel(op, { operands: [SHAPE], attributes: { axis: { int: 3 } } }), "m")).rejects.toMatchObject({ code: "ONNX_SHAPE", where: 'node "n"' });
  });
});
