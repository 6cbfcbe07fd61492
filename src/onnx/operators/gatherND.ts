/** Reading slices by index vectors. https://github.com/onnx/onnx/blob/main/docs/Operators.md#GatherND */
import { gather as placed, reshape, take } from "../compose/layout.js";
import { flattened, lookup } from "../compose/lookup.js";
import { fromFront } from "../compose/select.js";
import { real, type Value } from "../emitter.js";
import { elementCount, placedSize } from "../limits.js";
import { badShape, malformed } from "../problems.js";
import { stridesOf } from "../../math/shape.js";
import { checked } from "./gather.js";
import { place, value, type Operator, type OperatorNode } from "./operator.js";

export const gatherND: Operator = {
  operands: [2, 2],
  lower(node) {
    const { emitter } = node;
    const [data, indices] = [value(node, 0), value(node, 1)];
    const batchDims = node.attributes.int("batch_dims", 0);
    const { batch, indexed, width, count } = plan(node, data.shape, indices.shape, batchDims);
    const shape = [...indices.shape.slice(0, -1), ...data.shape.slice(batchDims + indexed.length)];
    placedSize(shape, place(node));
    const flat = flatIndices(node, reshape(emitter, indices, [batch, count, indexed.length]), indexed);
    const depth = elementCount(indexed, place(node));
    if (flat.kind === "activation") return [reshape(emitter, lookup(emitter, reshape(emitter, data, [batch, depth, width]), flat), shape)];
    const map = new Int32Array(batch * count * width);
    map.forEach((_, e) => {
      const row = Math.floor(e / width);
      map[e] = (Math.floor(row / count) * depth + flat.data[row]) * width + (e % width);
    });
    return [placed(emitter, data, map, shape)];
  },
};

interface Plan {
  readonly batch: number;
  /** Dims that an index vector ranges over. */
  readonly indexed: readonly number[];
  /** Elements of a slice. */
  readonly width: number;
  /** Index vectors a batch entry. */
  readonly count: number;
}

function plan(node: OperatorNode, data: readonly number[], indices: readonly number[], batchDims: number): Plan {
  const where = place(node);
  const length = indices[indices.length - 1];
  const fits = batchDims >= 0 && batchDims < Math.min(data.length, indices.length) && length >= 1 && length <= data.length - batchDims;
  if (!fits || data.slice(0, batchDims).some((dim, i) => dim !== indices[i])) {
    throw badShape(`indices of [${indices.join(", ")}] into [${data.join(", ")}] with ${batchDims} batch axes`, where);
  }
  return {
    batch: elementCount(data.slice(0, batchDims), where),
    indexed: data.slice(batchDims, batchDims + length),
    width: elementCount(data.slice(batchDims + length), where),
    count: elementCount(indices.slice(batchDims, -1), where),
  };
}

/**
 * One flat position an index vector, counted from the front.
 * @param indices [.., axes]
 * @param dims one an axis
 */
export function flatIndices(node: OperatorNode, indices: Value, dims: readonly number[]): Value {
  const { emitter } = node;
  const last = indices.shape.length - 1;
  const shape = indices.shape.slice(0, -1);
  if (dims.includes(0)) throw malformed("an index into an empty axis", place(node));
  const columns = dims.map((dim, i) => {
    const column = reshape(emitter, take(emitter, indices, last, [i]), shape);
    return column.kind === "real" ? real(checked(node, column, dim), shape, column.elementType) : fromFront(emitter, column, dim);
  });
  return flattened(emitter, columns, stridesOf(dims));
}
