import { hull, slotOf } from "../../../program/interval.js";
import { poolCells } from "../../../program/ops/pool.js";
import type { MaxPoolOperation } from "../../../program/types.js";
import type { Form } from "../form.js";
import { fromForms } from "../tensor.js";
import type { CircuitRule } from "./rules.js";

/** A chain of two-input maxima over the cells of each window. */
export const maxPoolCircuit: CircuitRule<MaxPoolOperation> = (operation, { arithmetic, shapes, intervals, operands }) => {
  const cells = poolCells(operation, shapes);
  const [interval] = intervals;
  const forms: Form[] = [];
  for (let e = 0; e < cells.size; e++) {
    let most: Form | undefined;
    cells.forEachCell(e, (index) => {
      const form = operands[0].form(index);
      // All cells of a window lie in one channel, so they share an interval.
      const range = interval.low.length === 1 ? hull(interval) : rangeAt(interval, slotOf(interval, index));
      most = most === undefined ? form : arithmetic.max(most, form, range);
    });
    if (most !== undefined) forms.push(most);
  }
  return fromForms(forms);
};

function rangeAt(interval: { readonly low: Float64Array; readonly high: Float64Array }, slot: number): { low: number; high: number } {
  return { low: interval.low[slot], high: interval.high[slot] };
}
