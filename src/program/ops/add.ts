/** Sum of two tensors of different scale: small integer coefficients, ONNX broadcasting. */
import { elementCount } from "../../math/shape.js";
import type { AddOperation } from "../types.js";
import { broadcast, broadcastIndices, firstRow, type LinearRules } from "./rules.js";

export const add: LinearRules<AddOperation> = {
  linear: true,
  operands: (operation) => [operation.left, operation.right],
  outputShape({ node }, [left, right]) {
    return broadcast(node, left, right);
  },
  map({ node, leftFactor, rightFactor }, [left, right]) {
    const shape = broadcast(node, left, right);
    const leftAt = broadcastIndices(left, shape);
    const rightAt = broadcastIndices(right, shape);
    return {
      size: elementCount(shape),
      distinct: firstRow(shape),
      row(element, emit) {
        emit(0, leftAt[element], leftFactor);
        emit(1, rightAt[element], rightFactor);
        return 0;
      },
    };
  },
};
