/**
 * Program tensors are channels-last, ONNX tensors are not. A layout says which ONNX axis each program axis is; transposes
 * are inserted only where an operation needs another one.
 */
import { sameShape } from "../math/shape.js";
import type { TensorId } from "../program/types.js";
import type { ProgramBuilder } from "./builder.js";
import type { QuantizedValue } from "./heads/draft.js";

/** Program axis i is ONNX axis layout[i]. */
export type Layout = readonly number[];

export function plainLayout(rank: number): Layout {
  return Array.from({ length: rank }, (_, axis) => axis);
}

/** [0, 2, 3, .., 1]: batch, spatial axes, channels. */
export function channelsLast(rank: number): Layout {
  if (rank < 3) return plainLayout(rank);
  return [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
}

/** The tensor in another layout; a renaming where only axes of length 1 move. */
export function toLayout(builder: ProgramBuilder, tensor: TensorId, from: Layout, to: Layout, node: string): TensorId {
  if (sameShape(from, to)) return tensor;
  const { shape, name, type } = builder.descriptor(tensor);
  const permutation = to.map((axis) => from.indexOf(axis));
  const target = permutation.map((axis) => shape[axis]);
  const moved = permutation.filter((axis) => shape[axis] > 1);
  const inOrder = moved.every((axis, i) => i === 0 || axis > moved[i - 1]);
  return builder.once(`${tensor} ${permutation.join()}`, () =>
    inOrder
      ? builder.push({ kind: "reshape", node, input: tensor }, name, type, target)
      : builder.push({ kind: "transpose", node, input: tensor, permutation }, name, type),
  );
}

/** The value with leading axes of length 1, up to `rank` axes. */
export function widened(builder: ProgramBuilder, node: string, value: QuantizedValue, rank: number): QuantizedValue {
  const lead = rank - value.layout.length;
  if (lead <= 0) return value;
  const plain = toLayout(builder, value.tensor, value.layout, plainLayout(value.layout.length), node);
  const { shape, type, name } = builder.descriptor(plain);
  const wide = [...new Array<number>(lead).fill(1), ...shape];
  const tensor = builder.push({ kind: "reshape", node, input: plain }, name, type, wide);
  return { ...value, tensor, layout: plainLayout(rank) };
}
