/**
 * Normalization of channels (axis 1) or groups of them: InstanceNormalization, GroupNormalization, MeanVarianceNormalization.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#InstanceNormalization, #GroupNormalization, #MeanVarianceNormalization
 */
import { reshape, take } from "../compose/layout.js";
import { affine, standardize } from "../compose/normalize.js";
import type { Value } from "../emitter.js";
import { sameShape } from "../limits.js";
import { badShape } from "../problems.js";
import { epsilonOf } from "./layerNormalization.js";
import { type Operator, type OperatorNode, place, value } from "./operator.js";
import { normalizedAxes } from "./reduce.js";

export const instanceNormalization: Operator = {
  operands: [3, 3],
  lower(node) {
    const input = channelled(node);
    const spatial = input.shape.map((_, axis) => axis).slice(2);
    const { result } = standardize(node.emitter, input, spatial, epsilonOf(node));
    const [weight, bias] = [1, 2].map((index) => overChannels(node, vector(node, index, input.shape[1])));
    return [affine(node.emitter, result, weight, bias)];
  },
};

/** Before opset 21 scale and bias have an element a group, since then one a channel. */
const BY_CHANNEL_SINCE = 21;

export const groupNormalization: Operator = {
  operands: [3, 3],
  lower(node) {
    const { emitter, attributes } = node;
    attributes.ignore("stash_type");
    const input = channelled(node);
    const [batch, channels] = input.shape;
    const groups = attributes.int("num_groups", 0);
    if (groups < 1 || channels % groups !== 0) throw badShape(`${channels} channels in ${groups} groups`, place(node));
    const size = input.shape.slice(2).reduce((product, dim) => product * dim, channels / groups);
    const { result } = standardize(emitter, reshape(emitter, input, [batch, groups, size]), [2], epsilonOf(node));
    const [weight, bias] = [1, 2].map((index) => {
      if (node.opset >= BY_CHANNEL_SINCE) return overChannels(node, vector(node, index, channels));
      const repeated = Array.from({ length: channels }, (_, channel) => Math.floor((channel * groups) / channels));
      return overChannels(node, take(emitter, vector(node, index, groups), 0, repeated));
    });
    return [affine(emitter, reshape(emitter, result, input.shape), weight, bias)];
  },
};

/** To mean 0 and variance 1, without parameters. */
export const meanVarianceNormalization: Operator = {
  operands: [1, 1],
  lower(node) {
    const input = value(node, 0);
    const axes = normalizedAxes(node, node.attributes.ints("axes") ?? [0, 2, 3], input.shape.length);
    return [standardize(node.emitter, input, axes, EPSILON).result];
  },
};

/** Keeps a variance of 0 finite; the standard adds 1e-9 to its root. */
const EPSILON = 1e-9;

function channelled(node: OperatorNode): Value {
  const input = value(node, 0);
  if (input.shape.length < 3) throw badShape(`an input of ${input.shape.length} axes has no channels of several elements`, place(node));
  return input;
}

function vector(node: OperatorNode, index: number, length: number): Value {
  const operand = value(node, index);
  if (!sameShape(operand.shape, [length])) throw badShape(`operand ${index} has shape [${operand.shape.join(", ")}] instead of [${length}]`, place(node));
  return operand;
}

/** [channels, 1, 1, ...], which broadcasts to the input. */
function overChannels(node: OperatorNode, channels: Value): Value {
  return reshape(node.emitter, channels, [channels.shape[0], ...value(node, 0).shape.slice(2).map(() => 1)]);
}
