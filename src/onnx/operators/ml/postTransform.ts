/**
 * The attribute post_transform of classical models, as onnxruntime computes it.
 * https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/providers/cpu/ml/ml_common.h
 */
import { multiply, retyped, subtract } from "../../compose/arithmetic.js";
import { equal, not } from "../../compose/logic.js";
import { expOf, softmax } from "../../compose/normalize.js";
import { apply } from "../../compose/pointwise.js";
import { maximum, sum } from "../../compose/reduce.js";
import { type Emitter, scalar, type Value } from "../../emitter.js";
import { realFunction, reciprocal } from "../../functions/pointwise.js";
import { sigmoid } from "../../functions/special.js";
import { malformed, quote } from "../../problems.js";
import { type OperatorNode, place } from "../operator.js";

const TRANSFORMS = ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT"] as const;
export type Transform = (typeof TRANSFORMS)[number];

export function transformOf(node: OperatorNode): Transform {
  const name = node.attributes.string("post_transform", "NONE");
  const transform = TRANSFORMS.find((known) => known === name);
  if (transform === undefined) throw malformed(`post_transform is ${quote(name)}`, place(node));
  return transform;
}

/** @param scores [batch, scores] */
export function transformed(emitter: Emitter, scores: Value, transform: Transform): Value {
  switch (transform) {
    case "NONE":
      return scores;
    case "LOGISTIC":
      return logistic(emitter, scores);
    case "SOFTMAX":
      return softmax(emitter, scores, [1]);
    case "SOFTMAX_ZERO":
      return softmaxZero(emitter, scores);
    case "PROBIT":
      return apply(emitter, scores, realFunction("probit", probit));
  }
}

export function logistic(emitter: Emitter, scores: Value): Value {
  return apply(emitter, scores, realFunction("sigmoid", sigmoid));
}

/** Softmax of the scores that are not 0; those stay 0. */
function softmaxZero(emitter: Emitter, scores: Value): Value {
  const reduction = { axes: [1], keep: true };
  const present = not(emitter, equal(emitter, scores, scalar(0, scores.elementType)));
  const exponentials = expOf(emitter, subtract(emitter, scores, maximum(emitter, scores, reduction)));
  const counted = multiply(emitter, exponentials, retyped(emitter, present, scores.elementType));
  const total = sum(emitter, counted, reduction, 1, { precise: true });
  return multiply(emitter, counted, apply(emitter, total, reciprocal, { precise: true }));
}

/** The inverse of the normal distribution, by S. Winitzki's approximation, which onnxruntime takes. */
function probit(p: number): number {
  const x = 2 * p - 1;
  const logarithm = Math.log((1 - x) * (1 + x));
  const v = 2 / (3.14159 * 0.147) + 0.5 * logarithm;
  return Math.SQRT2 * Math.sign(x) * Math.sqrt(Math.sqrt(v * v - logarithm / 0.147) - v);
}
