import { elementCount } from "../../../math/shape.js";
import { slotOf } from "../../../program/interval.js";
import type { RequantizeOperation } from "../../../program/types.js";
import { fromForms } from "../tensor.js";
import type { CircuitRule } from "./rules.js";

export const requantizeCircuit: CircuitRule<RequantizeOperation> = (operation, { arithmetic, shapes, intervals, operands }) => {
  const { shifts, low, high } = operation;
  const [interval] = intervals;
  const forms = Array.from({ length: elementCount(shapes[0]) }, (_, e) => {
    const slot = slotOf(interval, e);
    const range = { low: interval.low[slot], high: interval.high[slot] };
    return arithmetic.requantize(operands[0].form(e), range, { shift: shifts[e % shifts.length], low, high });
  });
  return fromForms(forms);
};
