/** ArgMax and ArgMin. https://github.com/onnx/onnx/blob/main/docs/Operators.md#ArgMax, #ArgMin */
import { axisLast, reshape } from "../compose/layout.js";
import { reducedShape } from "../compose/reduce.js";
import { argMax as greatest, argMin as least } from "../compose/select.js";
import { resolveAxis } from "../limits.js";
import { type Operator, place, value } from "./operator.js";

function positionOf(select: typeof greatest): Operator {
  return {
    operands: [1, 1],
    lower(node) {
      const input = value(node, 0);
      const rank = input.shape.length;
      const axis = resolveAxis(node.attributes.int("axis", 0), rank, rank, place(node));
      const keep = node.attributes.flag("keepdims", true);
      const last = node.attributes.flag("select_last_index", false);
      const positions = select(node.emitter, axisLast(node.emitter, input, axis), last);
      return [reshape(node.emitter, positions, reducedShape(input.shape, { axes: [axis], keep }))];
    },
  };
}

export const argMax = positionOf(greatest);
export const argMin = positionOf(least);
