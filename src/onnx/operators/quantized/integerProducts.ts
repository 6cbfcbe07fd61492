/**
 * MatMulInteger and ConvInteger: exact products of integers less their zero points, which may be computed.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#MatMulInteger, #ConvInteger
 */
import { reshape } from "../../compose/layout.js";
import { matMul } from "../../compose/matMul.js";
import type { RealConstant, Value } from "../../emitter.js";
import { badShape } from "../../problems.js";
import { convolve } from "../conv.js";
import { constantFrom, type Operator, type OperatorNode, optionalValue, place, value } from "../operator.js";
import { centred } from "./parameters.js";

export const matMulInteger: Operator = {
  operands: [2, 4],
  lower(node) {
    const [left, right] = [value(node, 0), value(node, 1)];
    const [rows, columns] = [left.shape.at(-2) ?? 1, right.shape.at(-1) ?? 1];
    const a = centred(node.emitter, left, zeroOf(node, 2, rows, [rows, 1]));
    const b = centred(node.emitter, right, zeroOf(node, 3, columns, [columns]));
    return [matMul(node.emitter, a, b)];
  },
};

export const convInteger: Operator = {
  operands: [2, 4],
  refuse: (constant) => constantFrom(1, "weight")(constant.slice(0, 2)) ?? constantFrom(3, "weight's zero point")(constant),
  lower(node) {
    const [input, weight] = [value(node, 0), value(node, 1)];
    const channels = weight.shape[0] ?? 1;
    const x = centred(node.emitter, input, zeroOf(node, 2, 1, []));
    const w = centred(node.emitter, weight, zeroOf(node, 3, channels, [channels, ...weight.shape.slice(1).map(() => 1)]));
    return [convolve(node, x, w as RealConstant, undefined)];
  },
};

/** A scalar, or a vector of `count` in a shape that broadcasts. */
export function zeroOf(node: OperatorNode, index: number, count: number, shape: readonly number[]): Value | undefined {
  const zero = optionalValue(node, index);
  if (zero === undefined) return undefined;
  if (zero.shape.every((dim) => dim === 1)) return reshape(node.emitter, zero, []);
  if (zero.shape.length !== 1 || zero.shape[0] !== count) throw badShape(`a zero point of [${zero.shape.join(", ")}] for ${count} rows, columns or channels`, place(node));
  return reshape(node.emitter, zero, shape);
}
