/**
 * ReduceMean. Axes are an attribute up to opset 17 and an operand from 18 on; none means all.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#ReduceMean
 */
import { resolveAxis } from "../limits.js";
import { malformed } from "../problems.js";
import { toIntegers } from "../tensors.js";
import { activation, optionalConstant, othersConstant, place, type Operator, type OperatorNode } from "./operator.js";

export const reduceMean: Operator = {
  operands: [1, 2],
  indexOperands: [1],
  refuse: othersConstant("axes"),
  lower(node) {
    const input = activation(node, 0);
    const keep = node.attributes.flag("keepdims", true);
    const noneIsIdentity = node.attributes.flag("noop_with_empty_axes", false);
    const declared = declaredAxes(node);
    if (declared.length === 0 && noneIsIdentity) return { node: { operator: "Identity", input: input.name }, shape: input.shape };
    const axes = normalizedAxes(node, declared, input.shape.length);
    const reduced = new Set(axes);
    const shape = input.shape.flatMap((dim, axis) => (reduced.has(axis) ? (keep ? [1] : []) : [dim]));
    return { node: { operator: "ReduceMean", input: input.name, axes }, shape };
  },
};

function declaredAxes(node: OperatorNode): readonly number[] {
  const operand = optionalConstant(node, 1);
  return operand === undefined ? (node.attributes.ints("axes") ?? []) : toIntegers(operand.tensor, operand.name);
}

function normalizedAxes(node: OperatorNode, declared: readonly number[], rank: number): number[] {
  if (declared.length === 0) return Array.from({ length: rank }, (_, axis) => axis);
  const axes = declared.map((axis) => resolveAxis(axis, rank, rank, place(node))).sort((a, b) => a - b);
  if (new Set(axes).size !== axes.length) throw malformed("an axis is reduced twice", place(node));
  return axes;
}
