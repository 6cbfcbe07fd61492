/** Linear operations cost no constraints: an output element is a linear form of its operands. */
import type { LinearMap } from "../../../program/linearMap.js";
import { rulesOf } from "../../../program/ops/index.js";
import type { Operation } from "../../../program/types.js";
import { AssayError } from "../../../errors.js";
import { FormBuilder } from "../form.js";
import { NO_FORM } from "../tensor.js";
import type { CircuitRule } from "./rules.js";

export const linearCircuit: CircuitRule<Operation> = (operation, { shapes, operands, system: { planning } }) => {
  const rules = rulesOf(operation);
  if (!rules.linear) throw new AssayError("INTERNAL", `${operation.kind} is not linear`);
  let map: LinearMap | undefined;
  const lazy = (): LinearMap => (map ??= rules.map(operation, shapes));
  return {
    form(element) {
      if (planning) return NO_FORM;
      const sum = new FormBuilder();
      const constant = lazy().row(element, (operand, index, weight) => sum.add(operands[operand].form(index), weight));
      return sum.finish(constant);
    },
    terms(element) {
      let terms = 0;
      lazy().row(element, (operand, index, weight) => {
        if (weight !== 0) terms += operands[operand].terms(index);
      });
      return terms;
    },
  };
};
