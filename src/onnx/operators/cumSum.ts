/** CumSum, a product with a triangular matrix. https://github.com/onnx/onnx/blob/main/docs/Operators.md#CumSum */
import { linearAlong } from "../compose/alongAxis.js";
import { real } from "../emitter.js";
import { placedSize, resolveAxis } from "../limits.js";
import { badShape } from "../problems.js";
import { constantFrom, integers, place, value, type Operator } from "./operator.js";

export const cumSum: Operator = {
  operands: [2, 2],
  refuse: constantFrom(1, "axis"),
  lower(node) {
    const input = value(node, 0);
    const declared = integers(node, 1);
    if (declared.length !== 1) throw badShape("its axis is no scalar", place(node));
    const axis = resolveAxis(declared[0], input.shape.length, input.shape.length, place(node));
    const [exclusive, reverse] = [node.attributes.flag("exclusive", false), node.attributes.flag("reverse", false)];
    const dim = input.shape[axis];
    const data = new Float64Array(placedSize([dim, dim], place(node)));
    data.forEach((_, i) => {
      const [from, to] = [Math.floor(i / dim), i % dim];
      const distance = reverse ? from - to : to - from;
      data[i] = Number(exclusive ? distance > 0 : distance >= 0);
    });
    return [linearAlong(node.emitter, input, axis, real(data, [dim, dim], input.elementType))];
  },
};
