/** Sums, maxima and products along axes. */
import type { Emitter, Value } from "../emitter.js";
import { elementCount } from "../limits.js";

import { multiply, scale } from "./arithmetic.js";
import { asActivation } from "./matMul.js";
import { concat, reshape, take, transpose } from "./layout.js";

export interface Reduction {
  /** Ascending. */
  readonly axes: readonly number[];
  readonly keep: boolean;
}

export function reducedShape(shape: readonly number[], { axes, keep }: Reduction): number[] {
  return shape.flatMap((dim, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [dim]));
}

/** factor · sum. */
export function sum(emitter: Emitter, value: Value, reduction: Reduction, factor = 1, options: { readonly precise?: boolean } = {}): Value {
  const shape = reducedShape(value.shape, reduction);
  if (reduction.axes.length === 0) return reshape(emitter, scale(emitter, value, factor), shape);
  const input = asActivation(emitter, value);
  return emitter.push({ operator: "ReduceSum", input, axes: reduction.axes, factor, precise: options.precise }, shape, value.elementType);
}

export function mean(emitter: Emitter, value: Value, reduction: Reduction, options: { readonly precise?: boolean } = {}): Value {
  const count = reduction.axes.reduce((product, axis) => product * value.shape[axis], 1);
  return sum(emitter, value, reduction, 1 / count, options);
}

export function maximum(emitter: Emitter, value: Value, reduction: Reduction): Value {
  const shape = reducedShape(value.shape, reduction);
  const rows = reducedLast(emitter, value, reduction.axes);
  const [outer, inner] = rows.shape;
  if (inner === 1) return reshape(emitter, rows, shape);
  const input = asActivation(emitter, reshape(emitter, rows, [outer, 1, inner]));
  const window = { kernel: [inner], strides: [1], dilations: [1], padsBegin: [0], padsEnd: [0] };
  return reshape(emitter, emitter.push({ operator: "MaxPool", input, window }, [outer, 1, 1], value.elementType), shape);
}

export function minimum(emitter: Emitter, value: Value, reduction: Reduction): Value {
  return scale(emitter, maximum(emitter, scale(emitter, value, -1), reduction), -1);
}

/** A tree of products. */
export function product(emitter: Emitter, value: Value, reduction: Reduction): Value {
  let rows = reducedLast(emitter, value, reduction.axes);
  while (rows.shape[1] > 1) {
    const length = rows.shape[1];
    const half = Math.floor(length / 2);
    const positions = (count: number, start: number): number[] => Array.from({ length: count }, (_, i) => start + i);
    const [left, right] = [take(emitter, rows, 1, positions(half, 0)), take(emitter, rows, 1, positions(half, half))];
    const pairs = multiply(emitter, left, right);
    if (length % 2 === 0) rows = pairs;
    else {
      const last = take(emitter, rows, 1, [length - 1]);
      const first = take(emitter, pairs, 1, [0]);
      const merged = multiply(emitter, first, last);
      rows = half === 1 ? merged : concat(emitter, [merged, take(emitter, pairs, 1, positions(half - 1, 1))], 1);
    }
  }
  return reshape(emitter, rows, reducedShape(value.shape, reduction));
}

/** [kept elements, reduced elements]. */
export function reducedLast(emitter: Emitter, value: Value, axes: readonly number[]): Value {
  const kept = value.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const moved = transpose(emitter, value, [...kept, ...axes]);
  const inner = elementCount(axes.map((axis) => value.shape[axis]), emitter.where);
  return reshape(emitter, moved, [elementCount(kept.map((axis) => value.shape[axis]), emitter.where), inner]);
}

export function allAxes(value: Value): number[] {
  return value.shape.map((_, axis) => axis);
}

