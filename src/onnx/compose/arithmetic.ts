/** Sums and products of values and constants, broadcast as in ONNX; constants among themselves are computed at once. */
import { broadcastStrides, flatIndices } from "../../math/shape.js";
import { type Emitter, real, scalar, type Value } from "../emitter.js";
import { reciprocal as inverse } from "../functions/pointwise.js";
import type { GraphElementType } from "../graph.js";
import { broadcast } from "../limits.js";
import { apply } from "./pointwise.js";

/** left + factor · right. */
export function add(emitter: Emitter, left: Value, right: Value, factor = 1): Value {
  const shape = broadcast(left.shape, right.shape, emitter.where);
  if (left.kind === "real" && right.kind === "real") return pairwise(emitter, left, right, (a, b) => a + factor * b);
  if (right.kind === "real") {
    const constant = emitter.constant(factor === 1 ? right : real(right.data.map((x) => factor * x), right.shape, right.elementType));
    return emitter.push({ operator: "AddConstant", input: named(left), constant }, shape, left.elementType);
  }
  if (left.kind === "real") return add(emitter, scale(emitter, right, factor), left);
  return emitter.push({ operator: "Add", left: left.name, right: right.name, leftFactor: 1, rightFactor: factor }, shape, left.elementType);
}

export function subtract(emitter: Emitter, left: Value, right: Value): Value {
  return add(emitter, left, right, -1);
}

export function multiply(emitter: Emitter, left: Value, right: Value): Value {
  const shape = broadcast(left.shape, right.shape, emitter.where);
  if (left.kind === "real" && right.kind === "real") return pairwise(emitter, left, right, (a, b) => a * b);
  if (left.kind === "real") return multiply(emitter, right, left);
  if (right.kind === "real") return emitter.push({ operator: "MulConstant", input: left.name, constant: emitter.constant(right) }, shape, left.elementType);
  return emitter.push({ operator: "Mul", left: left.name, right: right.name }, shape, left.elementType);
}

export function scale(emitter: Emitter, value: Value, factor: number): Value {
  return factor === 1 ? value : multiply(emitter, value, scalar(factor, value.elementType));
}

export function offset(emitter: Emitter, value: Value, constant: number): Value {
  return constant === 0 ? value : add(emitter, value, scalar(constant, value.elementType));
}

/** Real quotient; the reciprocal is a function, the product follows. */
export function divide(emitter: Emitter, left: Value, right: Value): Value {
  return multiply(emitter, left, reciprocal(emitter, right));
}

export function reciprocal(emitter: Emitter, value: Value): Value {
  return apply(emitter, value, inverse, { precise: true });
}

/** Both constant. */
function pairwise(emitter: Emitter, left: Value & { kind: "real" }, right: Value & { kind: "real" }, compute: (a: number, b: number) => number): Value {
  const shape = broadcast(left.shape, right.shape, emitter.where);
  const [leftAt, rightAt] = [left, right].map((value) => flatIndices(shape, broadcastStrides(value.shape, shape)));
  return real(Array.from(leftAt, (at, i) => compute(left.data[at], right.data[rightAt[i]])), shape, left.elementType);
}

function named(value: Value): string {
  if (value.kind === "real") throw new TypeError("a constant has no node");
  return value.name;
}

/** The same numbers under another element type. */
export function retyped(emitter: Emitter, value: Value, elementType: GraphElementType): Value {
  if (value.elementType === elementType) return value;
  if (value.kind === "real") return { ...value, elementType };
  return emitter.push({ operator: "Identity", input: value.name }, value.shape, elementType);
}
