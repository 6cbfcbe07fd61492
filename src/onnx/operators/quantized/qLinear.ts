/**
 * QLinearConv and QLinearMatMul: an exact product of integers, rescaled and rounded once.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#QLinearConv, #QLinearMatMul
 */
import { multiply, retyped } from "../../compose/arithmetic.js";
import { reshape } from "../../compose/layout.js";
import { matMul } from "../../compose/matMul.js";
import type { RealConstant, Value } from "../../emitter.js";
import { badShape } from "../../problems.js";
import { convolve } from "../conv.js";
import { constantFrom, type Operator, type OperatorNode, optionalReal, place, value } from "../operator.js";
import { zeroOf } from "./integerProducts.js";
import { centred, LAST_AXIS, quantizationOf, quantized } from "./parameters.js";

/** Operands: x and its scale and zero point, the weight and its own, those of the output, and an int32 bias. */
export const qLinearConv: Operator = {
  operands: [8, 9],
  refuse: constantFrom(1, "scale", "zero point", "weight", "weight's scale", "weight's zero point", "output's scale", "output's zero point", "bias"),
  lower(node) {
    const [input, weight] = [value(node, 0), value(node, 3)];
    const channels = weight.shape[0] ?? 1;
    const perChannel = [channels, ...weight.shape.slice(1).map(() => 1)];
    const x = centred(node.emitter, input, zeroOf(node, 2, 1, []));
    const w = centred(node.emitter, weight, zeroOf(node, 5, channels, perChannel));
    const sums = convolve(node, x, w as RealConstant, optionalReal(node, 8));
    const factor = multiply(node.emitter, scaleOf(node, 1, 1, []), scaleOf(node, 4, channels, perChannel.slice(0, -1)));
    return [rescaled(node, sums, factor, 6)];
  },
};

/** Operands: two matrices, each with its scale and zero point, then those of the output. */
export const qLinearMatMul: Operator = {
  operands: [8, 8],
  lower(node) {
    const [left, right] = [value(node, 0), value(node, 3)];
    const [rows, columns] = [left.shape.at(-2) ?? 1, right.shape.at(-1) ?? 1];
    const a = centred(node.emitter, left, zeroOf(node, 2, rows, [rows, 1]));
    const b = centred(node.emitter, right, zeroOf(node, 5, columns, [columns]));
    const factor = multiply(node.emitter, scaleOf(node, 1, rows, [rows, 1]), scaleOf(node, 4, columns, [columns]));
    return [rescaled(node, matMul(node.emitter, a, b), factor, 6)];
  },
};

/** A scalar, or a vector of `count` in a shape that broadcasts. */
function scaleOf(node: OperatorNode, index: number, count: number, shape: readonly number[]): Value {
  const scale = value(node, index);
  if (scale.shape.every((dim) => dim === 1)) return reshape(node.emitter, scale, []);
  if (scale.shape.length !== 1 || scale.shape[0] !== count) throw badShape(`a scale of [${scale.shape.join(", ")}] for ${count} rows, columns or channels`, place(node));
  return reshape(node.emitter, scale, shape);
}

/** Sums times the factor of their scale, in the output's quantization. */
function rescaled(node: OperatorNode, sums: Value, factor: Value, scaleAt: number): Value {
  const output = quantizationOf(node, scaleAt, { shape: sums.shape, ...LAST_AXIS }, "uint8");
  return quantized(node, multiply(node.emitter, retyped(node.emitter, sums, "float32"), factor), output);
}
