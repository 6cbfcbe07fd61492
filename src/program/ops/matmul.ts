/** Products of two tensors' rows: both have the reduction axis last. */
import { elementCount, sameShape } from "../../math/shape.js";
import { assertExact, largestMagnitude, productRange, rangeOfSlot, uniformInterval } from "../interval.js";
import type { MatMulOperation } from "../types.js";
import { invalid, type NonlinearRules, type Shape } from "./rules.js";

export const matmul: NonlinearRules<MatMulOperation> = {
  linear: false,
  operands: (operation) => [operation.left, operation.right],
  outputShape({ node }, [left, right]) {
    if (left.length < 2 || left.length !== right.length) throw invalid(node, "two matrices of one rank are needed");
    if (!sameShape(left.slice(0, -2), right.slice(0, -2))) throw invalid(node, "the batch axes differ");
    if (left[left.length - 1] !== right[right.length - 1]) throw invalid(node, "the reduction axes differ");
    return [...left.slice(0, -1), right[right.length - 2]];
  },
  interval({ node }, [shape], [left, right]) {
    let least = 0;
    let most = 0;
    let reach = 0;
    for (let k = 0; k < shape[shape.length - 1]; k++) {
      const range = productRange(rangeOfSlot(left, k), rangeOfSlot(right, k));
      least += range.low;
      most += range.high;
      reach += largestMagnitude(range);
    }
    assertExact(reach, node);
    return uniformInterval(least, most);
  },
  execute(_operation, shapes, [left, right]) {
    const { batches, rows, columns, length } = matmulSizes(shapes);
    const result = new Float64Array(batches * rows * columns);
    for (let e = 0; e < result.length; e++) {
      const row = Math.floor(e / columns);
      const column = Math.floor(row / rows) * columns + (e % columns);
      for (let k = 0; k < length; k++) result[e] += left[row * length + k] * right[column * length + k];
    }
    return result;
  },
};

export interface MatMulSizes {
  readonly batches: number;
  /** Of the left matrices. */
  readonly rows: number;
  /** Of the product: rows of the right matrices. */
  readonly columns: number;
  /** Of the reduction axis. */
  readonly length: number;
}

export function matmulSizes([left, right]: readonly Shape[]): MatMulSizes {
  const [rows, length] = left.slice(-2);
  return { batches: elementCount(left.slice(0, -2)), rows, columns: right[right.length - 2], length };
}
