/** An index map over the elements of several tensors and of a constant. */
import { elementCount } from "../../math/shape.js";
import { elementRange } from "../elementType.js";
import { rangeOfSlot } from "../interval.js";
import type { GatherOperation } from "../types.js";
import { invalid, type NonlinearRules, type Shape } from "./rules.js";

export const gather: NonlinearRules<GatherOperation> = {
  linear: false,
  operands: (operation) => operation.inputs,
  outputShape({ index, constant, node }, shapes) {
    const size = shapes.reduce((sum, shape) => sum + elementCount(shape), elementCount(constant.shape));
    if (constant.shape.length !== 1) throw invalid(node, "the constant is no list");
    if (index.type !== "i32") throw invalid(node, "the indices are not i32");
    if (!index.data.every((at) => at >= 0 && at < size)) throw invalid(node, `an index is not in 0..${size - 1}`);
    return [...index.shape];
  },
  interval(operation, shapes, operands) {
    const channels = operation.index.shape[operation.index.shape.length - 1] ?? 1;
    const low = new Float64Array(channels).fill(Infinity);
    const high = new Float64Array(channels).fill(-Infinity);
    const constant = (at: number): { low: number; high: number } => {
      const { committed, type, data } = operation.constant;
      return committed === true ? elementRange(type) : { low: data[at], high: data[at] };
    };
    forEachSource(operation, shapes, (element, operand, at) => {
      const range = operand < operands.length ? rangeOfSlot(operands[operand], at) : constant(at);
      const slot = element % channels;
      low[slot] = Math.min(low[slot], range.low);
      high[slot] = Math.max(high[slot], range.high);
    });
    return { low, high };
  },
  execute(operation, shapes, operands) {
    const result = new Float64Array(operation.index.data.length);
    const sources = [...operands, operation.constant.data];
    forEachSource(operation, shapes, (element, operand, at) => {
      result[element] = sources[operand][at];
    });
    return result;
  },
};

/** Calls back with the source of each output element; the constant counts as the operand after the last. */
export function forEachSource(
  { index }: GatherOperation,
  shapes: readonly Shape[],
  visit: (element: number, operand: number, at: number) => void,
): void {
  const ends: number[] = [];
  for (const shape of shapes) ends.push((ends[ends.length - 1] ?? 0) + elementCount(shape));
  index.data.forEach((position, element) => {
    const found = ends.findIndex((end) => position < end);
    const operand = found < 0 ? ends.length : found;
    visit(element, operand, position - (operand === 0 ? 0 : ends[operand - 1]));
  });
}
