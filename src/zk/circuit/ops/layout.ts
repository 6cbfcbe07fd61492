/** Index maps are free: the same forms under other indices. */
import { forEachSource } from "../../../program/ops/gather.js";
import { transposeIndices } from "../../../program/ops/transpose.js";
import type { GatherOperation, ReshapeOperation, TransposeOperation } from "../../../program/types.js";
import { constantForm } from "../form.js";
import type { CircuitRule } from "./rules.js";

export const reshapeCircuit: CircuitRule<ReshapeOperation> = (_operation, { operands }) => operands[0];

export const transposeCircuit: CircuitRule<TransposeOperation> = ({ permutation }, { shapes, operands }) => {
  const indices = transposeIndices(shapes[0], permutation);
  return { form: (element) => operands[0].form(indices[element]) };
};

export const gatherCircuit: CircuitRule<GatherOperation> = (operation, { shapes, operands, open }) => {
  const { index } = operation;
  const constant = open.constant ?? { form: (at: number) => constantForm(operation.constant.data[at]) };
  const operandOf = new Uint32Array(index.data.length);
  const elementOf = new Uint32Array(index.data.length);
  forEachSource(operation, shapes, (element, operand, at) => {
    operandOf[element] = operand;
    elementOf[element] = at;
  });
  return {
    form(element) {
      const at = elementOf[element];
      return operandOf[element] < operands.length ? operands[operandOf[element]].form(at) : constant.form(at);
    },
  };
};
