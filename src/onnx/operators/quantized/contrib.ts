/**
 * onnxruntime's operators on quantized tensors (domain com.microsoft): the real operation between two conversions.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
 */
import { add, multiply } from "../../compose/arithmetic.js";
import { apply } from "../../compose/pointwise.js";
import type { Emitter, Value } from "../../emitter.js";
import { FUNCTIONS } from "../../functions/pointwise.js";
import type { Attributes } from "../../attributes.js";
import type { RealFunction } from "../../graph.js";
import { type Operator, type OperatorNode, value } from "../operator.js";
import { dequantized, LAST_AXIS, quantizationOf, quantized } from "./parameters.js";
import { dequantizeLinear, quantizeLinear } from "./quantizeLinear.js";

/** Operands: each tensor with its scale and zero point, then those of the output. */
function pairwise(compose: (emitter: Emitter, left: Value, right: Value) => Value): Operator {
  return {
    operands: [7, 8],
    lower(node) {
      const result = compose(node.emitter, realOf(node, 0), realOf(node, 3));
      return [inOutput(node, result, 6)];
    },
  };
}

function single(functionOf: (attributes: Attributes) => RealFunction): Operator {
  return { operands: [4, 5], lower: (node) => [inOutput(node, apply(node.emitter, realOf(node, 0), functionOf(node.attributes)), 3)] };
}

function realOf(node: OperatorNode, index: number): Value {
  const integers = value(node, index);
  return dequantized(node.emitter, integers, quantizationOf(node, index + 1, { shape: integers.shape, ...LAST_AXIS }, integers.elementType));
}

function inOutput(node: OperatorNode, result: Value, scaleAt: number): Value {
  return quantized(node, result, quantizationOf(node, scaleAt, { shape: result.shape, ...LAST_AXIS }, value(node, 0).elementType));
}

export const CONTRIB_OPERATORS = {
  DequantizeLinear: dequantizeLinear,
  QLinearAdd: pairwise((emitter, left, right) => add(emitter, left, right)),
  QLinearLeakyRelu: single(FUNCTIONS.LeakyRelu),
  QLinearMul: pairwise(multiply),
  QLinearSigmoid: single(FUNCTIONS.Sigmoid),
  QuantizeLinear: quantizeLinear,
} satisfies Readonly<Record<string, Operator>>;
