import { elementCount } from "../../../math/shape.js";
import { rangeOfSlot } from "../../../program/interval.js";
import type { TableOperation } from "../../../program/types.js";
import { elementAt, fromElements } from "../tensor.js";
import type { CircuitRule } from "./rules.js";

export const tableCircuit: CircuitRule<TableOperation> = ({ low, entries }, { arithmetic, shapes, intervals: [interval], operands: [input] }) => {
  const table = { low, entries: entries.data };
  return fromElements(
    Array.from({ length: elementCount(shapes[0]) }, (_, e) => arithmetic.table(elementAt(input, e), rangeOfSlot(interval, e), table)),
  );
};
