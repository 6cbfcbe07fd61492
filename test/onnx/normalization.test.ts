/** Normalization, against onnxruntime. */
import { describe, expect, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import { buildModel } from "../support/onnxBuilder.js";
import { type Comparison, expectSameAsRuntime } from "./differential.js";
import { floats, nodeModel, type NodeModelSpec } from "./nodeModel.js";

const SHAPE = [2, 4, 3, 5];

async function same(op: string, spec: NodeModelSpec, comparison: Comparison = { range: [-2, 3] }): Promise<void> {
  await expectSameAsRuntime(nodeModel(op, spec), comparison);
}

async function refused(op: string, spec: NodeModelSpec, code: string): Promise<void> {
  await expect(parseModel(nodeModel(op, spec), "m")).rejects.toMatchObject({ code, where: 'node "n"' });
}

describe("LayerNormalization", () => {
  it.each([-1, 1, 2, 0, -2])("from axis %i on, all outputs", async (axis) => {
    const scale = floats(SHAPE.slice(axis), 3);
    const attributes = { axis: { int: axis }, epsilon: { float: 1e-2 } };
    await same("LayerNormalization", { operands: [SHAPE, scale, floats(SHAPE.slice(axis), 4)], attributes, outputs: 3 });
    await same("LayerNormalization", { operands: [SHAPE, scale], attributes });
  });

  it("with computed parameters; refuses parameters that do not broadcast", async () => {
    await same("LayerNormalization", { operands: [SHAPE, [5], [5]] });
    await refused("LayerNormalization", { operands: [SHAPE, floats([7])] }, "ONNX_SHAPE");
    await refused("LayerNormalization", { operands: [SHAPE, floats([5])], attributes: { axis: { int: 4 } } }, "ONNX_SHAPE");
    await refused("LayerNormalization", { operands: [SHAPE, floats([5])], attributes: { epsilon: { float: -1 } } }, "ONNX_MALFORMED");
  });

  it("RMSNormalization and SimplifiedLayerNormalization", async () => {
    await same("RMSNormalization", { operands: [SHAPE, floats([5])], opset: 23, attributes: { axis: { int: -1 }, epsilon: { float: 1e-3 } } });
    await same("SimplifiedLayerNormalization", { operands: [SHAPE, floats([5])], attributes: { axis: { int: -1 }, epsilon: { float: 1e-3 } } });
  });
});

describe("channels and groups", () => {
  it("BatchNormalization of a constant", async () => {
    const vectors = [1, 2, 3, 4].map((i) => ({ name: `c${i}`, dims: [3], data: [0.5, 1, i] }));
    const nodes = [
      { op: "EyeLike", inputs: ["x"], outputs: ["e"] },
      { op: "BatchNormalization", inputs: ["e", ...vectors.map(({ name }) => name)], outputs: ["y"] },
    ];
    await expectSameAsRuntime(buildModel({ inputs: [{ name: "x", shape: [2, 3] }], outputs: [{ name: "y" }], initializers: vectors, nodes }));
  });

  it("InstanceNormalization", async () => {
    for (const shape of [SHAPE, [1, 4, 7], [1, 4, 2, 3, 2]]) {
      await same("InstanceNormalization", { operands: [shape, floats([4]), floats([4], 2)] });
      await same("InstanceNormalization", { operands: [shape, floats([4]), floats([4], 2)], attributes: { epsilon: { float: 0.1 } } });
    }
    await refused("InstanceNormalization", { operands: [SHAPE, floats([3]), floats([4])] }, "ONNX_SHAPE");
  });

  it.each([[18, 2], [21, 4]])("GroupNormalization of opset %i", async (opset, parameters) => {
    const operands = [SHAPE, floats([parameters]), floats([parameters], 2)];
    await same("GroupNormalization", { operands, attributes: { num_groups: { int: 2 }, epsilon: { float: 1e-3 } }, opset });
    await refused("GroupNormalization", { operands, attributes: { num_groups: { int: 3 } }, opset }, "ONNX_SHAPE");
    await refused("GroupNormalization", { operands, opset }, "ONNX_SHAPE");
  });

  it("MeanVarianceNormalization", async () => {
    await same("MeanVarianceNormalization", { operands: [SHAPE] });
    await same("MeanVarianceNormalization", { operands: [SHAPE], attributes: { axes: { ints: [0, 1, 2, 3] } } });
    await refused("MeanVarianceNormalization", { operands: [[2, 3]] }, "ONNX_SHAPE");
  });
});

describe("LRN and LpNormalization", () => {
  it.each([1, 2, 3, 5])("LRN over %i channels", async (size) => {
    const attributes = { size: { int: size }, alpha: { float: 0.5 }, beta: { float: 0.6 }, bias: { float: 1.2 } };
    // onnxruntime takes odd sizes alone.
    if (size % 2 === 1) await same("LRN", { operands: [SHAPE], attributes });
    else await expect(parseModel(nodeModel("LRN", { operands: [SHAPE], attributes }), "m")).resolves.toBeDefined();
  });

  it.each([[1, -1], [2, -1], [2, 1], [1, 0]])("LpNormalization, p = %i, axis %i", async (p, axis) => {
    await same("LpNormalization", { operands: [SHAPE], attributes: { p: { int: p }, axis: { int: axis } } });
  });

  it("refuses malformed attributes", async () => {
    await refused("LRN", { operands: [SHAPE] }, "ONNX_MALFORMED");
    await refused("LpNormalization", { operands: [SHAPE], attributes: { p: { int: 3 } } }, "ONNX_MALFORMED");
    await refused("LpNormalization", { operands: [SHAPE], attributes: { axis: { int: 9 } } }, "ONNX_SHAPE");
  });
});
