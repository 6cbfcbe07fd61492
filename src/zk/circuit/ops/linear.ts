/**
 * Linear operations cost no constraints: an output element is a linear form of its operands, and of its bias where that is
 * committed. A committed weight costs products (committed.ts).
 */
import type { LinearMap } from "../../../program/linearMap.js";
import { rulesOf } from "../../../program/ops/index.js";
import type { Constant, Operation } from "../../../program/types.js";
import { AssayError } from "../../../errors.js";
import { type Form, FormBuilder } from "../form.js";
import { type CircuitTensor, NO_FORM } from "../tensor.js";
import { committedCircuit } from "./committed.js";
import type { CircuitContext, CircuitRule } from "./rules.js";

export const linearCircuit: CircuitRule<Operation> = (operation, context) => {
  const { operands, open, system: { planning } } = context;
  if (open.weight !== undefined && "weight" in operation) return committedCircuit(operation, open.weight, mapOf(operation, context), context);
  let map: LinearMap | undefined;
  const lazy = (): LinearMap => (map ??= mapOf(operation, context));
  return {
    form(element) {
      if (planning) return NO_FORM;
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

/** @param constant the bias, or where that is committed its index */
function withBias(sum: FormBuilder, constant: number, bias: CircuitTensor | undefined): Form {
  if (bias === undefined) return sum.finish(constant);
  sum.add(bias.form(constant), 1);
  return sum.finish(0);
}
