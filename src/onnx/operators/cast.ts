/**
 * Cast and CastLike. Real numbers are cut towards 0 to become integers; an integer that a smaller type cannot hold wraps
 * around. https://github.com/onnx/onnx/blob/main/docs/Operators.md#Cast, #CastLike
 */
import { add, offset, retyped, scale } from "../compose/arithmetic.js";
import { floorDivide, within } from "../compose/integers.js";
import { apply } from "../compose/pointwise.js";
import { step } from "../compose/logic.js";
import { dataType, dataTypeName } from "../dataTypes.js";
import type { Emitter, Value } from "../emitter.js";
import { isInteger, type RealType } from "../../math/elements.js";
import { malformed, unsupported } from "../problems.js";
import { place, value, type Operator } from "./operator.js";

export const cast: Operator = {
  operands: [1, 1],
  lower(node) {
    node.attributes.ignore("saturate", "round_mode");
    const code = node.attributes.int("to", undefined);
    if (code === undefined) throw malformed("attribute to is missing", place(node));
    const type = dataType(code);
    if (type === undefined) throw unsupported(`a cast to ${dataTypeName(code)}`, place(node));
    return [castTo(node.emitter, value(node, 0), type.elementType)];
  },
};

export const castLike: Operator = {
  operands: [2, 2],
  lower(node) {
    node.attributes.ignore("saturate", "round_mode");
    return [castTo(node.emitter, value(node, 0), value(node, 1).elementType)];
  },
};

function castTo(emitter: Emitter, from: Value, to: RealType): Value {
  if (from.elementType === to || (!isInteger(to) && isInteger(from.elementType))) return retyped(emitter, from, to);
  if (to === "bool") return add(emitter, step(emitter, from, false), step(emitter, scale(emitter, from, -1), false));
  if (!isInteger(to)) return retyped(emitter, from, to);
  if (!isInteger(from.elementType)) return apply(emitter, from, { name: "trunc", apply: Math.trunc, snap: true }, { elementType: to });
  return retyped(emitter, holds(to, from.elementType) ? from : wrapped(emitter, from, to), to);
}

/** Integers of 32 bits and more are taken to hold every value that occurs. */
function holds(to: RealType, from: RealType): boolean {
  const [low, high] = rangeOf(to);
  return width(to) >= 32 || (rangeOf(from)[0] >= low && rangeOf(from)[1] <= high);
}

/** x − period·⌊(x − low) / period⌋. */
function wrapped(emitter: Emitter, value: Value, to: RealType): Value {
  const period = 2 ** width(to);
  const [low, high] = rangeOf(to);
  const wrapping = add(emitter, value, floorDivide(emitter, offset(emitter, value, -low), period), -period);
  return within(emitter, wrapping, low, high, to);
}

function rangeOf(type: RealType): readonly [number, number] {
  if (type === "bool") return [0, 1];
  const bits = width(type);
  return type.startsWith("u") ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

function width(type: RealType): number {
  return type === "bool" ? 1 : Number(/\d+$/.exec(type)?.[0] ?? 0);
}
