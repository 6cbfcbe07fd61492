/**
 * BitShift, BitwiseAnd, BitwiseOr, BitwiseXor and BitwiseNot, exact on integers of up to 32 bits.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#BitShift, #BitwiseAnd and its like
 */
import { isInteger } from "../../math/elements.js";
import { add, multiply, offset, scale, subtract } from "../compose/arithmetic.js";
import { bitsOf, bitWidth, floorDivide, fromBits, isSigned, within } from "../compose/integers.js";
import { equal } from "../compose/logic.js";
import { perConstant } from "../compose/perConstant.js";
import { apply } from "../compose/pointwise.js";
import { type Emitter, scalar, type Value } from "../emitter.js";
import { malformed, quote } from "../problems.js";
import { type Operator, type OperatorNode, place, value } from "./operator.js";

export const bitShift: Operator = {
  operands: [2, 2],
  lower(node) {
    const [input, amount] = integerOperands(node);
    const direction = node.attributes.string("direction", "");
    if (direction !== "LEFT" && direction !== "RIGHT") throw malformed(`direction is ${quote(direction)}`, place(node));
    const shift = direction === "LEFT" ? shiftLeft : shiftRight;
    return [shift(node.emitter, input, amount)];
  },
};

function shiftLeft(emitter: Emitter, input: Value, amount: Value): Value {
  const shifted =
    amount.kind === "real"
      ? perConstant(emitter, input, amount, (part, bits) => scale(emitter, part, 2 ** bits))
      : multiply(emitter, input, apply(emitter, amount, { name: "power of 2", apply: (bits) => 2 ** bits }));
  // A wider result that overflows has no place in a program.
  const width = bitWidth(input.elementType);
  return width < 32 ? add(emitter, shifted, floorDivide(emitter, shifted, 2 ** width), -(2 ** width)) : shifted;
}

function shiftRight(emitter: Emitter, input: Value, amount: Value): Value {
  if (amount.kind === "real") return perConstant(emitter, input, amount, (part, bits) => floorDivide(emitter, part, 2 ** bits));
  const terms = Array.from({ length: bitWidth(input.elementType) }, (_, bits) => {
    const chosen = equal(emitter, amount, scalar(bits, amount.elementType));
    return multiply(emitter, floorDivide(emitter, input, 2 ** bits), chosen);
  });
  return terms.reduce((sum, term) => add(emitter, sum, term));
}

export const bitwiseAnd = bitwise((_, left, right, common) => [left, right, common][2]);
export const bitwiseOr = bitwise((emitter, left, right, common) => subtract(emitter, add(emitter, left, right), common));
export const bitwiseXor = bitwise((emitter, left, right, common) => add(emitter, add(emitter, left, right), common, -2));

/** @param compose the result, from the operands and the bits that both have */
function bitwise(compose: (emitter: Emitter, left: Value, right: Value, common: Value) => Value): Operator {
  return {
    operands: [2, 2],
    lower(node) {
      const { emitter } = node;
      const [left, right] = integerOperands(node);
      const width = bitWidth(left.elementType);
      const [a, b] = [left, right].map((operand) => bitsOf(emitter, operand, width));
      const common = a.map((bit, i) => multiply(emitter, bit, b[i]));
      const result = compose(emitter, left, right, fromBits(emitter, common, left.elementType));
      const [low, high] = isSigned(left.elementType) ? [-(2 ** (width - 1)), 2 ** (width - 1) - 1] : [0, 2 ** width - 1];
      return [within(emitter, result, low, high, left.elementType)];
    },
  };
}

/** −1 − x, for unsigned integers the greatest one minus x. */
export const bitwiseNot: Operator = {
  operands: [1, 1],
  lower(node) {
    const input = value(node, 0);
    checkInteger(node, input);
    const opposite = scale(node.emitter, input, -1);
    return [offset(node.emitter, opposite, isSigned(input.elementType) ? -1 : 2 ** bitWidth(input.elementType) - 1)];
  },
};

function integerOperands(node: OperatorNode): [Value, Value] {
  const [left, right] = [value(node, 0), value(node, 1)];
  checkInteger(node, left);
  if (left.elementType !== right.elementType) throw malformed(`operands of types ${left.elementType} and ${right.elementType}`, place(node));
  return [left, right];
}

function checkInteger(node: OperatorNode, { elementType }: Value): void {
  if (!isInteger(elementType) || elementType === "bool") throw malformed(`an operand of type ${elementType} instead of an integer`, place(node));
}
