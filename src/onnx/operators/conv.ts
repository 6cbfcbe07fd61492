/** Conv over 1, 2 or 3 spatial axes. https://github.com/onnx/onnx/blob/main/docs/Operators.md#Conv */
import { asActivation } from "../compose/matMul.js";
import type { RealConstant, Value } from "../emitter.js";
import { badShape, unsupported } from "../problems.js";
import { sameShape } from "../limits.js";
import { resolveWindow } from "../window.js";
import { constantFrom, optionalReal, place, realOperand, value, type Operator, type OperatorNode } from "./operator.js";

export const conv: Operator = {
  operands: [2, 3],
  refuse: constantFrom(1, "weight", "bias"),
  lower: (node) => [convolve(node, value(node, 0), realOperand(node, 1), optionalReal(node, 2))],
};

/**
 * With the node's attributes.
 * @param weight [out, in/group, ...kernel]
 * @param bias [out]
 */
export function convolve(node: OperatorNode, input: Value, weight: RealConstant, bias: RealConstant | undefined): Value {
  const where = place(node);
  const [batch, channels, ...spatial] = input.shape;
  const [outChannels, groupChannels, ...kernel] = weight.shape;
  if (spatial.length < 1 || kernel.length !== spatial.length) {
    throw badShape(`input [${input.shape.join(", ")}] and weight [${weight.shape.join(", ")}] do not match`, where);
  }
  if (spatial.length > 3) throw unsupported(`${spatial.length} spatial axes; at most 3 are supported`, where);
  const group = node.attributes.int("group", 1);
  if (group < 1 || channels !== groupChannels * group || outChannels < 1 || outChannels % group !== 0) {
    throw badShape(`${channels} channels, weight [${weight.shape.join(", ")}] and group ${group} do not match`, where);
  }
  if (!sameShape(node.attributes.ints("kernel_shape") ?? kernel, kernel)) {
    throw badShape(`kernel_shape differs from the weight's [${kernel.join(", ")}]`, where);
  }
  if (bias !== undefined && !sameShape(bias.shape, [outChannels])) {
    throw badShape(`a bias of [${bias.shape.join(", ")}] for ${outChannels} output channels`, where);
  }
  const { window, output } = resolveWindow(node.attributes, spatial, kernel, "conv", node.name);
  const constants = { weight: node.emitter.constant(weight), bias: bias && node.emitter.constant(bias) };
  const body = { operator: "Conv", input: asActivation(node.emitter, input), ...constants, window, group } as const;
  return node.emitter.push(body, [batch, outChannels, ...output], input.elementType);
}
