/** What both arithmetics make of a table before they look at its shape: the part that is reached, and lines, which are free. */
import type { Range } from "../../program/interval.js";
import type { FunctionTable, RangedElement } from "./arithmetic.js";
import { constantForm, scaleForm, shiftForm } from "./form.js";
import type { Element } from "./tensor.js";

/** The entries for the arguments in `range`. */
export function reachedEntries({ low, high }: Range, table: FunctionTable): Float64Array {
  return table.entries.subarray(low - table.low, high - table.low + 1);
}

/** The function's value where it takes no constraint: of a constant, or where the entries that are reached lie on a line. */
export function freeValue({ form, terms, range }: RangedElement, table: FunctionTable): Element | undefined {
  // In planning a constant's form may be empty; then its value does not matter either.
  if (terms === 0) return { form: constantForm(table.entries[Number(form.constant) - table.low] ?? 0), terms: 0 };
  const reached = reachedEntries(range, table);
  const slope = reached.length < 2 ? 0 : reached[1] - reached[0];
  if (!reached.every((value, i) => value === reached[0] + i * slope)) return undefined;
  // Wires of weight 0 would make a form longer than its terms say.
  if (slope === 0) return { form: constantForm(reached[0]), terms: 0 };
  // Shifted before it is scaled: range.low alone may be large.
  return { form: shiftForm(scaleForm(shiftForm(form, -range.low), slope), reached[0]), terms };
}
