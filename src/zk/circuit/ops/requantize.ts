import { elementCount } from "../../../math/shape.js";
import { rangeOfSlot } from "../../../program/interval.js";
import type { RequantizeOperation } from "../../../program/types.js";
import { elementAt, elementOf, fromElements } from "../tensor.js";
import type { CircuitRule } from "./rules.js";

export const requantizeCircuit: CircuitRule<RequantizeOperation> = (operation, { arithmetic, shapes, intervals: [interval], operands: [input] }) => {
  const { shifts, low, high } = operation;
  const elements = Array.from({ length: elementCount(shapes[0]) }, (_, e) => {
    const before = elementAt(input, e);
    const form = arithmetic.requantize(before.form, rangeOfSlot(interval, e), { shift: shifts[e % shifts.length], low, high });
    // Where nothing is left to do, it is the form itself.
    return form === before.form ? before : elementOf(form);
  });
  return fromElements(elements);
};
