/** x·w + b element by element; the output has the common broadcast shape of the three. */
import { broadcastShape, broadcastStrides, elementCount, flatIndices } from "../../math/shape.js";
import type { AffineOperation } from "../types.js";
import { firstRow, invalid, type LinearRules, type Shape } from "./rules.js";

export const affine: LinearRules<AffineOperation> = {
  linear: true,
  operands: (operation) => [operation.input],
  outputShape: (operation, [input]) => commonShape(operation, input),
  map(operation, [input]) {
    const shape = commonShape(operation, input);
    const [inputAt, weightAt, biasAt] = [input, operation.weight.shape, operation.bias.shape].map((operand) =>
      flatIndices(shape, broadcastStrides(operand, shape)),
    );
    const { weight, bias } = operation;
    // Constants that vary along other axes make elements of one channel differ.
    const isByChannel = [weight, bias].every((constant) => constant.shape.slice(0, -1).every((size) => size === 1));
    return {
      size: elementCount(shape),
      distinct: isByChannel ? firstRow(shape) : undefined,
      row(element, emit) {
        emit(0, inputAt[element], weight.data[weightAt[element]]);
        return bias.data[biasAt[element]];
      },
    };
  },
};

function commonShape({ weight, bias, node }: AffineOperation, input: Shape): number[] {
  const withWeight = broadcastShape(input, weight.shape);
  const shape = withWeight === undefined ? undefined : broadcastShape(withWeight, bias.shape);
  if (shape === undefined) throw invalid(node, "a constant does not broadcast with the input");
  return shape;
}
