/** Window sums; an affine with the reciprocal of the count makes them averages. */
import type { SumPoolOperation } from "../types.js";
import { poolCells, poolShape } from "./pool.js";
import type { LinearRules } from "./rules.js";

export const sumPool: LinearRules<SumPoolOperation> = {
  linear: true,
  operands: (operation) => [operation.input],
  outputShape: poolShape,
  map(operation, shapes) {
    const cells = poolCells(operation, shapes);
    return {
      size: cells.size,
      distinct: cells.distinct,
      row(element, emit) {
        cells.forEachCell(element, (index) => emit(0, index, 1));
        return 0;
      },
    };
  },
};
