/** A permutation of axes. */
import { flatIndices, permute, stridesOf } from "../../math/shape.js";
import { hull, uniformInterval } from "../interval.js";
import type { TransposeOperation } from "../types.js";
import { invalid, type NonlinearRules, type Shape } from "./rules.js";

export const transpose: NonlinearRules<TransposeOperation> = {
  linear: false,
  operands: (operation) => [operation.input],
  outputShape({ permutation, node }, [input]) {
    const sorted = [...permutation].sort((a, b) => a - b);
    if (sorted.length !== input.length || sorted.some((axis, i) => axis !== i)) throw invalid(node, "not a permutation of the axes");
    return permute(input, permutation);
  },
  interval({ permutation }, _shapes, [input]) {
    if (permutation[permutation.length - 1] === permutation.length - 1) return input;
    const { low, high } = hull(input);
    return uniformInterval(low, high);
  },
  execute({ permutation }, [shape], [input]) {
    return Float64Array.from(transposeIndices(shape, permutation), (index) => input[index]);
  },
};

/** For each output element, the input element it reads. */
export function transposeIndices(shape: Shape, permutation: readonly number[]): Uint32Array {
  return flatIndices(permute(shape, permutation), permute(stridesOf(shape), permutation));
}
