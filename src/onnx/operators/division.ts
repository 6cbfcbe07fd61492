/**
 * Div and Mod. Integers are divided exactly, towards 0, up to quotients of about 10,000 where the divisor is computed.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#Div and #Mod
 */
import { isInteger } from "../../math/elements.js";
import { add, divide, multiply, retyped, scale, subtract } from "../compose/arithmetic.js";
import { divideComputed, floorDivide, isSigned, signOf, truncDivide } from "../compose/integers.js";
import { step } from "../compose/logic.js";
import { perConstant } from "../compose/perConstant.js";
import { apply } from "../compose/pointwise.js";
import type { Emitter, Value } from "../emitter.js";
import { malformed, unsupported } from "../problems.js";
import { type Operator, type OperatorNode, place, value } from "./operator.js";

export const div: Operator = {
  operands: [2, 2],
  lower(node) {
    const [left, right] = operandsOf(node);
    if (!isInteger(left.elementType)) return [divide(node.emitter, left, right)];
    return [integerQuotient(node.emitter, left, right)];
  },
};

function integerQuotient(emitter: Emitter, left: Value, right: Value): Value {
  if (right.kind === "activation") return divideComputed(emitter, left, right);
  return perConstant(emitter, left, right, (part, divisor) => truncDivide(emitter, part, divisor));
}

/** fmod = 1: the remainder has the dividend's sign; 0, for integers alone: the divisor's. */
export const mod: Operator = {
  operands: [2, 2],
  lower(node) {
    const [left, right] = operandsOf(node);
    const ofDividend = node.attributes.flag("fmod", false);
    if (!isInteger(left.elementType)) {
      if (!ofDividend) throw malformed("fmod must be 1 for real operands", place(node));
      return [realRemainder(node.emitter, left, right)];
    }
    return [ofDividend ? remainder(node.emitter, left, right) : floorRemainder(node.emitter, left, right)];
  },
};

function remainder(emitter: Emitter, left: Value, right: Value): Value {
  return subtract(emitter, left, multiply(emitter, integerQuotient(emitter, left, right), right));
}

function floorRemainder(emitter: Emitter, left: Value, right: Value): Value {
  if (right.kind === "real") {
    return perConstant(emitter, left, right, (part, divisor) => {
      const quotient = floorDivide(emitter, scale(emitter, part, Math.sign(divisor)), Math.abs(divisor));
      return add(emitter, part, quotient, -divisor);
    });
  }
  const rest = remainder(emitter, left, right);
  if (!isSigned(left.elementType)) return rest;
  const opposite = step(emitter, scale(emitter, multiply(emitter, rest, signOf(emitter, right)), -1), false, left.elementType);
  return add(emitter, rest, multiply(emitter, opposite, right));
}

function realRemainder(emitter: Emitter, left: Value, right: Value): Value {
  const quotient = apply(emitter, divide(emitter, left, right), { name: "truncation", apply: Math.trunc, snap: true }, { precise: true });
  return subtract(emitter, left, multiply(emitter, quotient, right));
}

function operandsOf(node: OperatorNode): [Value, Value] {
  const [left, right] = [value(node, 0), value(node, 1)];
  if (left.elementType !== right.elementType) throw malformed(`operands of types ${left.elementType} and ${right.elementType}`, place(node));
  if (left.elementType === "bool") throw malformed("operands of type bool", place(node));
  if (right.kind === "real" && right.data.includes(0)) throw unsupported("a division by the constant 0", place(node));
  return [left, retyped(node.emitter, right, left.elementType)];
}
