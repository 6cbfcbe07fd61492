/** Matrix products. */
import { broadcastStrides, elementCount, flatIndices } from "../../math/shape.js";
import type { Tensor } from "../evaluate.js";

/** x·w + b over the last axis. */
export function linear(input: Tensor, weight: Tensor, bias: Tensor | undefined, shape: readonly number[]): Float64Array {
  const [inner, columns] = weight.shape;
  const out = new Float64Array(elementCount(shape));
  if (bias !== undefined) flatIndices(shape, broadcastStrides(bias.shape, shape)).forEach((at, e) => { out[e] = bias.data[at]; });
  accumulate(out, input.data, weight.data, { rows: out.length / columns, inner, columns });
  return out;
}

/** left [..b, m, k] · right [..b, k, n]. */
export function matMul(left: Tensor, right: Tensor): Float64Array {
  const [rows, inner] = left.shape.slice(-2);
  const columns = right.shape[right.shape.length - 1];
  const batch = elementCount(left.shape.slice(0, -2));
  const out = new Float64Array(batch * rows * columns);
  for (let b = 0; b < batch; b++) accumulate(out, left.data, right.data, { rows, inner, columns }, b);
  return out;
}

interface Sides {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** Adds the b-th product; both matrices row-major. */
function accumulate(out: Float64Array, left: ArrayLike<number>, right: ArrayLike<number>, { rows, inner, columns }: Sides, b = 0): void {
  for (let i = 0; i < rows; i++) {
    const row = (b * rows + i) * columns;
    for (let k = 0; k < inner; k++) {
      const x = left[(b * rows + i) * inner + k];
      const from = (b * inner + k) * columns;
      for (let j = 0; j < columns; j++) out[row + j] += x * right[from + j];
    }
  }
}
