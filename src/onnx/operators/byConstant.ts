/**
 * Layouts that constants decide.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#Compress, #ReverseSequence, #Trilu, #CenterCropPad
 */
import { gather as placed, reshape } from "../compose/layout.js";
import { range, takeAll } from "../compose/positions.js";
import { elementCount, placedSize } from "../limits.js";
import { badShape, malformed } from "../problems.js";
import { axisAttribute, distinctAxes } from "./axes.js";
import { constantFrom, integers, optionalIntegers, place, realOperand, value, type Operator } from "./operator.js";

export const compress: Operator = {
  operands: [2, 2],
  refuse: (constness) => (constness[1] === false ? "its condition is computed from an input, so that the output's shape depends on it" : undefined),
  lower(node) {
    const { emitter } = node;
    const input = value(node, 0);
    const kept = Array.from(realOperand(node, 1).data).flatMap((flag, i) => (flag === 0 ? [] : [i]));
    const flat = !node.attributes.has("axis");
    const data = flat ? reshape(emitter, input, [elementCount(input.shape, place(node))]) : input;
    const axis = flat ? 0 : axisAttribute(node, input.shape.length);
    if (kept.some((position) => position >= data.shape[axis])) throw badShape("its condition is longer than the axis", place(node));
    return [takeAll(emitter, data, data.shape.map((_, i) => (i === axis ? kept : undefined)))];
  },
};

/** Reverses the first `length` elements along the time axis, a length a batch entry. */
export const reverseSequence: Operator = {
  operands: [2, 2],
  refuse: constantFrom(1, "sequence lengths"),
  lower(node) {
    const input = value(node, 0);
    const lengths = integers(node, 1);
    const [batchAxis, timeAxis] = [node.attributes.int("batch_axis", 1), node.attributes.int("time_axis", 0)];
    if (input.shape.length < 2 || batchAxis + timeAxis !== 1 || Math.min(batchAxis, timeAxis) !== 0) throw malformed("its axes are not 0 and 1", place(node));
    const [batch, time] = [input.shape[batchAxis], input.shape[timeAxis]];
    if (lengths.length !== batch || lengths.some((length) => length < 0 || length > time)) {
      throw badShape(`sequence lengths of ${lengths.join(", ")} for ${batch} of ${time}`, place(node));
    }
    const inner = elementCount(input.shape.slice(2), place(node));
    const indices = new Int32Array(placedSize(input.shape, place(node)));
    indices.forEach((_, e) => {
      const row = Math.floor(e / inner);
      const at = [Math.floor(row / input.shape[1]), row % input.shape[1]];
      const length = lengths[at[batchAxis]];
      if (at[timeAxis] < length) at[timeAxis] = length - 1 - at[timeAxis];
      indices[e] = (at[0] * input.shape[1] + at[1]) * inner + (e % inner);
    });
    return [placed(node.emitter, input, indices, input.shape)];
  },
};

/** The triangle above or below the k-th diagonal, 0 elsewhere. */
export const trilu: Operator = {
  operands: [1, 2],
  refuse: constantFrom(1, "diagonal"),
  lower(node) {
    const input = value(node, 0);
    if (input.shape.length < 2) throw badShape("its input is no matrix", place(node));
    const [diagonal = 0] = optionalIntegers(node, 1) ?? [];
    const upper = node.attributes.flag("upper", true);
    const [rows, columns] = input.shape.slice(-2);
    const indices = new Int32Array(placedSize(input.shape, place(node)));
    indices.forEach((_, e) => {
      const distance = (e % columns) - (Math.floor(e / columns) % rows) - diagonal;
      indices[e] = (upper ? distance >= 0 : distance <= 0) ? e : -1;
    });
    return [placed(node.emitter, input, indices, input.shape)];
  },
};

/** The middle of each axis, with zeros around where it is too short. */
export const centerCropPad: Operator = {
  operands: [2, 2],
  refuse: constantFrom(1, "shape"),
  lower(node) {
    const input = value(node, 0);
    const rank = input.shape.length;
    const sizes = integers(node, 1);
    const axes = distinctAxes(node, node.attributes.ints("axes") ?? range(rank), rank);
    if (sizes.length !== axes.length) throw badShape(`${sizes.length} sizes for ${axes.length} axes`, place(node));
    const shape = input.shape.map((dim, axis) => (axes.includes(axis) ? sizes[axes.indexOf(axis)] : dim));
    placedSize(shape, place(node));
    const positions = input.shape.map((dim, axis) => {
      const missing = shape[axis] - dim;
      const first = missing < 0 ? Math.floor(-missing / 2) : -Math.floor(missing / 2);
      return range(shape[axis], first).map((at) => (at < 0 || at >= dim ? -1 : at));
    });
    return [takeAll(node.emitter, input, positions)];
  },
};
