/**
 * Pow. Exact on integers by a constant; where base and exponent are both computed, a real base must be positive.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#Pow
 */
import { isInteger } from "../../math/elements.js";
import { add, multiply, offset, retyped, scale } from "../compose/arithmetic.js";
import { absolute, floorDivide, isSigned, nearest } from "../compose/integers.js";
import { equal, step } from "../compose/logic.js";
import { asActivation } from "../compose/matMul.js";
import { perConstant } from "../compose/perConstant.js";
import { apply } from "../compose/pointwise.js";
import { type Emitter, real, scalar, sizeOf, type Value } from "../emitter.js";
import { exp, realFunction, reciprocal, squareRoot } from "../functions/pointwise.js";
import type { RealFunction } from "../graph.js";
import { broadcast } from "../limits.js";
import { unsupported } from "../problems.js";
import { type Operator, place, value } from "./operator.js";

export const pow: Operator = {
  operands: [2, 2],
  lower(node) {
    const { emitter } = node;
    const [base, exponent] = [value(node, 0), value(node, 1)];
    if (exponent.kind === "real") return [perConstant(emitter, base, exponent, (part, power) => powerOf(emitter, part, power))];
    if (base.kind === "real") {
      const type = base.elementType;
      if (base.data.some((x) => x <= 0)) throw unsupported("a constant base that is not positive, by a computed exponent", place(node));
      return [perConstant(emitter, exponent, base, (part, number) => apply(emitter, part, exponential(number), { elementType: type }))];
    }
    return [isInteger(base.elementType) ? integerPower(emitter, base, exponent) : realPower(emitter, base, exponent)];
  },
};

function powerOf(emitter: Emitter, base: Value, power: number): Value {
  if (power === 0) return real(new Float64Array(sizeOf(base)).fill(1), base.shape, base.elementType);
  if (power === 1) return base;
  if (power === 2) return multiply(emitter, base, base);
  if (!isInteger(base.elementType)) return apply(emitter, base, powerFunction(power));
  if (!Number.isInteger(power) || power < 0) return apply(emitter, base, { name: `power ${power}`, apply: (x) => Math.trunc(x ** power) });
  const half = powerOf(emitter, powerOf(emitter, base, 2), Math.floor(power / 2));
  return power % 2 === 0 ? half : multiply(emitter, half, base);
}

function powerFunction(power: number): RealFunction {
  if (power === 0.5) return squareRoot;
  if (power === -1) return reciprocal;
  return realFunction(`power ${power}`, (x) => x ** power);
}

function exponential(base: number): RealFunction {
  return realFunction(`${base} to the power`, (x) => base ** x);
}

/** 0 to a positive power is 0 well enough from here on, and the logarithm of anything less would take its table's bits. */
const LEAST_BASE = 1e-8;

/** exp(exponent · log(base)). */
function realPower(emitter: Emitter, base: Value, exponent: Value): Value {
  const logarithm = apply(emitter, base, realFunction("log", (x) => Math.log(Math.max(x, LEAST_BASE))), { precise: true });
  return apply(emitter, preciseProduct(emitter, logarithm, retyped(emitter, exponent, base.elementType)), exp);
}

/** An error of the exponent is one of the whole power. */
function preciseProduct(emitter: Emitter, left: Value, right: Value): Value {
  const body = { operator: "Mul", left: asActivation(emitter, left), right: asActivation(emitter, right), precise: true } as const;
  return emitter.push(body, broadcast(left.shape, right.shape, emitter.where), left.elementType);
}

/** |base| to the power, rounded, with the sign that an odd exponent keeps; 0 but for the power 0 where the base is 0. */
function integerPower(emitter: Emitter, base: Value, exponent: Value): Value {
  const type = base.elementType;
  const magnitude = absolute(emitter, base);
  const logarithm = apply(emitter, magnitude, realFunction("log", (x) => Math.log(Math.max(x, 1))), { elementType: "float32", precise: true });
  const power = apply(emitter, preciseProduct(emitter, logarithm, retyped(emitter, exponent, "float32")), exp, { precise: true });
  const rounded = isInteger(exponent.elementType)
    ? nearest(emitter, power, 1, type)
    : apply(emitter, power, { name: "floor", apply: Math.floor, snap: true }, { elementType: type });
  const zero = multiply(emitter, equal(emitter, base, scalar(0, type)), step(emitter, exponent, false));
  const result = multiply(emitter, rounded, offset(emitter, scale(emitter, retyped(emitter, zero, type), -1), 1));
  return isSigned(type) ? multiply(emitter, result, signOfPower(emitter, base, exponent)) : result;
}

/** 1 − 2·[base < 0]·(exponent mod 2). */
function signOfPower(emitter: Emitter, base: Value, exponent: Value): Value {
  const type = base.elementType;
  const whole = nearest(emitter, exponent, 1, type);
  const odd = add(emitter, whole, floorDivide(emitter, whole, 2), -2);
  const negative = step(emitter, scale(emitter, base, -1), false, type);
  return offset(emitter, scale(emitter, multiply(emitter, negative, odd), -2), 1);
}
