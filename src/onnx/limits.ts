/** Size limits, checked before anything is allocated, and arithmetic on shapes. */
import { badShape, malformed, tooLarge } from "./problems.js";

/** Elements of one tensor. */
export const MAX_ELEMENTS = 2 ** 28;
/** Elements of all activations together. */
export const MAX_TOTAL_ELEMENTS = 2 ** 30;
/** protobuf's own limit for one message, in bytes. */
export const MAX_FILE_BYTES = 2 ** 31 - 1;
/** Elements of a tensor whose elements are placed one by one: its index map takes memory too. */
const MAX_PLACED_ELEMENTS = 2 ** 25;
/** Axes of one tensor; usual models have at most 6. */
export const MAX_RANK = 16;

/**
 * Number of elements of a shape; 1 for a scalar.
 * @throws AssayError ONNX_MALFORMED on a negative dim, MODEL_TOO_LARGE beyond the limits; the product never overflows.
 */
export function elementCount(shape: readonly number[], where: string): number {
  if (shape.length > MAX_RANK) throw tooLarge(`a tensor of ${shape.length} axes; the limit is ${MAX_RANK}`, where);
  for (const dim of shape) {
    if (!Number.isSafeInteger(dim) || dim < 0) throw malformed(`the dim ${dim} of [${shape.join(", ")}] is no size`, where);
  }
  if (shape.includes(0)) return 0;
  let count = 1;
  for (const dim of shape) {
    count *= dim;
    if (count > MAX_ELEMENTS) {
      throw tooLarge(`a tensor of shape [${shape.join(", ")}]; the limit is 2^28 elements`, where);
    }
  }
  return count;
}

/** Like {@link elementCount} for a tensor that an index map makes. */
export function placedSize(shape: readonly number[], where: string): number {
  const count = elementCount(shape, where);
  // Beside a dim of 0 another may be huge.
  if (count > MAX_PLACED_ELEMENTS || shape.some((dim) => dim > MAX_PLACED_ELEMENTS)) throw tooLarge(`an index map to [${shape.join(", ")}]; the limit is 2^25 elements`, where);
  return count;
}

/** Like {@link elementCount} for an activation, which must hold at least one element. */
export function activationSize(shape: readonly number[], where: string): number {
  const count = elementCount(shape, where);
  if (count === 0) throw badShape(`an activation of shape [${shape.join(", ")}] holds no elements`, where);
  return count;
}

/**
 * Shape of an elementwise operation, axes aligned at the right as in
 * https://github.com/onnx/onnx/blob/main/docs/Broadcasting.md
 * @throws AssayError ONNX_SHAPE where the shapes do not broadcast.
 */
export function broadcast(left: readonly number[], right: readonly number[], where: string): number[] {
  const rank = Math.max(left.length, right.length);
  return Array.from({ length: rank }, (_, axis) => {
    const a = left[axis - rank + left.length] ?? 1;
    const b = right[axis - rank + right.length] ?? 1;
    if (a !== b && a !== 1 && b !== 1) {
      throw badShape(`[${left.join(", ")}] and [${right.join(", ")}] do not broadcast`, where);
    }
    return a === 1 ? b : a;
  });
}

/** Whether `from` broadcasts to exactly `to`. */
export function broadcastsTo(from: readonly number[], to: readonly number[]): boolean {
  if (from.length > to.length) return false;
  return from.every((dim, i) => dim === 1 || dim === to[to.length - from.length + i]);
}

export function sameShape(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((dim, i) => dim === right[i]);
}

/**
 * An axis counted from the front.
 * @param limit one more than the greatest axis allowed.
 */
export function resolveAxis(axis: number, rank: number, limit: number, where: string): number {
  const resolved = axis < 0 ? axis + rank : axis;
  if (resolved < 0 || resolved >= limit) throw badShape(`axis ${axis} lies outside a tensor of ${rank} axes`, where);
  return resolved;
}
