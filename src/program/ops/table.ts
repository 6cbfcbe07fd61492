/** A function by its values: the only way a curve enters a program. */
import type { Interval, Range } from "../interval.js";
import { MAX_TABLE_ENTRIES, type TableOperation } from "../types.js";
import { invalid, type NonlinearRules } from "./rules.js";

export const table: NonlinearRules<TableOperation> = {
  linear: false,
  operands: (operation) => [operation.input],
  outputShape({ entries, low, node }, [input]) {
    if (entries.shape.length !== 1 || entries.shape[0] > MAX_TABLE_ENTRIES) throw invalid(node, `a list of at most ${MAX_TABLE_ENTRIES} entries is needed`);
    if (entries.type === "i64") throw invalid(node, "entries have 32 bits at most");
    if (!Number.isSafeInteger(low + entries.shape[0] - 1)) throw invalid(node, "the table's end is beyond 53 bits");
    return [...input];
  },
  interval({ entries, low, node }, _shapes, [input]) {
    if (!covers(input, low, low + entries.data.length - 1)) throw invalid(node, "a value can lie outside the table");
    const reached = (slot: number): Range => {
      const part = entries.data.subarray(input.low[slot] - low, input.high[slot] - low + 1);
      return { low: part.reduce((a, b) => Math.min(a, b)), high: part.reduce((a, b) => Math.max(a, b)) };
    };
    // Most channels reach the same entries as the one before.
    const ranges: Range[] = [];
    for (let slot = 0; slot < input.low.length; slot++) {
      const repeats = slot > 0 && input.low[slot] === input.low[slot - 1] && input.high[slot] === input.high[slot - 1];
      ranges.push(repeats ? ranges[slot - 1] : reached(slot));
    }
    return { low: Float64Array.from(ranges, (range) => range.low), high: Float64Array.from(ranges, (range) => range.high) };
  },
  execute: ({ entries, low }, _shapes, [input]) => input.map((value) => entries.data[value - low]),
};

function covers(input: Interval, low: number, high: number): boolean {
  return input.low.every((value) => value >= low) && input.high.every((value) => value <= high);
}
