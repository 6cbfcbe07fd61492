/** Exact arithmetic on integers: absolute value, sign, division, bits. All of it works on negative numbers. */
import { type Emitter, real, type Value } from "../emitter.js";
import type { GraphElementType } from "../graph.js";
import { add, multiply, offset, reciprocal, retyped, scale, subtract } from "./arithmetic.js";
import { step } from "./logic.js";
import { relu } from "./pointwise.js";

/** Wider integers are not held in a program. */
const LEAST = -(2 ** 31);
const GREATEST = 2 ** 31 - 1;

export function isSigned(type: GraphElementType): boolean {
  return type.startsWith("int");
}

/** max(x, 0) + max(−x, 0). */
export function absolute(emitter: Emitter, value: Value): Value {
  if (!isSigned(value.elementType)) return value;
  return add(emitter, relu(emitter, value), relu(emitter, scale(emitter, value, -1)));
}

/** [x > 0] − [−x > 0], of the value's type. */
export function signOf(emitter: Emitter, value: Value): Value {
  const [above, below] = [value, scale(emitter, value, -1)].map((side) => step(emitter, side, false, value.elementType));
  return subtract(emitter, above, below);
}

/** floor(x / divisor), as the nearest integer to (2x − (divisor − 1)) / (2·divisor), which is never near a half. */
export function floorDivide(emitter: Emitter, value: Value, divisor: number): Value {
  if (divisor === 1) return value;
  const centred = offset(emitter, scale(emitter, value, 2), 1 - divisor);
  return nearest(emitter, centred, 2 * divisor, value.elementType);
}

/** The nearest integer to x / step. */
export function nearest(emitter: Emitter, value: Value, step: number, elementType: GraphElementType): Value {
  if (value.kind === "real") return real(value.data.map((x) => Math.floor(x / step + 0.5)), value.shape, elementType);
  const body = { operator: "Quantize", input: value.name, scale: step, zeroPoint: 0, low: LEAST, high: GREATEST } as const;
  return emitter.push(body, value.shape, elementType);
}

/** The value, known to lie in a range: a clamp that changes nothing, but tells a program how narrow it is. */
export function within(emitter: Emitter, value: Value, low: number, high: number, elementType: GraphElementType): Value {
  if (value.kind === "real") return retyped(emitter, value, elementType);
  return emitter.push({ operator: "Quantize", input: value.name, scale: 1, zeroPoint: 0, low, high }, value.shape, elementType);
}

/** x / divisor towards 0, divisor ≠ 0. */
export function truncDivide(emitter: Emitter, value: Value, divisor: number): Value {
  if (divisor < 0) return truncDivide(emitter, scale(emitter, value, -1), -divisor);
  if (divisor === 1 || !isSigned(value.elementType)) return floorDivide(emitter, value, divisor);
  const [above, below] = [value, scale(emitter, value, -1)].map((side) => floorDivide(emitter, relu(emitter, side), divisor));
  return subtract(emitter, above, below);
}

/**
 * x / y towards 0 for a computed y ≠ 0: the rounded product with the reciprocal, corrected by 1 where the remainder says so.
 * Exact while the quotient's error is below 1: up to quotients of about 10,000.
 */
export function divideComputed(emitter: Emitter, left: Value, right: Value): Value {
  const type = left.elementType;
  const [x, y] = [left, right].map((value) => absolute(emitter, value));
  const [realX, realY] = [x, y].map((value) => retyped(emitter, value, "float32"));
  const guess = nearest(emitter, multiply(emitter, realX, reciprocal(emitter, realY)), 1, type);
  const rest = subtract(emitter, x, multiply(emitter, guess, y));
  const tooSmall = step(emitter, subtract(emitter, rest, y), true, type);
  const tooLarge = step(emitter, scale(emitter, rest, -1), false, type);
  const quotient = add(emitter, subtract(emitter, guess, tooLarge), tooSmall);
  if (!isSigned(type)) return quotient;
  return multiply(emitter, quotient, multiply(emitter, signOf(emitter, left), signOf(emitter, right)));
}

/** The `width` lowest bits in two's complement, least first, each 0 or 1: ⌊x/2ⁱ⌋ − 2⌊x/2ⁱ⁺¹⌋. */
export function bitsOf(emitter: Emitter, value: Value, width: number): Value[] {
  let shifted = value;
  return Array.from({ length: width }, (_, i) => {
    if (i === width - 1) return isSigned(value.elementType) ? scale(emitter, shifted, -1) : shifted;
    const next = floorDivide(emitter, value, 2 ** (i + 1));
    const bit = add(emitter, shifted, next, -2);
    shifted = next;
    return bit;
  });
}

/** The integer with these bits; the last one counts negatively where the type is signed. */
export function fromBits(emitter: Emitter, bits: readonly Value[], type: GraphElementType): Value {
  const last = bits.length - 1;
  const top = scale(emitter, bits[last], isSigned(type) ? -(2 ** last) : 2 ** last);
  return bits.slice(0, last).reduce<Value>((total, bit, i) => add(emitter, total, bit, 2 ** i), top);
}

/** Bits that values of a type can have in a program. */
export function bitWidth(type: GraphElementType): number {
  if (type === "bool") return 1;
  const width = Number(/\d+$/.exec(type)?.[0] ?? 32);
  return Math.min(width, 32);
}
