/**
 * Linear operations as sparse integer maps: acc[e] = constant(e) + Σ weight · operand[element].
 * The executor, the interval analysis and the circuit all read an operation through this one view.
 */
import type { TensorData } from "./types.js";

export type EmitTerm = (operand: 0 | 1, element: number, weight: number) => void;

export interface LinearMap {
  /** Number of output elements. */
  readonly size: number;
  /**
   * Output elements of which every other one repeats one: terms of the same weights at the same operand channels, and the same
   * constant. Absent where each element may be its own case.
   */
  readonly distinct?: Iterable<number>;
  /** Emits the terms of output element e and returns its constant. */
  row(element: number, emit: EmitTerm): number;
}

export function applyLinearMap(map: LinearMap, operands: readonly TensorData[]): TensorData {
  const result = new Float64Array(map.size);
  let sum = 0;
  const emit: EmitTerm = (operand, element, weight) => {
    sum += weight * operands[operand][element];
  };
  for (let e = 0; e < map.size; e++) {
    sum = 0;
    const constant = map.row(e, emit);
    result[e] = sum + constant;
  }
  return result;
}
