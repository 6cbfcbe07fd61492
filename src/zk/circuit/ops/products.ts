import { elementCount } from "../../../math/shape.js";
import { hull, rangeOfSlot } from "../../../program/interval.js";
import { intervalOf } from "../../../program/ops/index.js";
import { matmulSizes } from "../../../program/ops/matmul.js";
import { broadcast, broadcastIndices } from "../../../program/ops/rules.js";
import type { MatMulOperation, MulOperation } from "../../../program/types.js";
import type { Factor, Matrix } from "../products.js";
import { type Element, fromElements } from "../tensor.js";
import type { CircuitContext, CircuitRule } from "./rules.js";

export const mulCircuit: CircuitRule<MulOperation> = ({ node }, context) => {
  const shape = broadcast(node, context.shapes[0], context.shapes[1]);
  const [leftAt, rightAt] = context.shapes.map((operand) => broadcastIndices(operand, shape));
  return fromElements(
    Array.from({ length: elementCount(shape) }, (_, e) => context.products.product(factorOf(context, 0, leftAt[e]), factorOf(context, 1, rightAt[e]))),
  );
};

export const matmulCircuit: CircuitRule<MatMulOperation> = (operation, { products, shapes, intervals, operands }) => {
  const { batches, ...sizes } = matmulSizes(shapes);
  const range = hull(intervalOf(operation, shapes, intervals));
  const matrix = (operand: 0 | 1, batch: number, rows: number): Matrix => ({
    tensor: operands[operand],
    first: batch * rows * sizes.length,
    rangeOf: (element) => rangeOfSlot(intervals[operand], element),
  });
  const batch = (b: number): Element[] => products.matrixProduct(matrix(0, b, sizes.rows), matrix(1, b, sizes.columns), sizes, range);
  return fromElements(Array.from({ length: batches }, (_, b) => batch(b)).flat());
};

function factorOf({ products, operands, intervals }: CircuitContext, operand: 0 | 1, element: number): Factor {
  return products.factor(operands[operand], element, rangeOfSlot(intervals[operand], element));
}
