/** Positions along several axes at once: slices, pads, repetitions, and enlargement by the nearest element are one index map. */
import { type Emitter, type Value } from "../emitter.js";
import { placedSize } from "../limits.js";
import { gatherAll } from "./layout.js";

/** For each axis the positions to read, −1 for `fill`; undefined: the axis as it is. */
export type Positions = readonly (readonly number[] | undefined)[];

export function takeAll(emitter: Emitter, value: Value, positions: Positions, fill = 0): Value {
  const inPlace = positions.every((list, axis) => list === undefined || isWhole(list, value.shape[axis]));
  if (inPlace) return value;
  const shape = value.shape.map((dim, axis) => positions[axis]?.length ?? dim);
  placedSize(shape, emitter.node);
  return gatherAll(emitter, [value], flatPositions(value.shape, positions), shape, fill);
}

/** Flat indices of the elements at all combinations of positions, −1 where one of them is. */
export function flatPositions(shape: readonly number[], positions: Positions): Int32Array {
  let flat = Int32Array.of(0);
  shape.forEach((dim, axis) => {
    const list = positions[axis] ?? range(dim);
    const next = new Int32Array(flat.length * list.length);
    flat.forEach((before, i) => {
      for (let j = 0; j < list.length; j++) next[i * list.length + j] = before < 0 || list[j] < 0 ? -1 : before * dim + list[j];
    });
    flat = next;
  });
  return flat;
}

/** start, start + step, ..., `count` of them. */
export function range(count: number, start = 0, step = 1): number[] {
  return Array.from({ length: count }, (_, i) => start + i * step);
}

function isWhole(list: readonly number[], dim: number): boolean {
  return list.length === dim && list.every((position, i) => position === i);
}
