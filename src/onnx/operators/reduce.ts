/**
 * Reductions over axes. Axes are an attribute in older opsets and an operand in newer ones; none means all.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#ReduceMean and its like
 */
import { mean, maximum, minimum, product, type Reduction, sum } from "../compose/reduce.js";
import type { Emitter, Value } from "../emitter.js";
import { resolveAxis } from "../limits.js";
import { malformed } from "../problems.js";
import { constantFrom, optionalIntegers, place, value, type Operator, type OperatorNode } from "./operator.js";

type Reduce = (emitter: Emitter, value: Value, reduction: Reduction) => Value;

export function reducing(reduce: Reduce): Operator {
  return {
    operands: [1, 2],
    refuse: constantFrom(1, "axes"),
    lower(node) {
      const input = value(node, 0);
      const keep = node.attributes.flag("keepdims", true);
      const noneIsIdentity = node.attributes.flag("noop_with_empty_axes", false);
      const declared = optionalIntegers(node, 1) ?? node.attributes.ints("axes") ?? [];
      const axes = declared.length === 0 && noneIsIdentity ? [] : normalizedAxes(node, declared, input.shape.length);
      return [reduce(node.emitter, input, { axes, keep })];
    },
  };
}

export const reduceMean = reducing(mean);
export const reduceSum = reducing(sum);
export const reduceMax = reducing(maximum);
export const reduceMin = reducing(minimum);
export const reduceProd = reducing(product);

export function normalizedAxes(node: OperatorNode, declared: readonly number[], rank: number): number[] {
  if (declared.length === 0) return Array.from({ length: rank }, (_, axis) => axis);
  const axes = declared.map((axis) => resolveAxis(axis, rank, rank, place(node))).sort((a, b) => a - b);
  if (new Set(axes).size !== axes.length) throw malformed("an axis is reduced twice", place(node));
  return axes;
}
