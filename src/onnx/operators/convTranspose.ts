/**
 * ConvTranspose as a convolution: zeros between the elements, the kernel mirrored, its channel axes exchanged.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#ConvTranspose
 */
import { asActivation } from "../compose/matMul.js";
import { range, takeAll } from "../compose/positions.js";
import { flatIndices, stridesOf } from "../../math/shape.js";
import { real, type RealConstant } from "../emitter.js";
import { elementCount, placedSize, sameShape } from "../limits.js";
import { badShape, malformed, quote, unsupported } from "../problems.js";
import { checkNumbers, numbers } from "../window.js";
import { constantFrom, optionalReal, place, realOperand, value, type Operator, type OperatorNode } from "./operator.js";

export const convTranspose: Operator = {
  operands: [2, 3],
  refuse: constantFrom(1, "weight", "bias"),
  lower(node) {
    const where = place(node);
    const { emitter } = node;
    const [input, weight, bias] = [value(node, 0), realOperand(node, 1), optionalReal(node, 2)];
    const [batch, channels, ...spatial] = input.shape;
    const [inChannels, groupOut, ...kernel] = weight.shape;
    const group = node.attributes.int("group", 1);
    if (spatial.length < 1 || kernel.length !== spatial.length || inChannels !== channels) {
      throw badShape(`input [${input.shape.join(", ")}] and weight [${weight.shape.join(", ")}] do not match`, where);
    }
    if (spatial.length > 3) throw unsupported(`${spatial.length} spatial axes; at most 3 are supported`, where);
    if (group < 1 || channels % group !== 0 || groupOut < 1) throw badShape(`${channels} channels in ${group} groups`, where);
    if (bias !== undefined && !sameShape(bias.shape, [groupOut * group])) throw badShape(`a bias of [${bias.shape.join(", ")}] for ${groupOut * group} channels`, where);
    const axes = axesOf(node, spatial, kernel);
    const spread = takeAll(emitter, input, [undefined, undefined, ...axes.map((axis, i) => spreadPositions(axis, spatial[i]))]);
    const window = {
      kernel,
      strides: kernel.map(() => 1),
      dilations: axes.map((axis) => axis.dilation),
      padsBegin: axes.map((axis) => Math.max(0, axis.before)),
      padsEnd: axes.map((axis) => Math.max(0, axis.after)),
    };
    const constants = { weight: emitter.constant(mirrored(weight, group)), bias: bias && emitter.constant(bias) };
    const shape = [batch, groupOut * group, ...axes.map((axis) => axis.output)];
    placedSize(shape, where);
    return [emitter.push({ operator: "Conv", input: asActivation(emitter, spread), ...constants, window, group }, shape, input.elementType)];
  },
};

interface Axis {
  readonly stride: number;
  readonly dilation: number;
  /** Zeros beside the spread input; a negative number cuts off. */
  readonly before: number;
  readonly after: number;
  readonly output: number;
}

function axesOf(node: OperatorNode, spatial: readonly number[], kernel: readonly number[]): Axis[] {
  const { attributes } = node;
  const where = place(node);
  const rank = spatial.length;
  checkNumbers("kernel_shape", kernel, rank, 1, where);
  if (!sameShape(attributes.ints("kernel_shape") ?? kernel, kernel)) throw badShape(`kernel_shape differs from the weight's [${kernel.join(", ")}]`, where);
  const [strides, dilations] = [numbers(attributes, "strides", rank, 1, where), numbers(attributes, "dilations", rank, 1, where)];
  const [pads, outputPadding] = [numbers(attributes, "pads", 2 * rank, 0, where), numbers(attributes, "output_padding", rank, 0, where)];
  const wide = outputPadding.findIndex((padding, i) => padding >= strides[i] && padding > 0);
  // As onnxruntime does.
  if (wide >= 0) throw unsupported(`an output_padding of ${outputPadding[wide]} with a stride of ${strides[wide]}`, where);
  const outputShape = attributes.ints("output_shape")?.slice(-rank);
  if (outputShape !== undefined) checkNumbers("output_shape", outputShape, rank, 1, where);
  const autoPad = attributes.string("auto_pad", "NOTSET");
  if (!["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"].includes(autoPad)) throw malformed(`auto_pad ${quote(autoPad)} is unknown`, where);
  return spatial.map((size, i) => {
    const [stride, dilation] = [strides[i], dilations[i]];
    const extent = (kernel[i] - 1) * dilation + 1;
    const full = (size - 1) * stride + outputPadding[i] + extent;
    const same = autoPad.startsWith("SAME") ? size * stride : undefined;
    const wanted = outputShape?.[i] ?? same;
    const begin = wanted === undefined ? (autoPad === "VALID" ? 0 : pads[i]) : firstPart(Math.max(0, full - wanted), autoPad);
    const end = autoPad === "VALID" ? 0 : pads[rank + i];
    const output = outputShape?.[i] ?? (wanted === undefined ? full - begin - end : Math.min(full, wanted));
    if (output < 1) throw badShape(`pads of ${begin} and ${end} leave nothing of ${full}`, where);
    const before = extent - 1 - begin;
    return { stride, dilation, before, after: output + extent - 1 - before - ((size - 1) * stride + 1), output };
  });
}

/** An odd cell goes to the end with SAME_UPPER, else to the beginning. */
function firstPart(total: number, autoPad: string): number {
  return autoPad === "SAME_UPPER" ? Math.floor(total / 2) : Math.ceil(total / 2);
}

/** The input's positions with stride − 1 zeros between, cut where the pads exceed the kernel. */
function spreadPositions({ stride, before, after }: Axis, size: number): number[] {
  const length = (size - 1) * stride + 1;
  const [from, to] = [Math.max(0, -before), length - Math.max(0, -after)];
  return range(to - from, from).map((at) => (at % stride === 0 ? at / stride : -1));
}

/** [in, out/group, ...kernel] → [out, in/group, ...kernel mirrored]. */
function mirrored({ shape, data, elementType }: RealConstant, group: number): RealConstant {
  const [channels, groupOut, ...kernel] = shape;
  const groupIn = channels / group;
  const target = [group, groupOut, groupIn, ...kernel];
  const [inStride, outStride, ...cells] = stridesOf(shape);
  const last = elementCount(kernel, "kernel") - 1;
  const from = flatIndices(target, [groupIn * inStride, outStride, inStride, ...cells.map((stride) => -stride)], last);
  return real(Array.from(from, (index) => data[index]), [group * groupOut, groupIn, ...kernel], elementType);
}
