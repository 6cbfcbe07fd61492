/**
 * Pooling of whole planes, and by p-norms: roots of sums of powers.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#GlobalMaxPool, #LpPool, #GlobalLpPool
 */
import { multiply } from "../compose/arithmetic.js";
import { reshape } from "../compose/layout.js";
import { asActivation } from "../compose/matMul.js";
import { apply } from "../compose/pointwise.js";
import { maximum, sum } from "../compose/reduce.js";
import { range } from "../compose/positions.js";
import { type Emitter, real, type Value } from "../emitter.js";
import { elementCount } from "../limits.js";
import { badShape, malformed } from "../problems.js";
import { place, value, type Operator, type OperatorNode } from "./operator.js";
import { poolWindow } from "./pool.js";

export const globalMaxPool: Operator = {
  operands: [1, 1],
  lower: (node) => [maximum(node.emitter, value(node, 0), { axes: spatialAxes(node), keep: true })],
};

export const globalLpPool: Operator = {
  operands: [1, 1],
  lower(node) {
    const p = exponent(node);
    const powers = powered(node.emitter, value(node, 0), p);
    return [root(node.emitter, sum(node.emitter, powers, { axes: spatialAxes(node), keep: true }, 1, { precise: true }), p)];
  },
};

/** The sum over a window is a convolution with ones, channel by channel. */
export const lpPool: Operator = {
  operands: [1, 1],
  lower(node) {
    const { emitter } = node;
    const p = exponent(node);
    const { input, resolved, shape } = poolWindow(node);
    const { window } = resolved;
    const planes = [input.shape[0] * input.shape[1], 1, ...input.shape.slice(2)];
    const kernel = [1, 1, ...window.kernel];
    const weight = emitter.constant(real(new Float64Array(elementCount(kernel, place(node))).fill(1), kernel));
    const powers = asActivation(emitter, reshape(emitter, powered(emitter, input, p), planes));
    const body = { operator: "Conv", input: powers, weight, bias: undefined, window, group: 1, precise: true } as const;
    const sums = emitter.push(body, [planes[0], 1, ...resolved.output], input.elementType);
    return [root(emitter, reshape(emitter, sums, shape), p)];
  },
};

function exponent(node: OperatorNode): number {
  const p = node.attributes.int("p", 2);
  if (p < 1) throw malformed(`p is ${p}`, place(node));
  return p;
}

function spatialAxes(node: OperatorNode): number[] {
  const { shape } = value(node, 0);
  if (shape.length < 3) throw badShape(`an input of ${shape.length} axes has none to pool over`, place(node));
  return range(shape.length - 2, 2);
}

function powered(emitter: Emitter, value: Value, p: number): Value {
  if (p === 2) return multiply(emitter, value, value);
  return apply(emitter, value, { name: `|x|^${p}`, apply: (x) => Math.abs(x) ** p });
}

function root(emitter: Emitter, value: Value, p: number): Value {
  return p === 1 ? value : apply(emitter, value, { name: `root ${p}`, apply: (x) => Math.max(0, x) ** (1 / p) });
}
