/**
 * Normalization over the last axes: LayerNormalization, RMSNormalization, and onnxruntime's SimplifiedLayerNormalization.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#LayerNormalization, #RMSNormalization
 */
import { affine, rootMeanSquare, standardize } from "../compose/normalize.js";
import { broadcastsTo, resolveAxis } from "../limits.js";
import { badShape, malformed } from "../problems.js";
import { type Operator, type OperatorNode, optionalValue, place, value } from "./operator.js";

export const layerNormalization: Operator = {
  operands: [2, 3],
  lower(node) {
    const { axes, epsilon } = settings(node);
    const { result, mean, inverse } = standardize(node.emitter, value(node, 0), axes, epsilon);
    return [affine(node.emitter, result, parameter(node, 1), parameter(node, 2)), mean, inverse];
  },
};

export const rmsNormalization: Operator = {
  operands: [2, 2],
  lower(node) {
    const { axes, epsilon } = settings(node);
    const { result, inverse } = rootMeanSquare(node.emitter, value(node, 0), axes, epsilon);
    return [affine(node.emitter, result, parameter(node, 1), undefined), inverse];
  },
};

function settings(node: OperatorNode): { axes: number[]; epsilon: number } {
  // The type of the intermediate sums.
  node.attributes.ignore("stash_type");
  const { shape } = value(node, 0);
  const first = resolveAxis(node.attributes.int("axis", -1), shape.length, shape.length, place(node));
  return { axes: shape.map((_, axis) => axis).slice(first), epsilon: epsilonOf(node) };
}

export function epsilonOf(node: OperatorNode): number {
  const epsilon = node.attributes.float("epsilon", 1e-5);
  if (epsilon < 0) throw malformed(`epsilon is ${epsilon}`, place(node));
  return epsilon;
}

function parameter(node: OperatorNode, index: number): ReturnType<typeof optionalValue> {
  const operand = optionalValue(node, index);
  const { shape } = value(node, 0);
  if (operand !== undefined && !broadcastsTo(operand.shape, shape)) {
    throw badShape(`operand ${index} of [${operand.shape.join(", ")}] does not broadcast to [${shape.join(", ")}]`, place(node));
  }
  return operand;
}
