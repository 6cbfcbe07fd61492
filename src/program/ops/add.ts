/** Sum of two tensors of different scale: small integer coefficients, ONNX broadcasting. */
import { broadcastShape, broadcastStrides, elementCount, flatIndices } from "../../math/shape.js";
import type { AddOperation } from "../types.js";
import { invalid, type LinearRules, type Shape } from "./rules.js";

export const add: LinearRules<AddOperation> = {
  linear: true,
  operands: (operation) => [operation.left, operation.right],
  outputShape({ node }, [left, right]) {
    return broadcast(node, left, right);
  },
  map({ node, leftFactor, rightFactor }, [left, right]) {
    const shape = broadcast(node, left, right);
    const leftAt = flatIndices(shape, broadcastStrides(left, shape));
    const rightAt = flatIndices(shape, broadcastStrides(right, shape));
    return {
      size: elementCount(shape),
      row(element, emit) {
        emit(0, leftAt[element], leftFactor);
        emit(1, rightAt[element], rightFactor);
        return 0;
      },
    };
  },
};

function broadcast(node: string, left: Shape, right: Shape): number[] {
  const shape = broadcastShape(left, right);
  if (shape === undefined) throw invalid(node, "the operands do not broadcast");
  return shape;
}
