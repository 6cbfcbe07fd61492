import { elementCount } from "../../../math/shape.js";
import { rangeOfSlot } from "../../../program/interval.js";
import { matmulSizes } from "../../../program/ops/matmul.js";
import { broadcast, broadcastIndices } from "../../../program/ops/rules.js";
import type { MatMulOperation, MulOperation } from "../../../program/types.js";
import { FormBuilder } from "../form.js";
import type { Factor } from "../products.js";
import { type Element, fromElements } from "../tensor.js";
import type { CircuitContext, CircuitRule } from "./rules.js";

export const mulCircuit: CircuitRule<MulOperation> = ({ node }, context) => {
  const shape = broadcast(node, context.shapes[0], context.shapes[1]);
  const [leftAt, rightAt] = context.shapes.map((operand) => broadcastIndices(operand, shape));
  return fromElements(
    Array.from({ length: elementCount(shape) }, (_, e) => context.products.product(factorOf(context, 0, leftAt[e]), factorOf(context, 1, rightAt[e]))),
  );
};

/** Each output is a sum of products: the sum is free. */
export const matmulCircuit: CircuitRule<MatMulOperation> = (_operation, context) => {
  const { batches, rows, columns, length } = matmulSizes(context.shapes);
  const elements = Array.from({ length: batches * rows * columns }, (_, e): Element => {
    const row = Math.floor(e / columns);
    const column = Math.floor(row / rows) * columns + (e % columns);
    const sum = new FormBuilder();
    let terms = 0;
    for (let k = 0; k < length; k++) {
      const product = context.products.product(factorOf(context, 0, row * length + k), factorOf(context, 1, column * length + k));
      sum.add(product.form, 1);
      terms += product.terms;
    }
    return { form: sum.finish(0), terms };
  });
  return fromElements(elements);
};

function factorOf({ products, operands, intervals }: CircuitContext, operand: 0 | 1, element: number): Factor {
  return products.factor(operands[operand], element, rangeOfSlot(intervals[operand], element));
}
