/** Index maps of layouts and broadcasts, in their canonical form. */
import { broadcastStrides, elementCount, permute, stridesOf } from "../../math/shape.js";
import type { IndexAxis, IndexMap } from "./types.js";

/** How an operand of `shape` is read at flat coordinates of `target`, by ONNX's broadcasting. */
export function broadcastMap(shape: readonly number[], target: readonly number[]): IndexMap {
  return indexMap(target, broadcastStrides(shape, target));
}

/** How a transposed tensor reads its operand of `shape`. */
export function transposeMap(shape: readonly number[], permutation: readonly number[]): IndexMap {
  return indexMap(permute(shape, permutation), permute(stridesOf(shape), permutation));
}

export function indexMap(shape: readonly number[], strides: readonly number[]): IndexMap {
  const axes: IndexAxis[] = [];
  shape.forEach((dim, axis) => {
    if (dim === 1) return;
    const stride = strides[axis];
    const outer = axes[axes.length - 1] as IndexAxis | undefined;
    if (outer !== undefined && outer.stride === stride * dim) axes[axes.length - 1] = { dim: outer.dim * dim, stride };
    else axes.push({ dim, stride });
  });
  if (axes.every(({ stride }) => stride === 0)) return elementCount(shape) === 1 ? "identity" : [];
  return axes.length === 1 && axes[0].stride === 1 ? "identity" : axes;
}

export function applyIndexMap(map: IndexMap, element: number): number {
  if (map === "identity") return element;
  let index = 0;
  let rest = element;
  for (let axis = map.length - 1; axis >= 0; axis--) {
    const { dim, stride } = map[axis];
    index += (rest % dim) * stride;
    rest = Math.floor(rest / dim);
  }
  return index;
}
