/**
 * Scaler, Normalizer, Binarizer and Imputer. https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md
 */
import { multiply, offset, retyped, subtract } from "../../compose/arithmetic.js";
import { equal, step, where } from "../../compose/logic.js";
import { apply } from "../../compose/pointwise.js";
import { maximum, sum } from "../../compose/reduce.js";
import { type Emitter, real, scalar, type Value } from "../../emitter.js";
import { realFunction, reciprocal } from "../../functions/pointwise.js";
import { badShape, malformed, quote } from "../../problems.js";
import { type Operator, type OperatorNode, place, value } from "../operator.js";
import { realSamples } from "./features.js";

/** (x − offset)·scale, one of each or one a feature. */
export const scaler: Operator = {
  operands: [1, 1],
  lower(node) {
    const input = retyped(node.emitter, value(node, 0), "float32");
    const [shift, factor] = [perFeature(node, input, "offset"), perFeature(node, input, "scale")];
    return [multiply(node.emitter, subtract(node.emitter, input, shift), factor)];
  },
};

function perFeature(node: OperatorNode, input: Value, name: string): Value {
  const data = node.attributes.floats(name) ?? [];
  const features = input.shape.at(-1) ?? 1;
  if (data.length !== 1 && data.length !== features) throw badShape(`${data.length} elements of ${name} for ${features} features`, place(node));
  return real(data, data.length === 1 ? [] : [features]);
}

/** Each row by its greatest element, the sum of its magnitudes or its length; a row of zeros stays. */
export const normalizer: Operator = {
  operands: [1, 1],
  lower(node) {
    const { emitter } = node;
    const input = realSamples(node);
    const norm = node.attributes.string("norm", "MAX");
    return [multiply(emitter, input, inverseNorm(node, emitter, input, norm))];
  },
};

function inverseNorm(node: OperatorNode, emitter: Emitter, input: Value, norm: string): Value {
  const reduction = { axes: [1], keep: true };
  switch (norm) {
    case "MAX":
      return apply(emitter, maximum(emitter, input, reduction), reciprocal, { precise: true });
    case "L1": {
      const magnitudes = apply(emitter, input, { name: "abs", apply: Math.abs });
      return apply(emitter, sum(emitter, magnitudes, reduction, 1, { precise: true }), reciprocal, { precise: true });
    }
    case "L2": {
      const squares = sum(emitter, multiply(emitter, input, input), reduction, 1, { precise: true });
      return apply(emitter, squares, realFunction("inverse square root", (x) => 1 / Math.sqrt(Math.max(x, 0))), { precise: true });
    }
    default:
      throw malformed(`norm is ${quote(norm)}`, place(node));
  }
}

/** 1 above the threshold, else 0. */
export const binarizer: Operator = {
  operands: [1, 1],
  lower(node) {
    const input = value(node, 0);
    const threshold = node.attributes.float("threshold", 0);
    return [step(node.emitter, offset(node.emitter, input, -threshold), false, input.elementType)];
  },
};

/** Replaces one value by another, or by one a feature. NaN never occurs. */
export const imputer: Operator = {
  operands: [1, 1],
  lower(node) {
    const { emitter, attributes } = node;
    const input = value(node, 0);
    const [integers, floats] = [attributes.ints("imputed_value_int64s"), attributes.floats("imputed_value_floats")];
    const replaced = integers === undefined ? replacedFloat(node) : attributes.int("replaced_value_int64", 0);
    const imputed = integers ?? floats ?? [];
    const features = input.shape.at(-1) ?? 1;
    if (imputed.length !== 1 && imputed.length !== features) throw badShape(`${imputed.length} imputed values for ${features} features`, place(node));
    if (replaced === undefined) return [input];
    const substitute = real(imputed, imputed.length === 1 ? [] : [features], input.elementType);
    return [where(emitter, equal(emitter, input, scalar(replaced, input.elementType)), substitute, input)];
  },
};

/** undefined: NaN. */
function replacedFloat({ attributes }: OperatorNode): number | undefined {
  const value = attributes.anyFloat("replaced_value_float", 0);
  return Number.isNaN(value) ? undefined : value;
}
