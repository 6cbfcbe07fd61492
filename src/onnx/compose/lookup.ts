/** Reading and writing at computed positions: products with one-hot vectors. Batches of tables stand in leading axes. */
import { type Emitter, real, scalar, type Value } from "../emitter.js";
import { add, multiply, scale, subtract } from "./arithmetic.js";
import { broadcastTo, reshape } from "./layout.js";
import { larger, smaller, step, where } from "./logic.js";
import { matMul, swapLast } from "./matMul.js";
import { maximum, minimum, product, sum } from "./reduce.js";
import { oneHot } from "./select.js";

/**
 * @param table [..b, depth, width]
 * @param positions [..b, count], each in [0, depth)
 * @returns [..b, count, width]
 */
export function lookup(emitter: Emitter, table: Value, positions: Value): Value {
  const depth = table.shape[table.shape.length - 2];
  return matMul(emitter, oneHot(emitter, positions, depth, table.elementType), table, { selects: true });
}

export type Reduction = "none" | "add" | "mul" | "max" | "min";

/**
 * The table with the updates written at the positions. With "none" the last of several at one position counts, as in onnxruntime.
 * @param table [..b, depth, width]
 * @param positions [..b, count], each in [0, depth)
 * @param updates [..b, count, width]
 */
export function scatter(emitter: Emitter, table: Value, positions: Value, updates: Value, reduction: Reduction): Value {
  const depth = table.shape[table.shape.length - 2];
  if (reduction === "none" || reduction === "add") {
    const all = swapLast(emitter, oneHot(emitter, positions, depth, table.elementType));
    const hits = reduction === "none" ? lastHits(emitter, all) : all;
    const written = matMul(emitter, hits, updates);
    return add(emitter, reduction === "add" ? table : kept(emitter, table, hits), written);
  }
  return merged(emitter, table, positions, updates, reduction);
}

/** Without the hits that a later one of the same row overwrites. @param hits [..b, depth, count], each 0 or 1 */
function lastHits(emitter: Emitter, hits: Value): Value {
  const count = hits.shape[hits.shape.length - 1];
  if (count === 1) return hits;
  const laterAgainst = Array.from({ length: count * count }, (_, at) => {
    const [later, hit] = [Math.floor(at / count), at % count];
    return later === hit ? 1 : later > hit ? -1 : 0;
  });
  return step(emitter, matMul(emitter, hits, real(laterAgainst, [count, count], hits.elementType)), false, hits.elementType);
}

/** The table with 0 where something is written. @param hits [..b, depth, count] */
function kept(emitter: Emitter, table: Value, hits: Value): Value {
  const last = hits.shape.length - 1;
  const written = sum(emitter, hits, { axes: [last], keep: true });
  return multiply(emitter, table, subtract(emitter, scalar(1, table.elementType), written));
}

/** [..b, count, depth, width]: the update where it hits, elsewhere what changes nothing; then reduced over the updates. */
function merged(emitter: Emitter, table: Value, positions: Value, updates: Value, reduction: "mul" | "max" | "min"): Value {
  const [depth, width] = table.shape.slice(-2);
  const batch = table.shape.slice(0, -2);
  const count = positions.shape[positions.shape.length - 1];
  const hits = reshape(emitter, oneHot(emitter, positions, depth), [...batch, count, depth, 1]);
  const wide = reshape(emitter, updates, [...batch, count, 1, width]);
  const neutral = reduction === "mul" ? scalar(1, table.elementType) : reshape(emitter, table, [...batch, 1, depth, width]);
  const shape = [...batch, count, depth, width];
  const merging = broadcastTo(emitter, where(emitter, hits, wide, neutral), shape);
  const axis = { axes: [batch.length], keep: false };
  if (reduction === "mul") return multiply(emitter, table, product(emitter, merging, axis));
  if (reduction === "max") return larger(emitter, table, maximum(emitter, merging, axis));
  return smaller(emitter, table, minimum(emitter, merging, axis));
}

/** Σ position · stride over the last axis: one flat position a row. @param positions [.., axes] */
export function flattened(emitter: Emitter, columns: readonly Value[], strides: readonly number[]): Value {
  return columns.map((column, i) => scale(emitter, column, strides[i])).reduce((total, term) => add(emitter, total, term));
}
