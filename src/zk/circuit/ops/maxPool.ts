import { type Interval, rangeOfSlot } from "../../../program/interval.js";
import { poolCells } from "../../../program/ops/pool.js";
import type { MaxPoolOperation } from "../../../program/types.js";
import type { Arithmetic } from "../arithmetic.js";
import { type CircuitTensor, classify, type Element, elementAt, NO_FORM } from "../tensor.js";
import type { CircuitRule } from "./rules.js";

/** A chain of two-input maxima over the cells of each window. */
export const maxPoolCircuit: CircuitRule<MaxPoolOperation> = (operation, { arithmetic, system, shapes, intervals: [interval], operands: [input] }) => {
  const cells = poolCells(operation, shapes);
  const cellsOf = (e: number): number[] => {
    const found: number[] = [];
    cells.forEachCell(e, (index) => found.push(index));
    return found;
  };
  const lay = (e: number): Element => maximum(arithmetic, input, interval, cellsOf(e));
  const slots = interval.low.length;
  const { classes, tensor } = classify(system, cells.size, (e) => cells.countOf(e) * slots + (e % slots));
  const laid = tensor(classes.map(({ element, times }) => system.repeat(times, () => lay(element))));
  const termsOf = (e: number): number => {
    const last = elementAt(input, cellsOf(e)[cells.countOf(e) - 1]);
    return cells.countOf(e) > 1 ? arithmetic.maxTerms(last) : last.terms;
  };
  // Those of a class end with cells of their own.
  return system.planning ? { form: () => NO_FORM, terms: termsOf } : laid;
};

/** All cells of a window lie in one channel, so they share a range. */
function maximum(arithmetic: Arithmetic, input: CircuitTensor, interval: Interval, [first, ...others]: readonly number[]): Element {
  const range = rangeOfSlot(interval, first);
  return others.reduce<Element>((most, index) => arithmetic.max(most, elementAt(input, index), range), elementAt(input, first));
}
