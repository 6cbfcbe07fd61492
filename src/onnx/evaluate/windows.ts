/** Convolution and pooling. Values are [batch, channels, ...spatial]. */
import { elementCount } from "../../math/shape.js";
import type { Tensor } from "../evaluate.js";
import type { Window } from "../graph.js";
import { type WindowMap, windowMap } from "../windowMap.js";

export function conv(input: Tensor, weight: Tensor, bias: Tensor | undefined, window: Window, group: number, shape: readonly number[]): Float64Array {
  const map = windowMap(window, input.shape.slice(2), shape.slice(2));
  const [, channels, ...spatial] = input.shape;
  const [outChannels, groupChannels] = weight.shape;
  const size = elementCount(spatial);
  const out = new Float64Array(elementCount(shape));
  for (let plane = 0; plane < shape[0] * outChannels; plane++) {
    const [n, c] = [Math.floor(plane / outChannels), plane % outChannels];
    const sums = out.subarray(plane * map.positions, (plane + 1) * map.positions);
    if (bias !== undefined) sums.fill(bias.data[c]);
    const first = Math.floor(c / (outChannels / group)) * groupChannels;
    for (let i = 0; i < groupChannels; i++) {
      const base = (n * channels + first + i) * size;
      const weights = (c * groupChannels + i) * map.cells;
      for (let cell = 0; cell < map.cells; cell++) addProducts(sums, input.data, base, weight.data[weights + cell], map, cell);
    }
  }
  return out;
}

function addProducts(sums: Float64Array, data: ArrayLike<number>, base: number, weight: number, map: WindowMap, cell: number): void {
  const start = cell * map.positions;
  for (let position = 0; position < map.positions; position++) {
    const from = map.from[start + position];
    if (from >= 0) sums[position] += weight * data[base + from];
  }
}

export function maxPool(input: Tensor, window: Window, shape: readonly number[]): Float64Array {
  const map = windowMap(window, input.shape.slice(2), shape.slice(2));
  return pooled(input, map, shape, -Infinity, (most, x) => (x > most ? x : most));
}

export function averagePool(
  input: Tensor, window: Window, countedPadsEnd: readonly number[], countIncludePad: boolean, shape: readonly number[],
): Float64Array {
  const spatial = input.shape.slice(2);
  const map = windowMap(window, spatial, shape.slice(2));
  const padded = spatial.map((size, axis) => size + window.padsBegin[axis] + countedPadsEnd[axis]);
  const unpadded = { ...window, padsBegin: window.padsBegin.map(() => 0) };
  const counted = countIncludePad ? windowMap(unpadded, padded, shape.slice(2)) : map;
  const counts = new Float64Array(map.positions);
  counted.from.forEach((from, i) => { counts[i % map.positions] += from < 0 ? 0 : 1; });
  return pooled(input, map, shape, 0, (sum, x) => sum + x).map((sum, e) => sum / counts[e % map.positions]);
}

function pooled(input: Tensor, map: WindowMap, shape: readonly number[], initial: number, merge: (a: number, b: number) => number): Float64Array {
  const out = new Float64Array(elementCount(shape)).fill(initial);
  const size = elementCount(input.shape.slice(2));
  for (let plane = 0; plane < out.length / map.positions; plane++) {
    map.from.forEach((from, i) => {
      if (from < 0) return;
      const to = plane * map.positions + (i % map.positions);
      out[to] = merge(out[to], input.data[plane * size + from]);
    });
  }
  return out;
}

export function globalAveragePool(input: Tensor): Float64Array {
  const size = elementCount(input.shape.slice(2));
  const out = new Float64Array(input.data.length / size);
  for (let e = 0; e < input.data.length; e++) out[Math.floor(e / size)] += input.data[e];
  return out.map((sum) => sum / size);
}
