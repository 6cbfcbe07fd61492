/**
 * LRN and LpNormalization. https://github.com/onnx/onnx/blob/main/docs/Operators.md#LRN, #LpNormalization
 */
import { isInteger } from "../../math/elements.js";
import { multiply } from "../compose/arithmetic.js";
import { reshape } from "../compose/layout.js";
import { asActivation } from "../compose/matMul.js";
import { apply } from "../compose/pointwise.js";
import { sum } from "../compose/reduce.js";
import { realFunction, reciprocal } from "../functions/pointwise.js";
import { resolveAxis } from "../limits.js";
import { badShape, malformed } from "../problems.js";
import { type Operator, place, value } from "./operator.js";

/** x / (bias + alpha · mean of the squares of `size` neighbouring channels, absent ones counted as 0) ^ beta. */
export const lrn: Operator = {
  operands: [1, 1],
  lower(node) {
    const { emitter, attributes } = node;
    const input = value(node, 0);
    const [alpha, beta, bias] = [attributes.float("alpha", 1e-4), attributes.float("beta", 0.75), attributes.float("bias", 1)];
    const size = attributes.int("size", 0);
    if (size < 1) throw malformed(`size is ${size}`, place(node));
    if (input.shape.length < 2) throw badShape("an input without a channel axis", place(node));
    const [batch, channels, ...spatial] = input.shape;
    const rows = reshape(emitter, multiply(emitter, input, input), [batch, 1, channels, spatial.reduce((a, b) => a * b, 1)]);
    const pads = { padsBegin: [Math.floor((size - 1) / 2), 0], padsEnd: [Math.ceil((size - 1) / 2), 0] };
    const window = { kernel: [size, 1], strides: [1, 1], dilations: [1, 1], ...pads };
    const body = { operator: "AveragePool", input: asActivation(emitter, rows), window, countedPadsEnd: pads.padsEnd, countIncludePad: true } as const;
    const means = reshape(emitter, emitter.push({ ...body, precise: true }, rows.shape, input.elementType), input.shape);
    const factor = apply(emitter, means, realFunction("response", (x) => (bias + alpha * x) ** -beta), { precise: true });
    return [multiply(emitter, input, factor)];
  },
};

/** x / its norm along an axis; 0 where that is 0. */
export const lpNormalization: Operator = {
  operands: [1, 1],
  lower(node) {
    const { emitter, attributes } = node;
    const input = value(node, 0);
    const rank = input.shape.length;
    const axis = resolveAxis(attributes.int("axis", -1), rank, rank, place(node));
    const p = attributes.int("p", 2);
    if (p !== 1 && p !== 2) throw malformed(`p is ${p}, neither 1 nor 2`, place(node));
    if (isInteger(input.elementType)) throw malformed(`an operand of type ${input.elementType}`, place(node));
    const terms = p === 1 ? apply(emitter, input, { name: "abs", apply: Math.abs }) : multiply(emitter, input, input);
    const total = sum(emitter, terms, { axes: [axis], keep: true }, 1, { precise: true });
    const inverse = p === 1 ? reciprocal : realFunction("inverse square root", (x) => 1 / Math.sqrt(Math.max(x, 0)));
    return [multiply(emitter, input, apply(emitter, total, inverse, { precise: true }))];
  },
};
