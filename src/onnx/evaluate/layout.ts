/** Index maps, and sums along axes. */
import { elementCount, flatIndices, permute, stridesOf } from "../../math/shape.js";
import type { Tensor } from "../evaluate.js";

/** Elements of all operands in a row, by index. */
export function gather(operands: readonly Tensor[], indices: Int32Array): Float64Array {
  const all = new Float64Array(operands.reduce((sum, { data }) => sum + data.length, 0));
  let start = 0;
  for (const { data } of operands) {
    all.set(data, start);
    start += data.length;
  }
  return Float64Array.from(indices, (index) => all[index]);
}

export function transpose({ shape, data }: Tensor, permutation: readonly number[]): Float64Array {
  return Float64Array.from(flatIndices(permute(shape, permutation), permute(stridesOf(shape), permutation)), (from) => data[from]);
}

export function reduceSum({ shape, data }: Tensor, axes: readonly number[], factor: number): Float64Array {
  const kept = shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const strides = stridesOf(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  const out = new Float64Array(elementCount(kept));
  flatIndices(shape, strides).forEach((to, e) => { out[to] += data[e]; });
  return out.map((x) => x * factor);
}
