import { elementCount } from "../../../math/shape.js";
import { hull, rangeOfSlot } from "../../../program/interval.js";
import { intervalOf } from "../../../program/ops/index.js";
import { matmulSizes } from "../../../program/ops/matmul.js";
import { broadcast, broadcastIndices } from "../../../program/ops/rules.js";
import type { MatMulOperation, MulOperation } from "../../../program/types.js";
import { isShort, SHORT_FORM } from "../form.js";
import type { Factor, Matrix } from "../products.js";
import { classify, type Element } from "../tensor.js";
import type { CircuitContext, CircuitRule } from "./rules.js";

export const mulCircuit: CircuitRule<MulOperation> = ({ node }, context) => {
  const shape = broadcast(node, context.shapes[0], context.shapes[1]);
  const [leftAt, rightAt] = context.shapes.map((operand) => broadcastIndices(operand, shape));
  const [left, right] = context.operands;
  const slots = shape[shape.length - 1] ?? 1;
  const lay = (e: number): Element => context.products.product(factorOf(context, 0, leftAt[e]), factorOf(context, 1, rightAt[e]));
  // Slots of both operands follow from the product's. A factor that needs a wire gets it with its first product: those stay apart.
  const { classes, tensor } = classify(context.system, elementCount(shape), (e) => {
    const terms = [left.terms(leftAt[e]), right.terms(rightAt[e])];
    return terms.every((count) => isShort(count)) ? ((e % slots) * SHORT_FORM + terms[0]) * SHORT_FORM + terms[1] : -1 - e;
  });
  return tensor(classes.map(({ element, times }) => context.system.repeat(times, () => lay(element))));
};

export const matmulCircuit: CircuitRule<MatMulOperation> = (operation, { products, shapes, intervals, operands }) => {
  const { batches, ...sizes } = matmulSizes(shapes);
  const range = hull(intervalOf(operation, shapes, intervals));
  const matrix = (operand: 0 | 1, batch: number, rows: number): Matrix => ({
    tensor: operands[operand],
    first: batch * rows * sizes.length,
    rangeOf: (element) => rangeOfSlot(intervals[operand], element),
  });
  const size = sizes.rows * sizes.columns;
  const parts = Array.from({ length: batches }, (_, b) => products.matrixProduct(matrix(0, b, sizes.rows), matrix(1, b, sizes.columns), sizes, range));
  return { form: (e) => parts[Math.floor(e / size)].form(e % size), terms: (e) => parts[Math.floor(e / size)].terms(e % size) };
};

function factorOf({ products, operands, intervals }: CircuitContext, operand: 0 | 1, element: number): Factor {
  return products.factor(operands[operand], element, rangeOfSlot(intervals[operand], element));
}
