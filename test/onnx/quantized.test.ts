/** Quantized models, against onnxruntime. Inputs keep away from halves, which ONNX rounds to the even integer. */
import { describe, expect, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import { buildModel, type NodeSpec, type TensorSpec, type TypeName } from "../support/onnxBuilder.js";
import { type Comparison, expectSameAsRuntime } from "./differential.js";
import { constant, floats, nodeModel, type NodeModelSpec, type OperandSpec } from "./nodeModel.js";

async function same(op: string, spec: NodeModelSpec, comparison?: Comparison): Promise<void> {
  await expectSameAsRuntime(nodeModel(op, spec), comparison);
}

async function refused(op: string, spec: NodeModelSpec, code: string, message = ""): Promise<void> {
  const error: unknown = await parseModel(nodeModel(op, spec), "m").catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code });
  expect(String(error)).toContain(message);
}

const scalar = (value: number, type: TypeName = "float"): OperandSpec => constant([value], [], type);
const random = (dims: readonly number[], type: TypeName, low: number, high: number, seed = 5): OperandSpec => {
  const { data } = floats(dims, seed, low, high);
  return constant(Array.from(data as readonly number[], Math.floor), dims, type);
};

describe("QuantizeLinear and DequantizeLinear", () => {
  const SHAPE = [2, 3, 4];
  it.each(["uint8", "int8", "uint16", "int16"] as const)("to and from %s, per tensor and axis", async (type) => {
    const zero = type.startsWith("u") ? 100 : -5;
    const range = { range: [-4, 4] } as const;
    await same("QuantizeLinear", { operands: [SHAPE, scalar(0.0137), scalar(zero, type)], opset: 21 }, range);
    await same("QuantizeLinear", { operands: [SHAPE, constant([0.011, 0.02, 0.003]), constant([zero, 3, 9], [3], type)], opset: 21 }, range);
    await same("QuantizeLinear", { operands: [SHAPE, constant([0.011, 0.02, 0.003, 1]), constant([0, 0, 0, 0], [4], type)], attributes: { axis: { int: -1 } }, opset: 21 }, range);
    const integers = { shape: SHAPE, type };
    await same("DequantizeLinear", { operands: [integers, scalar(0.0137), scalar(zero, type)], opset: 21 });
    await same("DequantizeLinear", { operands: [integers, scalar(0.0137)], opset: 21 });
    await same("DequantizeLinear", { operands: [integers, constant([0.011, 0.02, 0.003]), constant([zero, 3, 9], [3], type)], attributes: { axis: { int: 1 } }, opset: 21 });
  });

  it("by blocks, with the type as an attribute, without zero point, from int32", async () => {
    const blocks = { axis: { int: 2 }, block_size: { int: 2 } };
    await same("QuantizeLinear", { operands: [SHAPE, floats([2, 3, 2], 3, 0.01, 0.1), random([2, 3, 2], "int8", -9, 9)], attributes: blocks, opset: 21 });
    await same("DequantizeLinear", { operands: [{ shape: SHAPE, type: "int8" }, floats([2, 3, 2], 3, 0.01, 0.1)], attributes: blocks, opset: 21 });
    await same("QuantizeLinear", { operands: [SHAPE, scalar(0.0137)], attributes: { output_dtype: { int: 3 } }, opset: 21 });
    await same("QuantizeLinear", { operands: [SHAPE, scalar(0.0137)], opset: 13 });
    await same("DequantizeLinear", { operands: [{ shape: SHAPE, type: "int32" }, scalar(0.137)], opset: 13 });
  });

  it("refuses malformed parameters", async () => {
    await refused("QuantizeLinear", { operands: [SHAPE, scalar(0)] }, "ONNX_MALFORMED", "not positive");
    await refused("QuantizeLinear", { operands: [SHAPE, scalar(-1)] }, "ONNX_MALFORMED", "not positive");
    await refused("QuantizeLinear", { operands: [SHAPE, constant([1, 1])] }, "ONNX_SHAPE");
    await refused("QuantizeLinear", { operands: [SHAPE, constant([1, 1, 1]), scalar(1, "uint8")] }, "ONNX_SHAPE");
    await refused("QuantizeLinear", { operands: [SHAPE, constant([1, 1, 1])], attributes: { axis: { int: 3 } } }, "ONNX_SHAPE");
    await refused("DequantizeLinear", { operands: [{ shape: SHAPE, type: "int8" }, floats([2, 3, 1], 3, 0.1, 1)], opset: 21 }, "ONNX_SHAPE");
  });
});

describe("integer products", () => {
  const u8 = (shape: readonly number[]): OperandSpec => ({ shape, type: "uint8" });
  it("MatMulInteger", async () => {
    await same("MatMulInteger", { operands: [u8([4, 3]), random([3, 2], "int8", -128, 128)] });
    await same("MatMulInteger", { operands: [u8([4, 3]), random([3, 2], "uint8", 0, 256), scalar(12, "uint8"), scalar(130, "uint8")] }, { range: [0, 256] });
    await same("MatMulInteger", { operands: [u8([2, 4, 3]), random([3, 2], "int8", -128, 128), scalar(12, "uint8"), constant([3, -4], [2], "int8")] });
    await same("MatMulInteger", { operands: [u8([4, 3]), u8([3, 2]), u8([]), scalar(1, "uint8")] });
  });

  it("ConvInteger", async () => {
    const attributes = { pads: { ints: [1, 1, 1, 1] }, strides: { ints: [2, 1] } };
    await same("ConvInteger", { operands: [u8([1, 2, 5, 5]), random([3, 2, 3, 3], "uint8", 0, 256), scalar(7, "uint8"), scalar(128, "uint8")], attributes }, { range: [0, 256] });
    await same("ConvInteger", { operands: [u8([1, 2, 5, 5]), random([3, 2, 2, 2], "uint8", 0, 256)] });
    await refused("ConvInteger", { operands: [u8([1, 2, 5, 5]), u8([3, 2, 2, 2])] }, "ONNX_UNSUPPORTED", "its weight is computed");
    await refused("ConvInteger", { operands: [u8([1, 2, 5, 5]), random([3, 2, 2, 2], "uint8", 0, 256), constant([1, 2], [2], "uint8")] }, "ONNX_SHAPE");
  });
});

describe("QLinearConv and QLinearMatMul", () => {
  const u8 = (shape: readonly number[]): OperandSpec => ({ shape, type: "uint8" });
  const full = { range: [0, 256] } as const;
  it("QLinearConv, per tensor and per channel, with bias", async () => {
    const attributes = { pads: { ints: [1, 1, 1, 1] }, group: { int: 1 } };
    const head = [u8([1, 2, 4, 5]), scalar(0.02), scalar(117, "uint8")];
    const tail = [scalar(0.031), scalar(90, "uint8")];
    await same("QLinearConv", { operands: [...head, random([3, 2, 3, 3], "uint8", 0, 256), scalar(0.011), scalar(120, "uint8"), ...tail], attributes }, full);
    const weights = [random([3, 2, 3, 3], "int8", -100, 100), constant([0.011, 0.003, 0.017]), constant([0, 0, 0], [3], "int8")];
    await same("QLinearConv", { operands: [...head, ...weights, ...tail, constant([1000, -2000, 50], [3], "int32")], attributes }, full);
    await refused("QLinearConv", { operands: [...head, random([3, 2, 3, 3], "uint8", 0, 256), constant([1, 1]), scalar(1, "uint8"), ...tail], attributes }, "ONNX_SHAPE");
  });

  it("QLinearMatMul of a constant and of two activations", async () => {
    const head = [u8([3, 4]), scalar(0.02), scalar(117, "uint8")];
    const tail = [scalar(0.031), scalar(90, "uint8")];
    await same("QLinearMatMul", { operands: [...head, random([4, 2], "uint8", 0, 256), scalar(0.013), scalar(100, "uint8"), ...tail] }, full);
    await same("QLinearMatMul", { operands: [...head, u8([4, 2]), scalar(0.013), scalar(100, "uint8"), ...tail] }, full);
    await same("QLinearMatMul", { operands: [...head, random([4, 2], "int8", -90, 90), constant([0.013, 0.02]), constant([3, -2], [2], "int8"), ...tail] }, full);
  });

  it("operators of onnxruntime", async () => {
    const domain = { domain: "com.microsoft", domainVersion: 1 };
    const [left, right, output] = [[u8([2, 3]), scalar(0.02), scalar(117, "uint8")], [u8([3]), scalar(0.05), scalar(17, "uint8")], [scalar(0.061), scalar(90, "uint8")]];
    for (const op of ["QLinearAdd", "QLinearMul"]) await same(op, { operands: [...left, ...right, ...output], ...domain }, full);
    await same("QLinearSigmoid", { operands: [...left, scalar(0.0041), scalar(3, "uint8")], ...domain }, full);
    await same("QLinearLeakyRelu", { operands: [...left, ...output], attributes: { alpha: { float: 0.2 } }, ...domain }, full);
    await refused("FusedMatMul", { operands: [[2, 3], [3, 4]], ...domain }, "ONNX_UNSUPPORTED");
  });
});

describe("whole chains", () => {
  it("DynamicQuantizeLinear, all outputs", async () => {
    for (const range of [[-1.3, 2.7], [0.2, 5.1], [-3, -0.1]] as const) await same("DynamicQuantizeLinear", { operands: [[3, 4]], outputs: 3 }, { range });
    await same("DynamicQuantizeLinear", { operands: [[3]], outputs: 3 }, { inputs: { x0: [0, 0, 0] } });
  });

  it("a dynamically quantized layer", async () => {
    const nodes: NodeSpec[] = [
      { op: "DynamicQuantizeLinear", inputs: ["x"], outputs: ["q", "s", "z"] },
      { op: "MatMulInteger", inputs: ["q", "w", "z", "wz"], outputs: ["i"] },
      { op: "Cast", inputs: ["i"], outputs: ["f"], attributes: { to: { int: 1 } } },
      { op: "Mul", inputs: ["s", "ws"], outputs: ["t"] },
      { op: "Mul", inputs: ["f", "t"], outputs: ["y"] },
    ];
    const w = random([5, 3], "int8", -128, 128) as Omit<TensorSpec, "name">;
    const initializers: TensorSpec[] = [{ ...w, name: "w" }, { name: "wz", dims: [], data: [0], type: "int8" }, { name: "ws", dims: [], data: [0.013] }];
    await expectSameAsRuntime(buildModel({ inputs: [{ name: "x", shape: [2, 5] }], outputs: [{ name: "y" }], nodes, initializers }));
  });

  it("weights and activations between QuantizeLinear and DequantizeLinear", async () => {
    const nodes: NodeSpec[] = [
      { op: "QuantizeLinear", inputs: ["x", "s", "z"], outputs: ["q"] },
      { op: "DequantizeLinear", inputs: ["q", "s", "z"], outputs: ["d"] },
      { op: "DequantizeLinear", inputs: ["w", "ws", "wz"], outputs: ["v"], attributes: { axis: { int: 0 } } },
      { op: "Conv", inputs: ["d", "v"], outputs: ["c"] },
      { op: "QuantizeLinear", inputs: ["c", "t", "z"], outputs: ["cq"] },
      { op: "DequantizeLinear", inputs: ["cq", "t", "z"], outputs: ["y"] },
    ];
    const w = random([3, 2, 2, 2], "int8", -128, 128) as Omit<TensorSpec, "name">;
    const initializers: TensorSpec[] = [
      { ...w, name: "w" }, { name: "ws", dims: [3], data: [0.01, 0.02, 0.005] }, { name: "wz", dims: [3], data: [0, 0, 0], type: "int8" },
      { name: "s", dims: [], data: [0.0081] }, { name: "z", dims: [], data: [120], type: "uint8" }, { name: "t", dims: [], data: [0.051] },
    ];
    const graph = await expectSameAsRuntime(buildModel({ inputs: [{ name: "x", shape: [1, 2, 4, 4] }], outputs: [{ name: "y" }], nodes, initializers }));
    expect(graph.nodes.filter((node) => node.operator === "Quantize")).toMatchObject([{ scale: Math.fround(0.0081), zeroPoint: 120, low: 0, high: 255 }, { zeroPoint: 120 }]);
  });
});
