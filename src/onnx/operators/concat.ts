/** Values one after the other, and back. https://github.com/onnx/onnx/blob/main/docs/Operators.md#Concat, #Split */
import { concat as joined } from "../compose/layout.js";
import { range, takeAll } from "../compose/positions.js";
import { badShape, malformed } from "../problems.js";
import { axisAttribute, listed } from "./axes.js";
import { constantFrom, place, value, values, type Operator, type OperatorNode } from "./operator.js";

export const concat: Operator = {
  operands: [1, Infinity],
  lower(node) {
    const parts = values(node);
    const axis = axisAttribute(node, parts[0].shape.length);
    const agrees = parts.every(({ shape }) => shape.length === parts[0].shape.length && shape.every((dim, i) => i === axis || dim === parts[0].shape[i]));
    if (!agrees) throw badShape(`${parts.map(({ shape }) => `[${shape.join(", ")}]`).join(", ")} cannot be joined along axis ${axis}`, place(node));
    const full = parts.filter(({ shape }) => shape[axis] > 0);
    return [full.length === 0 ? parts[0] : joined(node.emitter, full, axis)];
  },
};

export const split: Operator = {
  operands: [1, 2],
  refuse: constantFrom(1, "lengths"),
  lower(node) {
    const input = value(node, 0);
    const axis = axisAttribute(node, input.shape.length, 0);
    const lengths = partLengths(node, input.shape[axis]);
    let start = 0;
    return lengths.map((length, i) => {
      const positions = range(length, start);
      start += length;
      if (!node.outputs[i]) return undefined;
      return takeAll(node.emitter, input, input.shape.map((_, other) => (other === axis ? positions : undefined)));
    });
  },
};

/** As listed, else equal ones; only from opset 18 on the last may be shorter. */
function partLengths(node: OperatorNode, dim: number): readonly number[] {
  const lengths = listed(node, "split", 1);
  const parts = node.attributes.int("num_outputs", undefined);
  const count = node.outputs.length;
  if (parts !== undefined && parts !== count) throw malformed(`${count} outputs for ${parts} parts`, place(node));
  if (lengths !== undefined) {
    if (lengths.length !== count) throw malformed(`${count} outputs for ${lengths.length} parts`, place(node));
    if (lengths.some((length) => length < 0) || lengths.reduce((sum, length) => sum + length, 0) !== dim) {
      throw badShape(`parts of ${lengths.join(", ")} of an axis of ${dim}`, place(node));
    }
    return lengths;
  }
  if (parts === undefined && dim % count !== 0) throw badShape(`an axis of ${dim} has no ${count} equal parts`, place(node));
  const length = Math.ceil(dim / count);
  if ((count - 1) * length > dim) throw badShape(`an axis of ${dim} in ${count} parts of ${length}`, place(node));
  return range(count).map((i) => Math.min(length, dim - i * length));
}
