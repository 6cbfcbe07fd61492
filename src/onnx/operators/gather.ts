/**
 * Reading by index. Constant indices are an index map, computed ones a product with one-hot vectors.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#Gather, #GatherElements, #GatherND
 */
import { gather as placed, reshape, take, transpose } from "../compose/layout.js";
import { lookup } from "../compose/lookup.js";
import { flatPositions, range } from "../compose/positions.js";
import { fromFront } from "../compose/select.js";
import type { RealConstant, Value } from "../emitter.js";
import { elementCount, placedSize } from "../limits.js";
import { badShape, malformed } from "../problems.js";
import { stridesOf } from "../../math/shape.js";
import { axisAttribute } from "./axes.js";
import { place, value, type Operator, type OperatorNode } from "./operator.js";

export const gather: Operator = {
  operands: [2, 2],
  lower(node) {
    const { emitter } = node;
    const [data, indices] = [value(node, 0), value(node, 1)];
    const axis = axisAttribute(node, data.shape.length, 0);
    const [before, after] = [data.shape.slice(0, axis), data.shape.slice(axis + 1)];
    const shape = [...before, ...indices.shape, ...after];
    placedSize(shape, place(node));
    if (indices.kind === "real") return [reshape(emitter, take(emitter, data, axis, checked(node, indices, data.shape[axis])), shape)];
    // [axis, before · after] looked up, then the axes of the indices take the place of the axis.
    const others = [...before, ...after];
    const moved = transpose(emitter, data, [axis, ...range(axis), ...range(after.length, axis + 1)]);
    const table = reshape(emitter, moved, [data.shape[axis], elementCount(others, place(node))]);
    const positions = fromFront(emitter, reshape(emitter, indices, [elementCount(indices.shape, place(node))]), data.shape[axis]);
    const rows = reshape(emitter, lookup(emitter, table, positions), [...indices.shape, ...others]);
    const rank = indices.shape.length;
    return [transpose(emitter, rows, [...range(axis, rank), ...range(rank), ...range(after.length, rank + axis)])];
  },
};

export const gatherElements: Operator = {
  operands: [2, 2],
  lower(node) {
    const { emitter } = node;
    const [data, indices] = [value(node, 0), value(node, 1)];
    const axis = axisAttribute(node, data.shape.length, 0);
    checkRows(node, data, indices, axis);
    if (indices.kind === "real") {
      const positions = checked(node, indices, data.shape[axis]);
      return [placed(emitter, data, alongAxis(data.shape, indices.shape, axis, positions), indices.shape)];
    }
    const { table, positions } = rowsOf(node, data, indices, axis);
    return [fromRows(node, lookup(emitter, table, positions), indices.shape, axis)];
  },
};

/** GatherElements and ScatterElements: equal ranks, and the indices stay within the data on the other axes. */
export function checkRows(node: OperatorNode, data: Value, indices: Value, axis: number): void {
  const fits = indices.shape.length === data.shape.length && indices.shape.every((dim, i) => i === axis || dim <= data.shape[i]);
  if (!fits) throw badShape(`indices of [${indices.shape.join(", ")}] into [${data.shape.join(", ")}]`, place(node));
}

/** Flat index into the data for each element of the indices. */
export function alongAxis(shape: readonly number[], indexShape: readonly number[], axis: number, positions: readonly number[]): Int32Array {
  const stride = stridesOf(shape)[axis];
  const base = flatPositions(shape, indexShape.map((dim, i) => (i === axis ? new Array<number>(dim).fill(0) : range(dim))));
  return base.map((from, e) => from + positions[e] * stride);
}

/** The axis last: table [rows, depth, 1] and positions [rows, count] from the front, over the rows that the indices have. */
export function rowsOf(node: OperatorNode, data: Value, indices: Value, axis: number): { table: Value; positions: Value } {
  const { emitter } = node;
  const order = axisLast(data.shape.length, axis);
  let cut = data;
  indices.shape.forEach((dim, i) => {
    if (i !== axis) cut = take(emitter, cut, i, range(dim));
  });
  const rows = elementCount(indices.shape.filter((_, i) => i !== axis), place(node));
  const table = reshape(emitter, transpose(emitter, cut, order), [rows, data.shape[axis], 1]);
  const positions = reshape(emitter, transpose(emitter, indices, order), [rows, indices.shape[axis]]);
  return { table, positions: fromFront(emitter, positions, data.shape[axis]) };
}

/** The opposite: [rows, count, 1] → `shape`. */
export function fromRows(node: OperatorNode, rows: Value, shape: readonly number[], axis: number): Value {
  const order = axisLast(shape.length, axis);
  const moved = reshape(node.emitter, rows, order.map((from) => shape[from]));
  return transpose(node.emitter, moved, order.map((_, i) => order.indexOf(i)));
}

function axisLast(rank: number, axis: number): number[] {
  return [...range(axis), ...range(rank - axis - 1, axis + 1), axis];
}

/** Constant positions, counted from the front. @throws AssayError ONNX_MALFORMED where one is outside */
export function checked(node: OperatorNode, { data }: RealConstant, dim: number): number[] {
  return Array.from(data, (index) => {
    if (!Number.isInteger(index) || index < -dim || index >= dim) throw malformed(`index ${index} into an axis of ${dim}`, place(node));
    return index < 0 ? index + dim : index;
  });
}
