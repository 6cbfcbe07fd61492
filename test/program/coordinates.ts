/** Row-major coordinates, written again here so that the project's own index arithmetic is under test, not in the test. */

export type Shape = readonly number[];

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const dimension of shape) size *= dimension;
  return size;
}

export function offsetOf(shape: Shape, at: Shape): number {
  return shape.reduce((offset, dimension, axis) => offset * dimension + at[axis], 0);
}

export function coordinateOf(shape: Shape, offset: number): number[] {
  const at: number[] = [];
  let rest = offset;
  for (const dimension of [...shape].reverse()) {
    at.unshift(rest % dimension);
    rest = Math.floor(rest / dimension);
  }
  return at;
}

/** Offset in an operand of `shape` that broadcasts to the space of `at`. */
export function broadcastOffset(shape: Shape, at: Shape): number {
  return offsetOf(shape, shape.map((dimension, axis) => (dimension === 1 ? 0 : at[at.length - shape.length + axis])));
}

/** Moves the elements so that axis i of the result is axis order[i] of the source. */
export function permuted<T>(data: ArrayLike<T>, shape: Shape, order: Shape): T[] {
  const target = order.map((axis) => shape[axis]);
  return Array.from({ length: sizeOf(shape) }, (_, i) => {
    const from = new Array<number>(shape.length);
    coordinateOf(target, i).forEach((at, axis) => {
      from[order[axis]] = at;
    });
    return data[offsetOf(shape, from)];
  });
}

/** [n, ...s, c] → [n, c, ...s]. */
export function channelsFirst(rank: number): number[] {
  return [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];
}

/** [n, c, ...s] → [n, ...s, c]. */
export function channelsLast(rank: number): number[] {
  return [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
}
