/** Repetition. https://github.com/onnx/onnx/blob/main/docs/Operators.md#Expand, #Tile */
import { broadcastTo } from "../compose/layout.js";
import { takeAll } from "../compose/positions.js";
import { broadcast, placedSize } from "../limits.js";
import { badShape, malformed } from "../problems.js";
import { constant, constantFrom, integers, place, value, type Operator } from "./operator.js";

/** The shape broadcasts with the input's: neither need be the result. */
export const expand: Operator = {
  operands: [2, 2],
  refuse: constantFrom(1, "shape"),
  lower(node) {
    const input = value(node, 0);
    if (constant(node, 1).tensor.shape.length > 1) throw badShape("its shape is no vector", place(node));
    const shape = broadcast(input.shape, integers(node, 1), place(node));
    placedSize(shape, place(node));
    return [broadcastTo(node.emitter, input, shape)];
  },
};

export const tile: Operator = {
  operands: [2, 2],
  refuse: constantFrom(1, "repeats"),
  lower(node) {
    const input = value(node, 0);
    const repeats = integers(node, 1);
    if (repeats.length !== input.shape.length) throw badShape(`${repeats.length} repeats for ${input.shape.length} axes`, place(node));
    if (repeats.some((count) => count < 0)) throw malformed("a negative number of repeats", place(node));
    const shape = input.shape.map((dim, axis) => dim * repeats[axis]);
    placedSize(shape, place(node));
    return [takeAll(node.emitter, input, shape.map((length, axis) => Array.from({ length }, (_, i) => i % input.shape[axis])))];
  },
};
