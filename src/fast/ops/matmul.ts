/** Product of two tensors' rows. */
import { productRange } from "../../program/interval.js";
import type { MatMulOperation } from "../../program/types.js";
import { done, type Emit } from "../context.js";
import { assertProducts, type Bytes, bytesOf, floatMatrixProduct, limbProducts, limbsOf, matrixProduct } from "../products.js";
import { scaled } from "../ranges.js";
import { contains, INT32, laneOf } from "../value.js";

export const matmul: Emit<MatMulOperation> = (context, operation) => {
  const { writer } = context;
  const [left, right] = [context.value(operation.left), context.value(operation.right)];
  const rank = right.shape.length;
  const length = right.shape[rank - 1];
  assertProducts(length, operation.node);
  const permutation = right.shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
  const turned = (bytes: Bytes): Bytes => ({ ...bytes, name: writer.node("Transpose", [bytes.name], { perm: permutation }) });
  const [leftBytes, rightBytes] = [bytesOf(context, left), bytesOf(context, right)];
  if (leftBytes === undefined || rightBytes === undefined) {
    const product = limbProducts(context, limbsOf(context, left), limbsOf(context, right).map(turned), (a, b) => matrixProduct(context, a, b));
    return done(context.result(operation, "double", product));
  }
  const range = scaled(productRange(left.range, right.range), length);
  if (laneOf(range) === "float") return done(context.result(operation, "float", floatMatrixProduct(context, leftBytes, turned(rightBytes))));
  if (!contains(INT32, range)) throw new Error("byte products fit 32 bits");
  return done(context.result(operation, "int32", matrixProduct(context, leftBytes, turned(rightBytes))));
};
