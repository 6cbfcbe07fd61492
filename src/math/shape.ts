/** Shapes and row-major indexing. */

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

export function sameShape(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((dimension, axis) => dimension === right[axis]);
}

/** The broadcast shape of two operands by ONNX's rule, or undefined. */
export function broadcastShape(left: readonly number[], right: readonly number[]): number[] | undefined {
  const rank = Math.max(left.length, right.length);
  const result = new Array<number>(rank);
  for (let axis = 0; axis < rank; axis++) {
    const a = left[axis - rank + left.length] ?? 1;
    const b = right[axis - rank + right.length] ?? 1;
    if (a !== b && a !== 1 && b !== 1) return undefined;
    result[axis] = a === 1 ? b : a;
  }
  return result;
}

/** Strides that read an operand of `shape` at coordinates of `target`: 0 along broadcast axes. */
export function broadcastStrides(shape: readonly number[], target: readonly number[]): number[] {
  const strides = stridesOf(shape);
  const lead = target.length - shape.length;
  return target.map((_, axis) => (axis < lead || shape[axis - lead] === 1 ? 0 : strides[axis - lead]));
}

/**
 * For each element of `shape` in row-major order, the flat index reached with `strides` from `start`.
 * The common core of every index map: transposes, broadcasts, windows.
 */
export function flatIndices(shape: readonly number[], strides: readonly number[], start = 0): Uint32Array {
  const indices = new Uint32Array(elementCount(shape));
  const coordinate = new Array<number>(shape.length).fill(0);
  let index = start;
  for (let i = 0; i < indices.length; i++) {
    indices[i] = index;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index += strides[axis];
      if (++coordinate[axis] < shape[axis]) break;
      index -= strides[axis] * shape[axis];
      coordinate[axis] = 0;
    }
  }
  return indices;
}

export function permute<T>(items: readonly T[], permutation: readonly number[]): T[] {
  return permutation.map((axis) => items[axis]);
}
