import { elementCount } from "../../../math/shape.js";
import { rangeOfSlot } from "../../../program/interval.js";
import type { TableOperation } from "../../../program/types.js";
import { classify, elementAt } from "../tensor.js";
import type { CircuitRule } from "./rules.js";

export const tableCircuit: CircuitRule<TableOperation> = ({ low, entries }, { arithmetic, system, shapes, intervals: [interval], operands: [input] }) => {
  const slots = interval.low.length;
  const { classes, tensor } = classify(system, elementCount(shapes[0]), (e) => input.terms(e) * slots + (e % slots));
  const elements = classes.map(({ element, times }) => {
    const { form, terms } = elementAt(input, element);
    return { form, terms, times, range: rangeOfSlot(interval, element) };
  });
  return tensor(arithmetic.table(elements, { low, entries: entries.data }));
};
