/** Softmax and normalization by mean and variance, from sums, functions and products. */
import type { Emitter, Value } from "../emitter.js";
import { log, realFunction } from "../functions/pointwise.js";
import type { RealFunction } from "../graph.js";
import { add, divide, multiply, subtract } from "./arithmetic.js";
import { reshape } from "./layout.js";
import { apply } from "./pointwise.js";
import { maximum, mean, reducedShape, type Reduction, sum } from "./reduce.js";

/** exp(x) of x below this is 0 to every precision that there is. */
const EXP_FLOOR = -16;

/**
 * exp(x − max) / sum. Arguments are at most 0, so nothing overflows.
 * @param kept 0 for elements that count as −∞, else 1; broadcast
 */
export function softmax(emitter: Emitter, value: Value, axes: readonly number[], kept?: Value): Value {
  const reduction: Reduction = { axes, keep: true };
  const all = shiftedExp(emitter, value, reduction);
  const exponentials = kept === undefined ? all : multiply(emitter, all, kept);
  const total = sum(emitter, exponentials, reduction, 1, { precise: true });
  return divide(emitter, exponentials, total);
}

/** x − max − log(sum of exponentials). */
export function logSoftmax(emitter: Emitter, value: Value, axes: readonly number[]): Value {
  const reduction: Reduction = { axes, keep: true };
  const shifted = subtract(emitter, value, maximum(emitter, value, reduction));
  return subtract(emitter, shifted, logOfSum(emitter, value, reduction));
}

/** max + log(sum of the exponentials of x − max). */
export function logSumExp(emitter: Emitter, value: Value, { axes, keep }: Reduction): Value {
  const reduction: Reduction = { axes, keep: true };
  const result = add(emitter, logOfSum(emitter, value, reduction), maximum(emitter, value, reduction));
  return reshape(emitter, result, reducedShape(value.shape, { axes, keep }));
}

function logOfSum(emitter: Emitter, value: Value, reduction: Reduction): Value {
  const total = sum(emitter, shiftedExp(emitter, value, reduction), reduction, 1, { precise: true });
  return apply(emitter, total, log, { precise: true });
}

function shiftedExp(emitter: Emitter, value: Value, reduction: Reduction): Value {
  return expOf(emitter, subtract(emitter, value, maximum(emitter, value, reduction)));
}

/** exp of what is at most 0. */
export const SOFTMAX_EXP: RealFunction = { name: "exp", apply: (x) => (x < EXP_FLOOR ? 0 : Math.exp(x)) };

/** @param value at most 0 */
export function expOf(emitter: Emitter, value: Value): Value {
  return apply(emitter, value, SOFTMAX_EXP, { precise: true });
}

export interface Standardized {
  /** (x − mean) · inverse. */
  readonly result: Value;
  readonly mean: Value;
  /** 1 / sqrt(variance + epsilon), axes kept. */
  readonly inverse: Value;
}

/** (x − mean) / sqrt(variance + epsilon) over axes. */
export function standardize(emitter: Emitter, value: Value, axes: readonly number[], epsilon: number): Standardized {
  const reduction: Reduction = { axes, keep: true };
  const centre = mean(emitter, value, reduction, { precise: true });
  const centred = subtract(emitter, value, centre);
  const inverse = inverseRoot(emitter, meanSquare(emitter, centred, reduction), epsilon);
  return { result: multiply(emitter, centred, inverse), mean: centre, inverse };
}

/** x / sqrt(mean of squares + epsilon) over axes. */
export function rootMeanSquare(emitter: Emitter, value: Value, axes: readonly number[], epsilon: number): { result: Value; inverse: Value } {
  const inverse = inverseRoot(emitter, meanSquare(emitter, value, { axes, keep: true }), epsilon);
  return { result: multiply(emitter, value, inverse), inverse };
}

function meanSquare(emitter: Emitter, value: Value, reduction: Reduction): Value {
  return mean(emitter, multiply(emitter, value, value), reduction, { precise: true });
}

function inverseRoot(emitter: Emitter, value: Value, epsilon: number): Value {
  const fn = realFunction("inverse square root", (x) => 1 / Math.sqrt(Math.max(x, 0) + epsilon));
  return apply(emitter, value, fn, { precise: true });
}

/** y·weight + bias, broadcast; each where it is given. */
export function affine(emitter: Emitter, value: Value, weight: Value | undefined, bias: Value | undefined): Value {
  const scaled = weight === undefined ? value : multiply(emitter, value, weight);
  return bias === undefined ? scaled : add(emitter, scaled, bias);
}

