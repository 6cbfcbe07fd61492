/** Relu, Add and Mul, broadcast as in https://github.com/onnx/onnx/blob/main/docs/Broadcasting.md */
import { broadcast } from "../limits.js";
import { malformed, unsupported } from "../problems.js";
import {
  activation,
  othersConstant,
  place,
  type Activation,
  type Constant,
  type Operator,
  type OperatorNode,
} from "./operator.js";

export const relu: Operator = {
  operands: [1, 1],
  refuse: othersConstant(),
  lower(node) {
    const input = activation(node, 0);
    return { node: { operator: "Relu", input: input.name }, shape: input.shape };
  },
};

export const add: Operator = {
  operands: [2, 2],
  refuse: () => undefined,
  lower(node) {
    const { input, other } = pair(node);
    const where = place(node);
    if (other.kind === "activation") {
      return {
        node: { operator: "Add", left: input.name, right: other.name },
        shape: broadcast(input.shape, other.shape, where),
      };
    }
    const shape = broadcast(input.shape, other.tensor.shape, where);
    const constant = node.pool.use(other.name, other.tensor).name;
    return { node: { operator: "AddConstant", input: input.name, constant }, shape };
  },
};

export const mul: Operator = {
  operands: [2, 2],
  refuse: ([left, right]) => (left === false && right === false ? "a product of two activations" : undefined),
  lower(node) {
    const { input, other } = pair(node);
    if (other.kind === "activation") throw unsupported("a product of two activations", place(node));
    const shape = broadcast(input.shape, other.tensor.shape, place(node));
    const constant = node.pool.use(other.name, other.tensor).name;
    return { node: { operator: "MulConstant", input: input.name, constant }, shape };
  },
};

/** Both operators commute, so the constant may stand on either side. */
function pair(node: OperatorNode): { input: Activation; other: Activation | Constant } {
  const [left, right] = node.operands;
  if (left === undefined || right === undefined) throw malformed("an operand is missing", place(node));
  if (left.kind === "activation") return { input: left, other: right };
  return { input: activation(node, 1), other: left };
}
