/** What the parts of a long reduction are made with. */
import { AssayError } from "../../errors.js";
import { elementCount } from "../../math/shape.js";
import { type Constant, MAX_ELEMENTS, type TensorId, type WindowAttributes } from "../../program/types.js";
import type { ProgramBuilder } from "../builder.js";

/** The same elements under another shape. */
export function reshaped(builder: ProgramBuilder, node: string, tensor: TensorId, shape: readonly number[]): TensorId {
  const { name, type } = builder.descriptor(tensor);
  return builder.push({ kind: "reshape", node, input: tensor }, name, type, shape);
}

/** A window over one axis, every cell of it once. */
export function wholeAxis(length: number): WindowAttributes {
  return { kernel: [length], strides: [1], dilations: [1], padsBegin: [0], padsEnd: [0] };
}

/** Σ over the middle axis of [outer, parts, inner]: [outer, 1, inner]. */
export function sumOfParts(builder: ProgramBuilder, node: string, tensor: TensorId, [outer, parts, inner]: readonly [number, number, number]): TensorId {
  const arranged = reshaped(builder, node, tensor, [outer, parts, inner]);
  return builder.push({ kind: "sumPool", node, input: arranged, window: wholeAxis(parts) }, `${node}.acc`);
}

/**
 * Elements of a tensor in another arrangement.
 * @param sourceOf the element that each element of the result takes; undefined for 0
 */
export function arranged(builder: ProgramBuilder, node: string, tensor: TensorId, shape: readonly number[], sourceOf: (element: number) => number | undefined): TensorId {
  const count = elementCount(shape);
  if (count > MAX_ELEMENTS) throw new AssayError("QUANTIZE_RANGE", `a reduction takes ${count} operands apart; ${MAX_ELEMENTS} are supported`, { where: `node ${node}` });
  const { shape: from, name, type } = builder.descriptor(tensor);
  const zero = elementCount(from);
  const data = new Float64Array(count);
  let padded = false;
  for (let e = 0; e < count; e++) {
    const source = sourceOf(e);
    padded ||= source === undefined;
    data[e] = source ?? zero;
  }
  const constant: Constant = { shape: [padded ? 1 : 0], type: "i8", data: new Float64Array(padded ? 1 : 0) };
  return builder.push({ kind: "gather", node, inputs: [tensor], index: { shape, type: "i32", data }, constant }, name, type);
}
