/** MatMul with a constant matrix at the right → Linear. https://github.com/onnx/onnx/blob/main/docs/Operators.md#MatMul */
import { badShape, unsupported } from "../problems.js";
import { activation, constant, place, type Operator } from "./operator.js";

export const matMul: Operator = {
  operands: [2, 2],
  refuse([left, right]) {
    if (left === true) return "its left operand is a constant";
    return right === false ? "a product of two activations" : undefined;
  },
  lower(node) {
    const where = place(node);
    const input = activation(node, 0);
    const right = constant(node, 1);
    const dims = right.tensor.shape;
    const leading = dims.slice(0, -2);
    if (dims.length < 2 || leading.some((dim) => dim !== 1) || dims.length > Math.max(2, input.shape.length)) {
      throw unsupported(`its right operand of [${dims.join(", ")}] is no single matrix`, where);
    }
    const matrix = dims.slice(-2);
    if (input.shape.length < 1 || input.shape[input.shape.length - 1] !== matrix[0] || matrix[1] < 1) {
      throw badShape(`[${input.shape.join(", ")}] · [${dims.join(", ")}] do not match`, where);
    }
    const plain = node.pool.use(right.name, right.tensor);
    const weight = leading.length === 0 ? plain : node.pool.derive(node.output, "weight", matrix, plain.data);
    return {
      node: { operator: "Linear", input: input.name, weight: weight.name, bias: undefined },
      shape: [...input.shape.slice(0, -1), matrix[1]],
    };
  },
};
