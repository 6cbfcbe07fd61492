/** MatMul. https://github.com/onnx/onnx/blob/main/docs/Operators.md#MatMul */
import { matMul as compose } from "../compose/matMul.js";
import { value, type Operator } from "./operator.js";

export const matMul: Operator = {
  operands: [2, 2],
  lower: (node) => [compose(node.emitter, value(node, 0), value(node, 1))],
};
