/** Index maps are free: the same forms under other indices. */
import { forEachSource } from "../../../program/ops/gather.js";
import { transposeIndices } from "../../../program/ops/transpose.js";
import type { GatherOperation, ReshapeOperation, TransposeOperation } from "../../../program/types.js";
import { constantForm } from "../form.js";
import type { CircuitRule } from "./rules.js";

export const reshapeCircuit: CircuitRule<ReshapeOperation> = (_operation, { operands }) => operands[0];

export const transposeCircuit: CircuitRule<TransposeOperation> = ({ permutation }, { shapes, operands }) => {
  const indices = transposeIndices(shapes[0], permutation);
  return { form: (element) => operands[0].form(indices[element]), terms: (element) => operands[0].terms(indices[element]) };
};

export const gatherCircuit: CircuitRule<GatherOperation> = (operation, { shapes, operands, open }) => {
  const { index, constant } = operation;
  const operandOf = new Uint32Array(index.data.length);
  const elementOf = new Uint32Array(index.data.length);
  forEachSource(operation, shapes, (element, operand, at) => {
    operandOf[element] = operand;
    elementOf[element] = at;
  });
  const sources = [...operands, open.constant ?? { form: (at: number) => constantForm(constant.data[at]), terms: () => 0 }];
  return {
    form: (element) => sources[operandOf[element]].form(elementOf[element]),
    terms: (element) => sources[operandOf[element]].terms(elementOf[element]),
  };
};
