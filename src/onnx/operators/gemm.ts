/** Gemm, y = alpha·A·B + beta·C. https://github.com/onnx/onnx/blob/main/docs/Operators.md#Gemm */
import { add, scale } from "../compose/arithmetic.js";
import { linear, matMul, swapLast } from "../compose/matMul.js";
import type { Value } from "../emitter.js";
import { broadcastsTo } from "../limits.js";
import { badShape } from "../problems.js";
import { optionalValue, place, value, type Operator, type OperatorNode } from "./operator.js";

export const gemm: Operator = {
  operands: [2, 3],
  lower(node) {
    const { attributes, emitter } = node;
    const [a, b] = [matrix(node, 0, attributes.flag("transA", false)), matrix(node, 1, attributes.flag("transB", false))];
    if (a.shape[1] !== b.shape[0] || b.shape[1] < 1) {
      throw badShape(`[${a.shape.join(", ")}] · [${b.shape.join(", ")}] do not match`, place(node));
    }
    const scaled = scale(emitter, b, attributes.float("alpha", 1));
    const addend = addendOf(node, [a.shape[0], b.shape[1]]);
    if (a.kind === "activation" && scaled.kind === "real" && addend?.kind !== "activation") return [linear(emitter, a, scaled, addend)];
    const product = matMul(emitter, a, scaled);
    return [addend === undefined ? product : add(emitter, product, addend)];
  },
};

function matrix(node: OperatorNode, index: number, transposed: boolean): Value {
  const operand = value(node, index);
  if (operand.shape.length !== 2) throw badShape("Gemm takes two matrices", place(node));
  return transposed ? swapLast(node.emitter, operand) : operand;
}

function addendOf(node: OperatorNode, shape: readonly number[]): Value | undefined {
  const addend = optionalValue(node, 2);
  const beta = node.attributes.float("beta", 1);
  if (addend === undefined || beta === 0) return undefined;
  if (!broadcastsTo(addend.shape, shape)) {
    throw badShape(`an addend of [${addend.shape.join(", ")}] does not broadcast to [${shape.join(", ")}]`, place(node));
  }
  return scale(node.emitter, addend, beta);
}
