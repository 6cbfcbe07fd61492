/**
 * A linear operation whose weight is committed: a sum of products, one constraint a multiply-accumulate; or, where a challenge may
 * check it and many columns share the weight (convolutions, sequences), a matrix product under Freivalds' check.
 */
import { elementRange } from "../../../program/elementType.js";
import { hull, rangeOfSlot } from "../../../program/interval.js";
import type { LinearMap } from "../../../program/linearMap.js";
import { intervalOf } from "../../../program/ops/index.js";
import type { AffineOperation, Constant, ConvOperation, LinearOperation } from "../../../program/types.js";
import { constantForm, FormBuilder } from "../form.js";
import type { MatrixSizes } from "../matrixCheck.js";
import type { Matrix } from "../products.js";
import { type CircuitTensor, type Element, elementAt, fromElements } from "../tensor.js";
import type { CircuitContext } from "./rules.js";

/** @param map emits indices in place of committed constants */
export function committedCircuit(operation: AffineOperation | ConvOperation | LinearOperation, weight: CircuitTensor, map: LinearMap, context: CircuitContext): CircuitTensor {
  const sums = matrixSums(operation, weight, map, context) ?? directSums(operation.weight, weight, map, context);
  const { bias } = context.open;
  return fromElements(
    sums.map((sum, e): Element => {
      const constant = map.row(e, () => undefined);
      if (bias === undefined) return { form: added(sum, undefined, constant), terms: sum.terms };
      return { form: added(sum, elementAt(bias, constant), 0), terms: sum.terms + bias.terms(constant) };
    }),
  );
}

function added(sum: Element, bias: Element | undefined, constant: number): Element["form"] {
  const total = new FormBuilder();
  total.add(sum.form, 1);
  if (bias !== undefined) total.add(bias.form, 1);
  return total.finish(constant);
}

function directSums({ type }: Constant, weight: CircuitTensor, map: LinearMap, { products, operands: [input], intervals }: CircuitContext): Element[] {
  const range = elementRange(type);
  return Array.from({ length: map.size }, (_, e): Element => {
    const sum = new FormBuilder();
    let terms = 0;
    map.row(e, (_operand, index, position) => {
      const factor = products.factor(input, index, rangeOfSlot(intervals[0], index));
      const product = products.product(products.factor(weight, position, range), factor);
      sum.add(product.form, 1);
      terms += product.terms;
    });
    return { form: sum.finish(0), terms };
  });
}

/** One matrix product a group; undefined where that would cost more. */
function matrixSums(operation: AffineOperation | ConvOperation | LinearOperation, weight: CircuitTensor, map: LinearMap, context: CircuitContext): Element[] | undefined {
  if (operation.kind === "affine") return undefined;
  const { products, shapes, intervals } = context;
  const groups = operation.kind === "conv" ? operation.group : 1;
  const [outputs] = operation.weight.shape;
  const length = operation.weight.data.length / outputs;
  const sizes: MatrixSizes = { rows: map.size / outputs, columns: outputs / groups, length };
  const pairs = Array.from({ length: groups }, (_, group): readonly [Matrix, Matrix] => {
    const first = group * sizes.columns;
    const range = elementRange(operation.weight.type);
    return [windows(map, outputs, first, sizes, context), { tensor: weight, first: first * length, rangeOf: () => range }];
  });
  if (!pairs.every(([left, right]) => products.isChecked(left, right, sizes))) return undefined;
  const unbiased = { ...operation, bias: { shape: operation.bias.shape, type: "i8", data: new Float64Array(outputs) } } as const;
  const range = hull(intervalOf(unbiased, shapes, intervals));
  const made = pairs.map(([left, right]) => products.matrixProduct(left, right, sizes, range));
  return Array.from({ length: map.size }, (_, e) => {
    const [row, output] = [Math.floor(e / outputs), e % outputs];
    return elementAt(made[Math.floor(output / sizes.columns)], row * sizes.columns + (output % sizes.columns));
  });
}

/** The input's elements that each row of outputs reads, in the order of the weight's terms; cells in the padding are 0. */
function windows(map: LinearMap, outputs: number, firstOutput: number, { rows, length }: MatrixSizes, { operands: [input], intervals }: CircuitContext): Matrix {
  const source = new Int32Array(rows * length).fill(-1);
  for (let row = 0; row < rows; row++) {
    map.row(row * outputs + firstOutput, (_operand, index, position) => {
      source[row * length + position - firstOutput * length] = index;
    });
  }
  const tensor: CircuitTensor = {
    form: (element) => (source[element] < 0 ? constantForm(0) : input.form(source[element])),
    terms: (element) => (source[element] < 0 ? 0 : input.terms(source[element])),
  };
  return { tensor, first: 0, rangeOf: (element) => (source[element] < 0 ? { low: 0, high: 0 } : rangeOfSlot(intervals[0], source[element])) };
}
