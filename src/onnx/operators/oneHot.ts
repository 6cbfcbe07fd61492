/** OneHot. https://github.com/onnx/onnx/blob/main/docs/Operators.md#OneHot */
import { add, multiply, scale, subtract } from "../compose/arithmetic.js";
import { reshape, take, transpose } from "../compose/layout.js";
import { range } from "../compose/positions.js";
import { fromFront, oneHot as encode } from "../compose/select.js";
import { placedSize, resolveAxis } from "../limits.js";
import { badShape, malformed } from "../problems.js";
import { constant, integers, place, value, type Operator, type OperatorNode } from "./operator.js";

export const oneHot: Operator = {
  operands: [3, 3],
  refuse: (constness) => (constness[1] === false ? "its depth is computed from an input; it must be constant" : undefined),
  lower(node) {
    const { emitter } = node;
    const indices = value(node, 0);
    const rank = indices.shape.length;
    const depth = depthOf(node);
    placedSize([...indices.shape, depth + 1], place(node));
    const axis = resolveAxis(node.attributes.int("axis", -1), rank + 1, rank + 1, place(node));
    const values = value(node, 2);
    if (values.shape.length !== 1 || values.shape[0] !== 2) throw badShape("its values are no pair", place(node));
    const hot = encode(emitter, fromFront(emitter, indices, depth), depth, values.elementType);
    const [off, on] = [0, 1].map((i) => reshape(emitter, take(emitter, values, 0, [i]), []));
    const chosen = off.kind === "real" && on.kind === "real" ? scale(emitter, hot, on.data[0] - off.data[0]) : multiply(emitter, hot, subtract(emitter, on, off));
    const encoded = off.kind === "real" && off.data[0] === 0 ? chosen : add(emitter, chosen, off);
    return [transpose(emitter, encoded, [...range(axis), rank, ...range(rank - axis, axis)])];
  },
};

function depthOf(node: OperatorNode): number {
  const [depth] = integers(node, 1);
  if (constant(node, 1).tensor.bytes.length === 0 || depth < 1) throw malformed(`depth is ${depth}`, place(node));
  return depth;
}
