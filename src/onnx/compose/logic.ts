/** Comparisons, logic on 0 and 1, and what is made of them. Differences are compared as accumulators, before any rounding. */
import { broadcastStrides, flatIndices } from "../../math/shape.js";
import { type Emitter, real, type RealConstant, sizeOf, type Value } from "../emitter.js";
import type { GraphElementType } from "../graph.js";
import { broadcast } from "../limits.js";
import { add, multiply, offset, scale, subtract } from "./arithmetic.js";
import { broadcastTo, concat, gatherAll, reshape } from "./layout.js";
import { asActivation } from "./matMul.js";
import { maximum, minimum } from "./reduce.js";

/** left > right. */
export function greater(emitter: Emitter, left: Value, right: Value): Value {
  return step(emitter, subtract(emitter, left, right), false);
}

/** left ≥ right. */
export function greaterOrEqual(emitter: Emitter, left: Value, right: Value): Value {
  return step(emitter, subtract(emitter, left, right), true);
}

/** The two differences stay apart, so that each is compared as an accumulator. */
export function equal(emitter: Emitter, left: Value, right: Value): Value {
  return subtract(emitter, greaterOrEqual(emitter, left, right), greater(emitter, left, right));
}

/** 1 where the value is above 0, or not below it. */
export function step(emitter: Emitter, value: Value, orEqual: boolean, elementType: GraphElementType = "bool"): Value {
  if (value.kind === "real") return real(value.data.map((x) => Number(orEqual ? x >= 0 : x > 0)), value.shape, elementType);
  return emitter.push({ operator: "Step", input: value.name, orEqual }, value.shape, elementType);
}

export function not(emitter: Emitter, value: Value): Value {
  return offset(emitter, scale(emitter, value, -1), 1);
}

export function and(emitter: Emitter, left: Value, right: Value): Value {
  return multiply(emitter, left, right);
}

export function or(emitter: Emitter, left: Value, right: Value): Value {
  return step(emitter, add(emitter, left, right), false);
}

/** a + b − 2ab. */
export function xor(emitter: Emitter, left: Value, right: Value): Value {
  return add(emitter, add(emitter, left, right), multiply(emitter, left, right), -2);
}

/** condition ? left : right, broadcast. */
export function where(emitter: Emitter, condition: Value, left: Value, right: Value): Value {
  const shape = broadcast(condition.shape, broadcast(left.shape, right.shape, emitter.where), emitter.where);
  if (condition.kind === "real") return chosenBy(emitter, condition, left, right, shape);
  const [a, b] = [left, right].map((value) => asActivation(emitter, value));
  return emitter.push({ operator: "Where", condition: condition.name, left: a, right: b }, shape, left.elementType);
}

/** A constant condition only moves elements. */
function chosenBy(emitter: Emitter, condition: RealConstant, left: Value, right: Value, shape: readonly number[]): Value {
  const flags = flatIndices(shape, broadcastStrides(condition.shape, shape));
  const leftAt = flatIndices(shape, broadcastStrides(left.shape, shape));
  const rightAt = flatIndices(shape, broadcastStrides(right.shape, shape), sizeOf(left));
  return gatherAll(emitter, [left, right], Int32Array.from(flags, (at, e) => (condition.data[at] === 0 ? rightAt[e] : leftAt[e])), shape, 0);
}

export function larger(emitter: Emitter, left: Value, right: Value): Value {
  return extreme(emitter, left, right, maximum);
}

export function smaller(emitter: Emitter, left: Value, right: Value): Value {
  return extreme(emitter, left, right, minimum);
}

function extreme(emitter: Emitter, left: Value, right: Value, reduce: typeof maximum): Value {
  const shape = broadcast(left.shape, right.shape, emitter.where);
  const pair = [left, right].map((value) => {
    const wide = broadcastTo(emitter, value, shape);
    return reshape(emitter, wide, [...shape, 1]);
  });
  return reduce(emitter, concat(emitter, pair, shape.length), { axes: [shape.length], keep: false });
}

