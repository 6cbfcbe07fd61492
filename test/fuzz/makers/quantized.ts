/** Models that are quantized already. Scales are random, so that no quotient is a half, which ONNX rounds to the even integer. */
import { elementCount } from "../../../src/math/shape.js";
import type { Draw } from "../../program/seeded.js";
import type { TypeName } from "../../support/onnxBuilder.js";
import { around, type GraphDraft, type Value } from "../draft.js";
import { type Maker, maker, since } from "../maker.js";
import { SPATIAL, windowOf } from "./linear.js";

const BYTES = { uint8: { low: 0, high: 255 }, int8: { low: -128, high: 127 } } as const;
type Byte = keyof typeof BYTES;

const CONTRIB = "com.microsoft:";

function scalar(graph: GraphDraft, value: number, type: TypeName = "float"): string {
  return graph.constant([], [value], type);
}

/** A scale and a zero point, that hold values of this magnitude. */
function parameters(graph: GraphDraft, draw: Draw, type: Byte, most = 4): string[] {
  return [scalar(graph, (most / 128) * draw.real(0.8, 1.2)), scalar(graph, type === "uint8" ? draw.integer(100, 150) : draw.integer(-9, 9), type)];
}

function randomBytes(graph: GraphDraft, draw: Draw, dims: readonly number[], type: Byte): string {
  const { low, high } = BYTES[type];
  return graph.constant(dims, draw.list(elementCount(dims), () => draw.integer(low, high)), type);
}

function bytes(graph: GraphDraft, draw: Draw, rank: readonly [number, number], type: Byte = "uint8"): Value {
  return graph.take(draw, { types: [type], rank, ...BYTES[type] });
}

const quantize = (op: string): Maker => since(13, (graph, draw) => {
  const value = graph.take(draw, { low: -6, high: 6 });
  const type = draw.pick(["uint8", "int8"] as const);
  graph.emit(op, [value, ...parameters(graph, draw, type)], { shape: value.shape, type, ...BYTES[type] });
});

const dequantize = (op: string): Maker => since(13, (graph, draw) => {
  const type = draw.pick(["uint8", "int8"] as const);
  const value = bytes(graph, draw, [0, 4], type);
  graph.emit(op, [value, ...parameters(graph, draw, type)], { shape: value.shape, type: "float", exact: false, ...around(10) });
});

/** All three outputs; what depends on a sample's own range is calibrated. */
const dynamic: Maker = since(11, (graph, draw) => {
  const value = graph.take(draw, { low: -6, high: 6, rank: [1, 3] });
  const results = [{ shape: value.shape, type: "uint8", ...BYTES.uint8 }, { shape: [], type: "float", low: 0, high: 1 }, { shape: [], type: "uint8", ...BYTES.uint8 }] as const;
  graph.emitAll("DynamicQuantizeLinear", [value], results);
});

const matMulInteger: Maker = since(10, (graph, draw) => {
  const left = bytes(graph, draw, [2, 3]);
  const inner = left.shape[left.shape.length - 1];
  const outer = draw.integer(1, 3);
  const right = draw.chance(0.3) ? graph.input(draw, { types: ["uint8"] }, [inner, outer]) : randomBytes(graph, draw, [inner, outer], "uint8");
  const zeros = draw.chance(0.6) ? [scalar(graph, draw.integer(0, 255), "uint8"), scalar(graph, draw.integer(0, 255), "uint8")] : [];
  graph.emit("MatMulInteger", [left, right, ...zeros], { shape: [...left.shape.slice(0, -1), outer], type: "int32", ...around(2 ** 16 * inner) });
});

const convInteger: Maker = since(10, (graph, draw) => {
  const value = bytes(graph, draw, SPATIAL.rank);
  const [batch, channels, ...spatial] = value.shape;
  const outputs = draw.integer(1, 2);
  const window = windowOf(draw, spatial, "conv");
  const zeros = draw.chance(0.6) ? [scalar(graph, draw.integer(0, 255), "uint8"), scalar(graph, draw.integer(0, 255), "uint8")] : [];
  const weight = randomBytes(graph, draw, [outputs, channels, ...window.kernel], "uint8");
  graph.emit("ConvInteger", [value, weight, ...zeros], { shape: [batch, outputs, ...window.output], type: "int32", ...around(2 ** 16 * channels * elementCount(window.kernel)) }, window.attributes);
});

const qLinearConv: Maker = since(10, (graph, draw) => {
  const value = bytes(graph, draw, [4, 4]);
  const [batch, channels, ...spatial] = value.shape;
  const outputs = draw.integer(1, 2);
  const window = windowOf(draw, spatial, "conv");
  const weight = randomBytes(graph, draw, [outputs, channels, ...window.kernel], "uint8");
  const operands = [value, ...parameters(graph, draw, "uint8"), weight, ...parameters(graph, draw, "uint8", 1), ...parameters(graph, draw, "uint8", 8)];
  if (draw.chance(0.5)) operands.push(graph.constant([outputs], draw.list(outputs, () => draw.integer(-2000, 2000)), "int32"));
  graph.emit("QLinearConv", operands, { shape: [batch, outputs, ...window.output], type: "uint8", ...BYTES.uint8 }, window.attributes);
});

const qLinearMatMul: Maker = since(10, (graph, draw) => {
  const left = bytes(graph, draw, [2, 2]);
  const [rows, inner] = left.shape;
  const outer = draw.integer(1, 3);
  const right = draw.chance(0.4) ? graph.input(draw, { types: ["uint8"], ...BYTES.uint8 }, [inner, outer]) : randomBytes(graph, draw, [inner, outer], "uint8");
  const operands = [left, ...parameters(graph, draw, "uint8"), right, ...parameters(graph, draw, "uint8", 1), ...parameters(graph, draw, "uint8", 8)];
  graph.emit("QLinearMatMul", operands, { shape: [rows, outer], type: "uint8", ...BYTES.uint8 });
});

const pairwise = (op: string): Maker => maker((graph, draw) => {
  const left = bytes(graph, draw, [1, 4]);
  const right = graph.partner(draw, left, BYTES.uint8);
  const operands = [left, ...parameters(graph, draw, "uint8", 2), right, ...parameters(graph, draw, "uint8", 2), ...parameters(graph, draw, "uint8", 4)];
  graph.emit(`${CONTRIB}${op}`, operands, { shape: left.shape, type: "uint8", ...BYTES.uint8 });
});

const single = (op: string): Maker => maker((graph, draw) => {
  const value = bytes(graph, draw, [1, 4]);
  const attributes = op === "QLinearLeakyRelu" ? { alpha: { float: draw.real(0.05, 0.5) } } : undefined;
  graph.emit(`${CONTRIB}${op}`, [value, ...parameters(graph, draw, "uint8"), ...parameters(graph, draw, "uint8", 2)], { shape: value.shape, type: "uint8", ...BYTES.uint8 }, attributes);
});

export const quantizedMakers = {
  QuantizeLinear: quantize("QuantizeLinear"),
  DequantizeLinear: dequantize("DequantizeLinear"),
  DynamicQuantizeLinear: dynamic,
  MatMulInteger: matMulInteger,
  ConvInteger: convInteger,
  QLinearConv: qLinearConv,
  QLinearMatMul: qLinearMatMul,
} satisfies Readonly<Record<string, Maker>>;

export const contribMakers: Readonly<Record<string, Maker>> = {
  [`${CONTRIB}QuantizeLinear`]: quantize(`${CONTRIB}QuantizeLinear`),
  [`${CONTRIB}DequantizeLinear`]: dequantize(`${CONTRIB}DequantizeLinear`),
  [`${CONTRIB}QLinearAdd`]: pairwise("QLinearAdd"),
  [`${CONTRIB}QLinearMul`]: pairwise("QLinearMul"),
  [`${CONTRIB}QLinearSigmoid`]: single("QLinearSigmoid"),
  [`${CONTRIB}QLinearLeakyRelu`]: single("QLinearLeakyRelu"),
};
