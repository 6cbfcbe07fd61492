/** Scales and zero points of quantized tensors, per tensor, per axis or per block. */
import { add, multiply, reciprocal, retyped, subtract } from "../../compose/arithmetic.js";
import { reshape, take } from "../../compose/layout.js";
import { type Emitter, real, type Value } from "../../emitter.js";
import type { GraphElementType } from "../../graph.js";
import { resolveAxis, sameShape } from "../../limits.js";
import { badShape, malformed, unsupported } from "../../problems.js";
import { type OperatorNode, optionalValue, place, value } from "../operator.js";

const RANGES: Readonly<Partial<Record<GraphElementType, readonly [number, number]>>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
};

export interface Quantization {
  /** Both broadcast to the tensor; undefined: 0. */
  readonly scale: Value;
  readonly zero: Value | undefined;
  /** Of the integers. */
  readonly type: GraphElementType;
}

export interface Placement {
  readonly shape: readonly number[];
  /** Of scales that form a vector, counted from the front or the end. */
  readonly axis: number;
  /** Elements of the axis that share a scale; 0: scales are no blocks. */
  readonly block: number;
}

/** The last axis, for operators without the attribute. */
export const LAST_AXIS = { axis: -1, block: 0 };

/**
 * @param scaleAt the operand with the scale; the zero point follows
 * @param type of the integers, where there is no zero point
 */
export function quantizationOf(node: OperatorNode, scaleAt: number, placement: Placement, type: GraphElementType): Quantization {
  const [scale, zero] = [value(node, scaleAt), optionalValue(node, scaleAt + 1)];
  if (scale.kind === "real" && !scale.data.every((x) => x > 0 && Number.isFinite(x))) throw malformed("a scale that is not positive", place(node));
  if (zero !== undefined && !sameShape(zero.shape, scale.shape)) {
    throw badShape(`a zero point of [${zero.shape.join(", ")}] beside a scale of [${scale.shape.join(", ")}]`, place(node));
  }
  const integers = zero?.elementType ?? type;
  const isZero = zero?.kind === "real" && zero.data.every((x) => x === 0);
  return {
    scale: placed(node, scale, placement),
    zero: zero === undefined || isZero ? undefined : placed(node, zero, placement),
    type: integers,
  };
}

/** A scalar, a vector along the axis, or one element a block. */
function placed(node: OperatorNode, parameter: Value, { shape, axis, block }: Placement): Value {
  const rank = shape.length;
  const text = `a scale or zero point of [${parameter.shape.join(", ")}] for [${shape.join(", ")}]`;
  if (parameter.shape.every((dim) => dim === 1)) return reshape(node.emitter, parameter, []);
  const at = resolveAxis(axis, rank, rank, place(node));
  if (parameter.shape.length === 1) {
    if (parameter.shape[0] !== shape[at]) throw badShape(text, place(node));
    return reshape(node.emitter, parameter, shape.slice(at).map((_, i) => (i === 0 ? parameter.shape[0] : 1)));
  }
  if (block < 1 || parameter.shape.length !== rank || parameter.shape[at] !== Math.ceil(shape[at] / block)) throw badShape(text, place(node));
  return take(node.emitter, parameter, at, Array.from({ length: shape[at] }, (_, i) => Math.floor(i / block)));
}

/** (x − zero)·scale; the difference is still an integer. */
export function dequantized(emitter: Emitter, integers: Value, { scale, zero }: Quantization): Value {
  const centred = zero === undefined ? integers : subtract(emitter, integers, retyped(emitter, zero, integers.elementType));
  return multiply(emitter, retyped(emitter, centred, scale.elementType), scale);
}

/** The integer next to x/scale, plus zero, within its type. Halves go up, where ONNX takes the even one. */
export function quantized(node: OperatorNode, input: Value, { scale, zero, type }: Quantization): Value {
  const { emitter } = node;
  const range = RANGES[type];
  if (range === undefined) throw unsupported(`quantized values of type ${type}`, place(node));
  const [low, high] = range;
  const x = retyped(emitter, input, "float32");
  const isScalar = scale.kind === "real" && scale.data.length === 1 && (zero === undefined || (zero.kind === "real" && zero.data.length === 1));
  if (isScalar) return rounded(emitter, x, scale.data[0], zero?.kind === "real" ? zero.data[0] : 0, [low, high], type);
  const quotient = multiply(emitter, x, scale.kind === "real" ? real(scale.data.map((s) => 1 / s), scale.shape) : reciprocal(emitter, scale));
  const shifted = zero === undefined ? quotient : add(emitter, quotient, retyped(emitter, zero, "float32"));
  return rounded(emitter, shifted, 1, 0, [low, high], type);
}

function rounded(emitter: Emitter, x: Value, scale: number, zeroPoint: number, [low, high]: readonly [number, number], type: GraphElementType): Value {
  if (x.kind === "real") return real(x.data.map((e) => Math.min(high, Math.max(low, Math.floor(e / scale + 0.5) + zeroPoint))), x.shape, type);
  return emitter.push({ operator: "Quantize", input: x.name, scale, zeroPoint, low, high }, x.shape, type);
}

/** The integers without their zero point, as int32. */
export function centred(emitter: Emitter, integers: Value, zero: Value | undefined): Value {
  const wide = retyped(emitter, integers, "int32");
  return zero === undefined ? wide : subtract(emitter, wide, retyped(emitter, zero, "int32"));
}
