/** Window maxima; padding never wins, as in ONNX. */
import type { MaxPoolOperation } from "../types.js";
import { windowCells } from "../window.js";
import { poolCells, poolShape } from "./pool.js";
import { invalid, type NonlinearRules } from "./rules.js";

export const maxPool: NonlinearRules<MaxPoolOperation> = {
  linear: false,
  operands: (operation) => [operation.input],
  outputShape(operation, shapes) {
    const shape = poolShape(operation, shapes);
    const { offsets } = windowCells(shapes[0].slice(1, -1), operation.window);
    for (let position = 1; position < offsets.length; position++) {
      if (offsets[position] === offsets[position - 1]) throw invalid(operation.node, "a window lies wholly in the padding");
    }
    return shape;
  },
  interval: (_operation, _shapes, [input]) => input,
  execute(operation, shapes, [input]) {
    const cells = poolCells(operation, shapes);
    const result = new Float64Array(cells.size).fill(-Infinity);
    for (let e = 0; e < cells.size; e++) {
      cells.forEachCell(e, (index) => {
        result[e] = Math.max(result[e], input[index]);
      });
    }
    return result;
  },
};
