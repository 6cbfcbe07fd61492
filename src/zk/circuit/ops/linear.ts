/** Linear operations cost no constraints: an output element is a linear form of its operands. */
import { rulesOf } from "../../../program/ops/index.js";
import type { Operation } from "../../../program/types.js";
import { AssayError } from "../../../errors.js";
import { constantForm, FormBuilder } from "../form.js";
import type { CircuitRule } from "./rules.js";

export const linearCircuit: CircuitRule<Operation> = (operation, { shapes, operands, planning }) => {
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
