/** TopK. https://github.com/onnx/onnx/blob/main/docs/Operators.md#TopK */
import { scale } from "../compose/arithmetic.js";
import { axisBack, axisLast } from "../compose/layout.js";
import { topK as greatest } from "../compose/select.js";
import { resolveAxis } from "../limits.js";
import { badShape, malformed } from "../problems.js";
import { constantFrom, integers, type Operator, type OperatorNode, place, value } from "./operator.js";

/** Without `sorted` any order will do, so they are sorted all the same. */
export const topK: Operator = {
  operands: [1, 2],
  refuse: constantFrom(1, "k"),
  lower(node) {
    const { emitter } = node;
    const input = value(node, 0);
    const rank = input.shape.length;
    const axis = resolveAxis(node.attributes.int("axis", -1), rank, rank, place(node));
    const sign = node.attributes.flag("largest", true) ? 1 : -1;
    node.attributes.flag("sorted", true);
    const k = countOf(node);
    if (k < 1 || k > input.shape[axis]) throw badShape(`k is ${k} for an axis of ${input.shape[axis]}`, place(node));
    const { values, indices } = greatest(emitter, scale(emitter, axisLast(emitter, input, axis), sign), k);
    return [axisBack(emitter, scale(emitter, values, sign), axis), axisBack(emitter, indices, axis)];
  },
};

/** An attribute before opset 10. */
function countOf(node: OperatorNode): number {
  const declared = node.operands[1] === undefined ? [node.attributes.int("k", undefined)] : integers(node, 1);
  const [k] = declared;
  if (declared.length !== 1 || k === undefined) throw malformed("k is no scalar", place(node));
  return k;
}
