/** Positions of extremes, one-hot vectors, and gathering by computed positions. */
import { type Emitter, real, type Value } from "../emitter.js";
import type { GraphElementType } from "../graph.js";
import { add, offset, scale, subtract } from "./arithmetic.js";
import { isSigned } from "./integers.js";
import { reshape, take } from "./layout.js";
import { step } from "./logic.js";
import { asActivation } from "./matMul.js";
import { range } from "./positions.js";

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

/**
 * A new last axis of `depth`: 1 where the position is the value, an integer in [0, depth); all 0 for any other value.
 * One comparison a position: [x ≥ i] − [x ≥ i + 1].
 */
export function oneHot(emitter: Emitter, positions: Value, depth: number, elementType: GraphElementType = "bool"): Value {
  const thresholds = real(range(depth + 1), [depth + 1], positions.elementType);
  const differences = subtract(emitter, reshape(emitter, positions, [...positions.shape, 1]), thresholds);
  const reached = step(emitter, differences, true, elementType);
  const axis = positions.shape.length;
  return subtract(emitter, take(emitter, reached, axis, range(depth)), take(emitter, reached, axis, range(depth, 1)));
}

/** Negative positions count from the end. */
export function fromFront(emitter: Emitter, positions: Value, dim: number): Value {
  if (!isSigned(positions.elementType)) return positions;
  const notNegative = step(emitter, positions, true, positions.elementType);
  return offset(emitter, add(emitter, positions, notNegative, -dim), dim);
}
