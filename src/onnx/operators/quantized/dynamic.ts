/**
 * DynamicQuantizeLinear, as it stands: scale and zero point follow from the input's own extremes. Nothing of it is fixed by
 * calibration, so the program means what the model means for every input.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#DynamicQuantizeLinear
 */
import { add, multiply, reciprocal, retyped, scale, subtract } from "../../compose/arithmetic.js";
import { nearest } from "../../compose/integers.js";
import { step as indicator } from "../../compose/logic.js";
import { relu } from "../../compose/pointwise.js";
import { allAxes, maximum } from "../../compose/reduce.js";
import { type Operator, value } from "../operator.js";
import { quantized } from "./parameters.js";

const STEPS = 255;

export const dynamicQuantizeLinear: Operator = {
  operands: [1, 1],
  lower(node) {
    const { emitter } = node;
    const input = value(node, 0);
    const reduction = { axes: allAxes(input), keep: false };
    // Both include 0: max(0, max x) and max(0, max −x) = −min(0, min x).
    const above = relu(emitter, maximum(emitter, input, reduction));
    const below = relu(emitter, maximum(emitter, scale(emitter, input, -1), reduction));
    const span = subtract(emitter, above, scale(emitter, below, -1));
    // onnxruntime's scale of nothing but zeros is 1.
    const flat = indicator(emitter, scale(emitter, span, -1), true, span.elementType);
    const step = add(emitter, scale(emitter, span, 1 / STEPS), flat);
    const zero = nearest(emitter, multiply(emitter, below, reciprocal(emitter, step)), 1, "uint8");
    const integers = quantized(node, input, { scale: step, zero: retyped(emitter, zero, "uint8"), type: "uint8" });
    return [integers, step, zero];
  },
};
