/** Long products of two tensors' rows: a batch a part, then a sum over the parts. */
import { matmulSizes } from "../../program/ops/matmul.js";
import type { MatMulOperation, TensorId } from "../../program/types.js";
import type { ProgramBuilder } from "../builder.js";
import { type Partition, partition, type ReductionLimits } from "./limits.js";
import { arranged, reshaped, sumOfParts } from "./parts.js";

export function splitMatMul(builder: ProgramBuilder, { node, left, right }: Omit<MatMulOperation, "output">, _name: string, { terms }: ReductionLimits): TensorId | undefined {
  const shapes = [left, right].map((id) => builder.descriptor(id).shape);
  const { batches, rows, columns, length } = matmulSizes(shapes);
  if (length <= terms) return undefined;
  const parts = partition(length, terms);
  const sizes = { batches, length, parts };
  const [a, b] = [partRows(builder, node, left, rows, sizes), partRows(builder, node, right, columns, sizes)];
  const products = builder.push({ kind: "matmul", node, left: a, right: b }, `${node}.parts`);
  const sums = sumOfParts(builder, node, products, [sizes.batches, parts.parts, rows * columns]);
  return reshaped(builder, node, sums, [...shapes[0].slice(0, -1), columns]);
}

interface Sizes {
  readonly batches: number;
  readonly length: number;
  readonly parts: Partition;
}

/** [batches, rows, length] to [batches·parts, rows, size]. */
function partRows(builder: ProgramBuilder, node: string, tensor: TensorId, rows: number, { batches, length, parts: { parts, size, padding } }: Sizes): TensorId {
  const shape = [batches * parts, rows, size];
  if (padding === 0) {
    const apart = reshaped(builder, node, tensor, [batches, rows, parts, size]);
    if (rows === 1) return reshaped(builder, node, apart, shape);
    const { name, type } = builder.descriptor(tensor);
    const moved = builder.push({ kind: "transpose", node, input: apart, permutation: [0, 2, 1, 3] }, name, type);
    return reshaped(builder, node, moved, shape);
  }
  return arranged(builder, node, tensor, shape, (e) => {
    const [i, row, part] = [e % size, Math.floor(e / size) % rows, Math.floor(e / (size * rows)) % parts];
    const batch = Math.floor(e / (size * rows * parts));
    const position = part * size + i;
    return position < length ? (batch * rows + row) * length + position : undefined;
  });
}
