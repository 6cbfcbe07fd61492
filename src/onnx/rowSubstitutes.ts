/** What may stand in the place of masked elements, so that a row's greatest element stays one that counts. */
import { broadcastStrides, flatIndices } from "../math/shape.js";

export interface Substitutes {
  /** For each element the one to read in its place. */
  readonly indices: Int32Array;
  /** Elements of rows that are masked as a whole: those rows are uniform. */
  readonly whole: ReadonlySet<number>;
}

/** @param rowShape the shape with the softmax's axes of length 1 */
export function substitutesOf(masked: readonly boolean[], shape: readonly number[], rowShape: readonly number[]): Substitutes {
  const rows = flatIndices(shape, broadcastStrides(rowShape, shape));
  const first = new Map<number, number>();
  masked.forEach((isMasked, e) => {
    if (!isMasked && !first.has(rows[e])) first.set(rows[e], e);
  });
  const whole = new Set(masked.flatMap((_, e) => (first.has(rows[e]) ? [] : [e])));
  for (const e of whole) if (!first.has(rows[e])) first.set(rows[e], e);
  return { indices: Int32Array.from(masked, (isMasked, e) => (isMasked ? (first.get(rows[e]) ?? e) : e)), whole };
}
