/** Product of two tensors element by element. */
import { assertExact, type Interval, largestMagnitude, productRange, type Range, rangeOfSlot } from "../interval.js";
import type { MulOperation } from "../types.js";
import { broadcast, broadcastIndices, type NonlinearRules } from "./rules.js";

export const mul: NonlinearRules<MulOperation> = {
  linear: false,
  operands: (operation) => [operation.left, operation.right],
  outputShape: ({ node }, [left, right]) => broadcast(node, left, right),
  interval(operation, [leftShape, rightShape], [left, right]) {
    const shape = broadcast(operation.node, leftShape, rightShape);
    const channels = shape[shape.length - 1] ?? 1;
    const low = new Float64Array(channels);
    const high = new Float64Array(channels);
    for (let c = 0; c < channels; c++) {
      // An operand that is broadcast along the last axis has a single slot.
      const range = operation.left === operation.right ? squareRange(left, c) : productRange(rangeOfSlot(left, c), rangeOfSlot(right, c));
      assertExact(largestMagnitude(range), operation.node);
      low[c] = range.low;
      high[c] = range.high;
    }
    return { low, high };
  },
  execute({ node }, [leftShape, rightShape], [left, right]) {
    const shape = broadcast(node, leftShape, rightShape);
    const leftAt = broadcastIndices(leftShape, shape);
    const rightAt = broadcastIndices(rightShape, shape);
    // Adding 0 removes the sign of zero, which integers do not have.
    return Float64Array.from(leftAt, (at, e) => left[at] * right[rightAt[e]] + 0);
  },
};

function squareRange(interval: Interval, slot: number): Range {
  const { low, high } = rangeOfSlot(interval, slot);
  const least = low <= 0 && high >= 0 ? 0 : Math.min(low * low, high * high);
  return { low: least, high: Math.max(low * low, high * high) };
}
