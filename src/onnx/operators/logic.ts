/**
 * Comparisons, logic and Where. https://github.com/onnx/onnx/blob/main/docs/Operators.md#Equal and its like
 */
import { and as both, equal as same, greater as above, greaterOrEqual as notBelow, not as opposite, or as either, where as choose, xor as one } from "../compose/logic.js";
import type { Emitter, Value } from "../emitter.js";
import { malformed } from "../problems.js";
import { type Operator, place, value } from "./operator.js";

type Binary = (emitter: Emitter, left: Value, right: Value) => Value;

/** Both operands of one type. */
function pair(compose: Binary): Operator {
  return {
    operands: [2, 2],
    lower(node) {
      const [left, right] = [value(node, 0), value(node, 1)];
      if (left.elementType !== right.elementType) throw malformed(`operands of types ${left.elementType} and ${right.elementType}`, place(node));
      return [compose(node.emitter, left, right)];
    },
  };
}

function logical(compose: Binary): Operator {
  const { operands, lower } = pair(compose);
  return {
    operands,
    lower(node) {
      const { elementType } = value(node, 0);
      if (elementType !== "bool") throw malformed(`an operand of type ${elementType} instead of bool`, place(node));
      return lower(node);
    },
  };
}

export const greater = pair(above);
export const greaterOrEqual = pair(notBelow);
export const less = pair((emitter, left, right) => above(emitter, right, left));
export const lessOrEqual = pair((emitter, left, right) => notBelow(emitter, right, left));
export const equal = pair(same);
export const and = logical(both);
export const or = logical(either);
export const xor = logical(one);

export const not: Operator = {
  operands: [1, 1],
  lower(node) {
    const operand = value(node, 0);
    if (operand.elementType !== "bool") throw malformed(`an operand of type ${operand.elementType} instead of bool`, place(node));
    return [opposite(node.emitter, operand)];
  },
};

export const where: Operator = {
  operands: [3, 3],
  lower(node) {
    const [condition, left, right] = [0, 1, 2].map((index) => value(node, index));
    if (condition.elementType !== "bool") throw malformed(`a condition of type ${condition.elementType} instead of bool`, place(node));
    if (left.elementType !== right.elementType) throw malformed(`operands of types ${left.elementType} and ${right.elementType}`, place(node));
    return [choose(node.emitter, condition, left, right)];
  },
};
