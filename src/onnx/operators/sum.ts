/** Sum of any number of values, broadcast. https://github.com/onnx/onnx/blob/main/docs/Operators.md#Sum */
import { add } from "../compose/arithmetic.js";
import { values, type Operator } from "./operator.js";

export const sum: Operator = {
  operands: [1, 2 ** 16],
  lower: (node) => [values(node).reduce((total, operand) => add(node.emitter, total, operand))],
};
