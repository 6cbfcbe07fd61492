/**
 * Operators that apply a function of one variable to each element.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md
 */
import { multiply, offset, scale, subtract } from "../compose/arithmetic.js";
import { absolute, signOf } from "../compose/integers.js";
import { step } from "../compose/logic.js";
import { apply, relu as rectify } from "../compose/pointwise.js";
import { type Emitter, real, sizeOf, type Value } from "../emitter.js";
import { FUNCTIONS, geluFunction, shrinkFunction } from "../functions/pointwise.js";
import { isInteger } from "../../math/elements.js";
import type { RealFunction } from "../graph.js";
import { broadcastsTo } from "../limits.js";
import { badShape, malformed, quote } from "../problems.js";
import { type OperatorNode, place, value, type Operator } from "./operator.js";

export function pointwise(functionOf: (node: OperatorNode) => RealFunction): Operator {
  return { operands: [1, 1], lower: (node) => [apply(node.emitter, value(node, 0), functionOf(node))] };
}

/** All operators of functions/pointwise.ts. */
export const pointwiseOperators = Object.fromEntries(
  Object.entries(FUNCTIONS).map(([name, of]) => [name, pointwise((node) => of(node.attributes))]),
) as Readonly<Record<keyof typeof FUNCTIONS, Operator>>;

export const gelu = pointwise((node) => {
  const approximate = node.attributes.string("approximate", "none");
  if (approximate !== "none" && approximate !== "tanh") throw malformed(`approximate is ${quote(approximate)}`, place(node));
  return geluFunction(approximate);
});

export const relu: Operator = { operands: [1, 1], lower: (node) => [rectify(node.emitter, value(node, 0))] };

/** On integers max(x, 0) + max(−x, 0), which is exact whatever their range. */
export const abs: Operator = {
  operands: [1, 1],
  lower(node) {
    const x = value(node, 0);
    if (!isInteger(x.elementType)) return [apply(node.emitter, x, { name: "abs", apply: Math.abs })];
    return [absolute(node.emitter, x)];
  },
};

export const neg: Operator = { operands: [1, 1], lower: (node) => [scale(node.emitter, value(node, 0), -1)] };

export const sign: Operator = { operands: [1, 1], lower: (node) => [signOf(node.emitter, value(node, 0))] };

/** x where it is above alpha, else 0. A table has no room for a jump: a comparison decides. */
export const thresholdedRelu: Operator = {
  operands: [1, 1],
  lower(node) {
    const x = value(node, 0);
    return [multiply(node.emitter, x, above(node.emitter, x, node.attributes.float("alpha", 1)))];
  },
};

/** x − bias above lambd, x + bias below −lambd, 0 in between. */
export const shrink: Operator = {
  operands: [1, 1],
  lower(node) {
    const { emitter, attributes } = node;
    const x = value(node, 0);
    const [bias, lambda] = [attributes.float("bias", 0), attributes.float("lambd", 0.5)];
    // No jump, or one definition above the other.
    if (bias === lambda || lambda < 0) return [apply(emitter, x, shrinkFunction(bias, lambda))];
    const opposite = scale(emitter, x, -1);
    const [right, left] = [x, opposite].map((side) => multiply(emitter, offset(emitter, side, -bias), above(emitter, side, lambda)));
    return [subtract(emitter, right, left)];
  },
};

function above(emitter: Emitter, x: Value, threshold: number): Value {
  return step(emitter, offset(emitter, x, -threshold), false, x.elementType);
}

/** PRelu, max(x, 0) − slope·max(−x, 0); the slope broadcasts to x. */
export const prelu: Operator = {
  operands: [2, 2],
  lower(node) {
    const { emitter } = node;
    const [x, slope] = [value(node, 0), value(node, 1)];
    if (!broadcastsTo(slope.shape, x.shape)) throw badShape(`a slope of [${slope.shape.join(", ")}] for [${x.shape.join(", ")}]`, place(node));
    const below = rectify(emitter, scale(emitter, x, -1));
    return [subtract(emitter, rectify(emitter, x), multiply(emitter, below, slope))];
  },
};

/** IsNaN, IsInf: activations are finite, whatever the model; the attributes of IsInf only narrow it. */
export const neverSo: Operator = {
  operands: [1, 1],
  lower(node) {
    node.attributes.ignore("detect_negative", "detect_positive");
    const x = value(node, 0);
    return [real(new Float64Array(sizeOf(x)), x.shape, "bool")];
  },
};
