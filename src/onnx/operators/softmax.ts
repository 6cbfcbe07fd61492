/**
 * Softmax, LogSoftmax and Hardmax: along one axis; before opset 13 over all axes from it on.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#Softmax, #LogSoftmax, #Hardmax
 */
import { axisBack, axisLast, reshape } from "../compose/layout.js";
import { logSoftmax as logarithm, softmax as exponential } from "../compose/normalize.js";
import { reducedLast } from "../compose/reduce.js";
import { argMax, oneHot } from "../compose/select.js";
import type { Emitter, Value } from "../emitter.js";
import { resolveAxis } from "../limits.js";
import { type Operator, type OperatorNode, place, value } from "./operator.js";

const SINGLE_AXIS_SINCE = 13;

function overAxes(compose: (emitter: Emitter, value: Value, axes: readonly number[]) => Value): Operator {
  return { operands: [1, 1], lower: (node) => [compose(node.emitter, value(node, 0), axesOf(node))] };
}

export const softmax = overAxes(exponential);
export const logSoftmax = overAxes(logarithm);

/** 1 at the first of the greatest elements, else 0. */
export const hardmax = overAxes((emitter, input, axes) => {
  const [first] = axes;
  const rows = axes.length === 1 ? axisLast(emitter, input, first) : reducedLast(emitter, input, axes);
  const shape = rows.shape;
  const positions = reshape(emitter, argMax(emitter, rows, false), shape.slice(0, -1));
  const marks = oneHot(emitter, positions, shape[shape.length - 1], input.elementType);
  return axes.length === 1 ? axisBack(emitter, marks, first) : reshape(emitter, marks, input.shape);
});

function axesOf(node: OperatorNode): number[] {
  const rank = value(node, 0).shape.length;
  const isSingle = node.opset >= SINGLE_AXIS_SINCE;
  const axis = resolveAxis(node.attributes.int("axis", isSingle ? -1 : 1), rank, isSingle ? rank : rank + 1, place(node));
  return isSingle ? [axis] : Array.from({ length: rank - axis }, (_, i) => axis + i);
}
