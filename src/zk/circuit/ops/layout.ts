/** Index maps are free: the same forms under other indices. */
import { forEachSource } from "../../../program/ops/gather.js";
import { transposeIndices } from "../../../program/ops/transpose.js";
import type { GatherOperation, ReshapeOperation, TransposeOperation } from "../../../program/types.js";
import { constantForm } from "../form.js";
import type { CircuitTensor } from "../tensor.js";
import type { CircuitRule } from "./rules.js";

export const reshapeCircuit: CircuitRule<ReshapeOperation> = (_operation, { operands }) => operands[0];

export const transposeCircuit: CircuitRule<TransposeOperation> = ({ permutation }, { shapes, operands }) =>
  mapped(operands, () => ({ elementOf: transposeIndices(shapes[0], permutation) }));

export const gatherCircuit: CircuitRule<GatherOperation> = (operation, { shapes, operands, open }) => {
  const { index, constant } = operation;
  const sources = [...operands, open.constant ?? { form: (at: number) => constantForm(constant.data[at]), terms: () => 0 }];
  return mapped(sources, () => {
    const operandOf = new Uint32Array(index.data.length);
    const elementOf = new Uint32Array(index.data.length);
    forEachSource(operation, shapes, (element, operand, at) => {
      operandOf[element] = operand;
      elementOf[element] = at;
    });
    return { operandOf, elementOf };
  });
};

/** Where each element comes from; of the first source if no operands are given. */
interface Sources {
  readonly operandOf?: Uint32Array;
  readonly elementOf: Uint32Array;
}

/** The map is made when somebody asks: counting often does not. */
function mapped(sources: readonly CircuitTensor[], make: () => Sources): CircuitTensor {
  let known: Sources | undefined;
  const source = (element: number): readonly [CircuitTensor, number] => {
    const { operandOf, elementOf } = (known ??= make());
    return [sources[operandOf === undefined ? 0 : operandOf[element]], elementOf[element]];
  };
  return {
    form(element) {
      const [tensor, at] = source(element);
      return tensor.form(at);
    },
    terms(element) {
      const [tensor, at] = source(element);
      return tensor.terms(at);
    },
  };
}
