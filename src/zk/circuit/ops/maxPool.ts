import { rangeOfSlot } from "../../../program/interval.js";
import { poolCells } from "../../../program/ops/pool.js";
import type { MaxPoolOperation } from "../../../program/types.js";
import { type Element, elementAt, fromElements } from "../tensor.js";
import type { CircuitRule } from "./rules.js";

/** A chain of two-input maxima over the cells of each window. */
export const maxPoolCircuit: CircuitRule<MaxPoolOperation> = (operation, { arithmetic, shapes, intervals, operands }) => {
  const cells = poolCells(operation, shapes);
  const [interval] = intervals;
  const elements: Element[] = [];
  for (let e = 0; e < cells.size; e++) {
    let most: Element | undefined;
    cells.forEachCell(e, (index) => {
      const next = elementAt(operands[0], index);
      // All cells of a window lie in one channel, so they share an interval.
      most = most === undefined ? next : arithmetic.max(most, next, rangeOfSlot(interval, index));
    });
    if (most !== undefined) elements.push(most);
  }
  return fromElements(elements);
};
