import { broadcastStrides, flatIndices, sameShape } from "../../math/shape.js";
import type { TensorId } from "../../program/types.js";
import type { ProgramBuilder } from "../builder.js";

const NOTHING = { shape: [0], type: "i8", data: new Float64Array() } as const;

/** The tensor repeated to a shape that it broadcasts to. */
export function broadcastTensor(builder: ProgramBuilder, node: string, tensor: TensorId, shape: readonly number[]): TensorId {
  const { shape: from, type, name } = builder.descriptor(tensor);
  if (sameShape(from, shape)) return tensor;
  return gatherTensor(builder, node, [tensor], flatIndices(shape, broadcastStrides(from, shape)), shape, name, type);
}

/** Elements of tensors of one scale by flat index. */
export function gatherTensor(
  builder: ProgramBuilder,
  node: string,
  inputs: readonly TensorId[],
  indices: ArrayLike<number>,
  shape: readonly number[],
  name: string,
  type?: Parameters<ProgramBuilder["push"]>[2],
): TensorId {
  const index = { shape, type: "i32", data: Float64Array.from(indices) } as const;
  const draft = { kind: "gather", node, inputs, index, constant: NOTHING } as const;
  return type === undefined ? builder.pushNarrow(draft, name) : builder.push(draft, name, type);
}
