/** Channels to blocks of pixels and back. https://github.com/onnx/onnx/blob/main/docs/Operators.md#DepthToSpace, #SpaceToDepth */
import { reshape, transpose } from "../compose/layout.js";
import { badShape, malformed, quote } from "../problems.js";
import { place, value, type Operator, type OperatorNode } from "./operator.js";

export const depthToSpace: Operator = {
  operands: [1, 1],
  lower(node) {
    const { emitter } = node;
    const input = value(node, 0);
    const [[batch, channels, height, width], size] = sides(node, input.shape);
    if (channels % (size * size) !== 0) throw badShape(`${channels} channels are no blocks of ${size}·${size}`, place(node));
    const rest = channels / (size * size);
    const mode = node.attributes.string("mode", "DCR");
    if (mode !== "DCR" && mode !== "CRD") throw malformed(`mode ${quote(mode)} is unknown`, place(node));
    const crd = mode === "CRD";
    const split = reshape(emitter, input, crd ? [batch, rest, size, size, height, width] : [batch, size, size, rest, height, width]);
    const moved = transpose(emitter, split, crd ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]);
    return [reshape(emitter, moved, [batch, rest, height * size, width * size])];
  },
};

export const spaceToDepth: Operator = {
  operands: [1, 1],
  lower(node) {
    const { emitter } = node;
    const input = value(node, 0);
    const [[batch, channels, height, width], size] = sides(node, input.shape);
    if (height % size !== 0 || width % size !== 0) throw badShape(`${height}·${width} pixels are no blocks of ${size}·${size}`, place(node));
    const split = reshape(emitter, input, [batch, channels, height / size, size, width / size, size]);
    const moved = transpose(emitter, split, [0, 3, 5, 1, 2, 4]);
    return [reshape(emitter, moved, [batch, channels * size * size, height / size, width / size])];
  },
};

function sides(node: OperatorNode, shape: readonly number[]): [readonly number[], number] {
  const size = node.attributes.int("blocksize", undefined);
  if (size === undefined || size < 1) throw malformed(`blocksize is ${size ?? "missing"}`, place(node));
  if (shape.length !== 4) throw badShape(`an input of ${shape.length} axes instead of 4`, place(node));
  return [shape, size];
}
