/** The second output of MaxPool: where each maximum stands. https://github.com/onnx/onnx/blob/main/docs/Operators.md#MaxPool */
import { add, multiply } from "../compose/arithmetic.js";
import { gather, reshape } from "../compose/layout.js";
import { range } from "../compose/positions.js";
import { sum } from "../compose/reduce.js";
import { argMax, oneHot } from "../compose/select.js";
import { real, type Value } from "../emitter.js";
import type { Window } from "../graph.js";
import { elementCount, placedSize } from "../limits.js";
import { windowMap } from "../windowMap.js";
import { place, type OperatorNode } from "./operator.js";

/**
 * Flat indices into the whole input. The cell that holds the maximum is found first; of each window's cells the input position
 * is constant. A cell in the padding repeats the window's first one inside, so that it never wins over it.
 * @param shape of the output
 * @param columnMajor the first spatial axis is the fastest in the index
 */
export function maxPositions(node: OperatorNode, input: Value, window: Window, shape: readonly number[], columnMajor: boolean): Value {
  const { emitter } = node;
  const spatial = input.shape.slice(2);
  const { cells, positions, from } = windowMap(window, spatial, shape.slice(2));
  const [planes, size] = [input.shape[0] * input.shape[1], elementCount(spatial, place(node))];
  placedSize([planes, positions, cells], place(node));
  const table = new Int32Array(positions * cells);
  for (let position = 0; position < positions; position++) {
    const inside = range(cells).map((cell) => from[cell * positions + position]);
    const first = inside.find((at) => at >= 0) ?? 0;
    inside.forEach((at, cell) => { table[position * cells + cell] = at < 0 ? first : at; });
  }
  const indices = Int32Array.from({ length: planes * table.length }, (_, e) => Math.floor(e / table.length) * size + table[e % table.length]);
  const windows = gather(emitter, input, indices, [planes * positions, cells]);
  const winner = reshape(emitter, argMax(emitter, windows, false), [planes, positions]);
  const named = Float64Array.from(table, (at) => (columnMajor ? transposedIndex(at, spatial) : at));
  const hits = multiply(emitter, oneHot(emitter, winner, cells, "int64"), real(named, [1, positions, cells], "int64"));
  const inPlane = sum(emitter, hits, { axes: [2], keep: false });
  return reshape(emitter, add(emitter, inPlane, real(range(planes, 0, size), [planes, 1], "int64")), shape);
}

function transposedIndex(flat: number, spatial: readonly number[]): number {
  let [rest, stride, index] = [flat, elementCount(spatial, "index"), 0];
  for (let axis = spatial.length - 1; axis >= 0; axis--) {
    stride /= spatial[axis];
    index += (rest % spatial[axis]) * stride;
    rest = Math.floor(rest / spatial[axis]);
  }
  return index;
}
