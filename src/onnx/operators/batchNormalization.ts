/**
 * BatchNormalization at inference, y = (x − mean)·scale/sqrt(var + epsilon) + B, folded in float64 → ChannelAffine.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#BatchNormalization
 */
import { asActivation } from "../compose/matMul.js";
import { real } from "../emitter.js";
import { sameShape } from "../limits.js";
import { badShape, malformed, unsupported } from "../problems.js";
import { constantFrom, place, realOperand, value, type Operator, type OperatorNode } from "./operator.js";

export const batchNormalization: Operator = {
  operands: [5, 5],
  refuse: constantFrom(1, "scale", "shift", "mean", "variance"),
  lower(node) {
    const where = place(node);
    const input = value(node, 0);
    if (input.shape.length < 2) throw badShape("an input without a channel axis", where);
    if (node.attributes.flag("training_mode", false)) throw unsupported("it is in training mode", where, "export for inference");
    if (!node.attributes.flag("spatial", true)) throw unsupported("statistics an element (spatial = 0)", where);
    node.attributes.ignore("momentum");
    const epsilon = node.attributes.float("epsilon", 1e-5);
    const channels = input.shape[1];
    const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((index) => channelVector(node, index, channels));
    const scale = new Float64Array(channels);
    const shift = new Float64Array(channels);
    for (let c = 0; c < channels; c++) {
      if (!(variance[c] + epsilon > 0)) throw malformed(`variance + epsilon of channel ${c} is not positive`, where);
      scale[c] = gamma[c] / Math.sqrt(variance[c] + epsilon);
      shift[c] = beta[c] - mean[c] * scale[c];
    }
    const [scaleName, shiftName] = [scale, shift].map((data) => node.emitter.constant(real(data, [channels])));
    return [node.emitter.push({ operator: "ChannelAffine", input: asActivation(node.emitter, input), scale: scaleName, shift: shiftName }, input.shape, input.elementType)];
  },
};

function channelVector(node: OperatorNode, index: number, channels: number): Float64Array {
  const { shape, data } = realOperand(node, index);
  if (!sameShape(shape, [channels])) {
    throw badShape(`operand ${index} has shape [${shape.join(", ")}] for ${channels} channels`, place(node));
  }
  return data;
}
