/** Axes of length 1 come and go. https://github.com/onnx/onnx/blob/main/docs/Operators.md#Squeeze, #Unsqueeze */
import { reshape } from "../compose/layout.js";
import { badShape, malformed } from "../problems.js";
import { distinctAxes, listed } from "./axes.js";
import { constantFrom, place, value, type Operator } from "./operator.js";

export const squeeze: Operator = {
  operands: [1, 2],
  refuse: constantFrom(1, "axes"),
  lower(node) {
    const input = value(node, 0);
    const listedAxes = listed(node, "axes", 1) ?? [];
    // An empty list means all, as onnxruntime takes it.
    const declared = listedAxes.length > 0 ? listedAxes : input.shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
    const axes = distinctAxes(node, declared, input.shape.length);
    const long = axes.find((axis) => input.shape[axis] !== 1);
    if (long !== undefined) throw badShape(`axis ${long} of [${input.shape.join(", ")}] is not of length 1`, place(node));
    return [reshape(node.emitter, input, input.shape.filter((_, axis) => !axes.includes(axis)))];
  },
};

export const unsqueeze: Operator = {
  operands: [1, 2],
  refuse: constantFrom(1, "axes"),
  lower(node) {
    const input = value(node, 0);
    const declared = listed(node, "axes", 1);
    if (declared === undefined) throw malformed("its axes are missing", place(node));
    const axes = distinctAxes(node, declared, input.shape.length + declared.length);
    const rest = [...input.shape];
    const shape = Array.from({ length: input.shape.length + axes.length }, (_, axis) => (axes.includes(axis) ? 1 : (rest.shift() ?? 1)));
    return [reshape(node.emitter, input, shape)];
  },
};
