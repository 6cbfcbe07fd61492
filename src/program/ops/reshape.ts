/** A pure renaming: same elements, same order. The target shape is the output tensor's. */
import { hull, uniformInterval } from "../interval.js";
import type { ReshapeOperation } from "../types.js";
import type { NonlinearRules } from "./rules.js";

export const reshape: NonlinearRules<ReshapeOperation> = {
  linear: false,
  operands: (operation) => [operation.input],
  // The declared shape is checked by element count in validate.ts.
  outputShape: (_operation, [input]) => [...input],
  interval(_operation, _shapes, [input]) {
    const { low, high } = hull(input);
    return uniformInterval(low, high);
  },
  execute: (_operation, _shapes, [input]) => input,
};
