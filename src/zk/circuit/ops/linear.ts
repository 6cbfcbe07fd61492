/**
 * Linear operations cost no constraints: an output element is a linear form of its operands. Where the weight is committed it is a
 * sum of products, one constraint a multiply-accumulate; a committed bias is a term like any other.
 */
import { elementRange } from "../../../program/elementType.js";
import { rangeOfSlot } from "../../../program/interval.js";
import type { LinearMap } from "../../../program/linearMap.js";
import { rulesOf } from "../../../program/ops/index.js";
import type { Constant, Operation } from "../../../program/types.js";
import { AssayError } from "../../../errors.js";
import { constantForm, type Form, FormBuilder } from "../form.js";
import { type CircuitTensor, type Element, fromElements } from "../tensor.js";
import type { CircuitContext, CircuitRule } from "./rules.js";

export const linearCircuit: CircuitRule<Operation> = (operation, context) => {
  const { operands, planning, open } = context;
  if (open.weight !== undefined) return productCircuit(operation, open.weight, context);
  let map: LinearMap | undefined;
  const lazy = (): LinearMap => (map ??= mapOf(operation, context));
  return {
    form(element) {
      if (planning) return constantForm(0);
      const sum = new FormBuilder();
      const constant = lazy().row(element, (operand, index, weight) => sum.add(operands[operand].form(index), weight));
      return withBias(sum, constant, open.bias);
    },
    terms(element) {
      let terms = 0;
      const constant = lazy().row(element, (operand, index, weight) => {
        if (weight !== 0) terms += operands[operand].terms(index);
      });
      return terms + (open.bias?.terms(constant) ?? 0);
    },
  };
};

/** The operation's map, with indices in place of committed constants: they say which of the witness elements a term takes. */
function mapOf(operation: Operation, { shapes, open }: CircuitContext): LinearMap {
  const rules = rulesOf(operation);
  if (!rules.linear) throw new AssayError("INTERNAL", `${operation.kind} is not linear`);
  if (!("weight" in operation)) return rules.map(operation, shapes);
  const indexed = (constant: Constant): Constant => ({ ...constant, data: Float64Array.from(constant.data, (_, i) => i) });
  const weight = open.weight === undefined ? operation.weight : indexed(operation.weight);
  const bias = open.bias === undefined ? operation.bias : indexed(operation.bias);
  return rules.map({ ...operation, weight, bias }, shapes);
}

function productCircuit(operation: Operation, weight: CircuitTensor, context: CircuitContext): CircuitTensor {
  const { products, operands: [input], intervals, open } = context;
  if (!("weight" in operation)) throw new AssayError("INTERNAL", `${operation.kind} has no weights`);
  const map = mapOf(operation, context);
  const range = elementRange(operation.weight.type);
  const elements = Array.from({ length: map.size }, (_, e): Element => {
    const sum = new FormBuilder();
    let terms = 0;
    const constant = map.row(e, (_operand, index, position) => {
      const factor = products.factor(input, index, rangeOfSlot(intervals[0], index));
      const product = products.product(products.factor(weight, position, range), factor);
      sum.add(product.form, 1);
      terms += product.terms;
    });
    return { form: withBias(sum, constant, open.bias), terms: terms + (open.bias?.terms(constant) ?? 0) };
  });
  return fromElements(elements);
}

/** @param constant the bias, or where that is committed its index */
function withBias(sum: FormBuilder, constant: number, bias: CircuitTensor | undefined): Form {
  if (bias === undefined) return sum.finish(constant);
  sum.add(bias.form(constant), 1);
  return sum.finish(0);
}
