import { elementCount } from "../../../math/shape.js";
import { rangeOfSlot } from "../../../program/interval.js";
import type { TableOperation } from "../../../program/types.js";
import { elementAt, fromElements } from "../tensor.js";
import type { CircuitRule } from "./rules.js";

export const tableCircuit: CircuitRule<TableOperation> = ({ low, entries }, { arithmetic, shapes, intervals: [interval], operands: [input] }) => {
  const elements = Array.from({ length: elementCount(shapes[0]) }, (_, e) => {
    const { form, terms } = elementAt(input, e);
    return { form, terms, range: rangeOfSlot(interval, e) };
  });
  return fromElements(arithmetic.table(elements, { low, entries: entries.data }));
};
