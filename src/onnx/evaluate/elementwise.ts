/** Element by element, operands broadcast. */
import { broadcastStrides, elementCount, flatIndices, sameShape } from "../../math/shape.js";
import type { Tensor } from "../evaluate.js";

/** @param compute of one element of each operand; the array is reused */
export function elementwise(shape: readonly number[], compute: (x: Float64Array) => number, ...operands: readonly Tensor[]): Float64Array {
  const out = new Float64Array(elementCount(shape));
  const maps = operands.map((operand) => (sameShape(operand.shape, shape) ? undefined : flatIndices(shape, broadcastStrides(operand.shape, shape))));
  const x = new Float64Array(operands.length);
  for (let e = 0; e < out.length; e++) {
    for (let i = 0; i < x.length; i++) {
      const map = maps[i];
      x[i] = operands[i].data[map === undefined ? e : map[e]];
    }
    out[e] = compute(x);
  }
  return out;
}

/** x·scale + shift a channel, axis 1. */
export function perChannel(input: Tensor, scale: ArrayLike<number>, shift: ArrayLike<number>): Float64Array {
  const out = Float64Array.from(input.data);
  const inner = elementCount(input.shape.slice(2));
  const channels = input.shape[1];
  for (let e = 0; e < out.length; e++) {
    const c = Math.floor(e / inner) % channels;
    out[e] = out[e] * scale[c] + shift[c];
  }
  return out;
}
