import { elementCount } from "../../../math/shape.js";
import { rangeOfSlot } from "../../../program/interval.js";
import type { RequantizeOperation } from "../../../program/types.js";
import { isUnchanged, type Rescaling } from "../arithmetic.js";
import { classify, type Element, elementAt, elementOf } from "../tensor.js";
import type { CircuitRule } from "./rules.js";

export const requantizeCircuit: CircuitRule<RequantizeOperation> = (operation, { arithmetic, system, shapes, intervals: [interval], operands: [input] }) => {
  const { shifts, low, high } = operation;
  const rescalingOf = (e: number): Rescaling => ({ shift: shifts[e % shifts.length], low, high });
  const isKept = (e: number): boolean => isUnchanged(rangeOfSlot(interval, e), rescalingOf(e));
  // Of two lengths, one is 1 or they are equal.
  const slots = Math.max(shifts.length, interval.low.length);
  const { classes, tensor } = classify(system, elementCount(shapes[0]), (e) => e % slots);
  const lay = (e: number): Element =>
    isKept(e) ? elementAt(input, e) : elementOf(arithmetic.requantize(input.form(e), rangeOfSlot(interval, e), rescalingOf(e)));
  const laid = tensor(classes.map(({ element, times }) => system.repeat(times, () => lay(element))));
  // Elements of a class may be of different lengths where they are kept.
  return { form: (e) => laid.form(e), terms: (e) => (isKept(e) ? input.terms(e) : laid.terms(e)) };
};
