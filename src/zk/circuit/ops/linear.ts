/**
 * Linear operations cost no constraints: an output element is a linear form of its operands. With committed weights it is a sum
 * of products, one constraint a multiply-accumulate.
 */
import { rulesOf } from "../../../program/ops/index.js";
import type { Constant, Operation } from "../../../program/types.js";
import { AssayError } from "../../../errors.js";
import type { ConstraintSystem } from "../constraintSystem.js";
import { constantForm, type Form, FormBuilder, isShort, wireForm } from "../form.js";
import { type CircuitTensor, fromForms } from "../tensor.js";
import type { CircuitContext, CircuitRule } from "./rules.js";

export const linearCircuit: CircuitRule<Operation> = (operation, context) => {
  const { shapes, operands, planning, open } = context;
  if (open.weight !== undefined || open.bias !== undefined) return openCircuit(operation, context);
  if (planning) return { form: () => constantForm(0) };
  const rules = rulesOf(operation);
  if (!rules.linear) throw new AssayError("INTERNAL", `${operation.kind} is not linear`);
  const map = rules.map(operation, shapes);
  return {
    form(element) {
      const sum = new FormBuilder();
      const constant = map.row(element, (operand, index, weight) => sum.add(operands[operand].form(index), weight));
      return sum.finish(constant);
    },
  };
};

const PRODUCT = { name: "Product", parameters: [] } as const;

/** The circuit with a committed weight, bias or both. */
function openCircuit(operation: Operation, { system, shapes, operands, open }: CircuitContext): CircuitTensor {
  const rules = rulesOf(operation);
  if (!rules.linear || !("weight" in operation)) throw new AssayError("INTERNAL", `${operation.kind} has no weights`);
  // The map emits constants; indices in their place say which wire a term takes.
  const indexed = (constant: Constant): Constant => ({ ...constant, data: Float64Array.from(constant.data, (_, i) => i) });
  const weight = open.weight === undefined ? operation.weight : indexed(operation.weight);
  const bias = open.bias === undefined ? operation.bias : indexed(operation.bias);
  const map = rules.map({ ...operation, weight, bias }, shapes);
  const factor = shortForms(system, operands[0]);
  const weightFactor = open.weight && shortForms(system, open.weight);
  const forms = Array.from({ length: map.size }, (_, element) => {
    const sum = new FormBuilder();
    const constant = map.row(element, (_operand, index, term) => {
      if (weightFactor === undefined) sum.add(operands[0].form(index), term);
      else sum.add(wireForm(system.instantiate(PRODUCT, [[weightFactor(term)], [factor(index)]])[0]), 1);
    });
    if (open.bias === undefined) return sum.finish(constant);
    sum.add(open.bias.form(constant), 1);
    return sum.finish(0);
  });
  return fromForms(forms);
}

/** The elements as factors of products: a long form gets a wire, once. */
function shortForms(system: ConstraintSystem, tensor: CircuitTensor): (index: number) => Form {
  const known = new Map<number, Form>();
  return (index) => {
    const ready = known.get(index);
    if (ready !== undefined) return ready;
    const form = tensor.form(index);
    const short = isShort(form) ? form : wireForm(system.define(form));
    known.set(index, short);
    return short;
  };
}
