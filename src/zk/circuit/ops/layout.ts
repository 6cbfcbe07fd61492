/** Index maps are free: the same forms under other indices. */
import { transposeIndices } from "../../../program/ops/transpose.js";
import type { ReshapeOperation, TransposeOperation } from "../../../program/types.js";
import type { CircuitRule } from "./rules.js";

export const reshapeCircuit: CircuitRule<ReshapeOperation> = (_operation, { operands }) => operands[0];

export const transposeCircuit: CircuitRule<TransposeOperation> = ({ permutation }, { shapes, operands }) => {
  const indices = transposeIndices(shapes[0], permutation);
  return { form: (element) => operands[0].form(indices[element]) };
};
