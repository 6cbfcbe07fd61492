/** Positions of extremes, one-hot vectors, and gathering by computed positions. */
import { type Emitter, real, type Value } from "../emitter.js";
import { scale } from "./arithmetic.js";
import { equal } from "./logic.js";
import { asActivation } from "./matMul.js";
import { reshape } from "./layout.js";

/** Position of the greatest element along the last axis, which stays with length 1. */
export function argMax(emitter: Emitter, value: Value, last: boolean): Value {
  const shape = [...value.shape.slice(0, -1), 1];
  return emitter.push({ operator: "ArgMax", input: asActivation(emitter, value), last }, shape, "int64");
}

export function argMin(emitter: Emitter, value: Value, last: boolean): Value {
  return argMax(emitter, scale(emitter, value, -1), last);
}

/** The k greatest along the last axis, in descending order. */
export function topK(emitter: Emitter, value: Value, k: number): { values: Value; indices: Value } {
  const shape = [...value.shape.slice(0, -1), k];
  const input = asActivation(emitter, value);
  return {
    values: emitter.push({ operator: "TopK", input, k, part: "values" }, shape, value.elementType),
    indices: emitter.push({ operator: "TopK", input, k, part: "indices" }, shape, "int64"),
  };
}

/** A new last axis of `depth`: 1 where the position is the value, which lies in [0, depth); all 0 for any other value. */
export function oneHot(emitter: Emitter, positions: Value, depth: number): Value {
  const range = real(Array.from({ length: depth }, (_, i) => i), [depth], positions.elementType);
  return equal(emitter, reshape(emitter, positions, [...positions.shape, 1]), range);
}
