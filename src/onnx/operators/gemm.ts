/**
 * Gemm, y = alpha·A·B + beta·C, with constant B and C → Linear.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#Gemm
 */
import type { GraphConstant } from "../graph.js";
import { broadcastsTo } from "../limits.js";
import { badShape, unsupported } from "../problems.js";
import { activation, constant, optionalConstant, othersConstant, place, type Operator, type OperatorNode } from "./operator.js";

export const gemm: Operator = {
  operands: [2, 3],
  refuse: othersConstant("right operand", "addend"),
  lower(node) {
    const where = place(node);
    const input = activation(node, 0);
    const right = constant(node, 1);
    if (input.shape.length !== 2 || right.tensor.shape.length !== 2) throw badShape("Gemm takes two matrices", where);
    if (node.attributes.flag("transA", false) && (input.shape[0] !== 1 || input.shape[1] !== 1)) {
      throw unsupported("transA is set", where, "transpose the operand in the model instead");
    }
    const weight = gemmWeight(node, node.attributes.flag("transB", false), node.attributes.float("alpha", 1));
    const [inner, outer] = weight.shape;
    if (inner !== input.shape[1] || outer < 1) {
      throw badShape(`[${input.shape.join(", ")}] · [${weight.shape.join(", ")}] do not match`, where);
    }
    const shape = [input.shape[0], outer];
    return {
      node: { operator: "Linear", input: input.name, weight: weight.name, bias: gemmBias(node, shape)?.name },
      shape,
    };
  },
};

/** [in, out], alpha applied. */
function gemmWeight(node: OperatorNode, transposed: boolean, alpha: number): GraphConstant {
  const right = constant(node, 1);
  const plain = node.pool.use(right.name, right.tensor);
  if (!transposed && alpha === 1) return plain;
  const [rows, columns] = plain.shape;
  if (!transposed) return node.pool.derive(node.output, "weight", plain.shape, plain.data.map((value) => alpha * value));
  const data = new Float64Array(plain.data.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) data[c * rows + r] = alpha * plain.data[r * columns + c];
  }
  return node.pool.derive(node.output, "weight", [columns, rows], data);
}

function gemmBias(node: OperatorNode, shape: readonly number[]): GraphConstant | undefined {
  const addend = optionalConstant(node, 2);
  const beta = node.attributes.float("beta", 1);
  if (addend === undefined || beta === 0) return undefined;
  if (!broadcastsTo(addend.tensor.shape, shape)) {
    throw badShape(`an addend of [${addend.tensor.shape.join(", ")}] does not broadcast to [${shape.join(", ")}]`, place(node));
  }
  const plain = node.pool.use(addend.name, addend.tensor);
  return beta === 1 ? plain : node.pool.derive(node.output, "bias", plain.shape, plain.data.map((value) => beta * value));
}
