/** Traces of liars: right up to some element, and whatever they like from there on. */
import { HASH_BYTES, rootOfTree, treeOfBytes } from "../../../src/math/merkle.js";
import { encodeElements } from "../../../src/program/constantBytes.js";
import { type Lie as WrongElement, lyingTrace as withWrongElement } from "../../../src/optimistic/rehearsal/liar.js";
import { elementValue, type ModelTrees, stepData, stepOf } from "../../../src/optimistic/step/index.js";
import { Trace, type TraceTensor } from "../../../src/optimistic/trace/trace.js";

export interface Lie extends Partial<WrongElement> {
  /** The tensor that is wrong first; its element 0 unless another is named. */
  readonly slot: number;
  /** Compute what follows from the wrong element, as a wrong program would; default true. Otherwise all else stays as it was. */
  readonly consistent?: boolean;
}

/** An honest trace with one lie in it. */
export function lyingTrace(model: ModelTrees, honest: Trace, { slot, element = 0, flip, consistent = true }: Lie): Trace {
  const wrong = withWrongElement(honest, { slot, element, flip });
  if (!consistent) return wrong;
  const tensors = [...wrong.tensors];
  for (let next = slot + 1; next < tensors.length; next++) tensors[next] = recomputed(model, tensors, next);
  return new Trace(tensors);
}

/** Another hash than its tensor's in one place of the tree over the slots: nobody can show what is below it. */
export function withLeaf(honest: Trace, slot: number, leaf: Uint8Array = new Uint8Array(HASH_BYTES)): Trace {
  const leaves = honest.tensors.map(({ tree }) => rootOfTree(tree));
  leaves[slot] = leaf;
  return new Trace(honest.tensors, leaves);
}

function recomputed(model: ModelTrees, tensors: readonly TraceTensor[], slot: number): TraceTensor {
  const step = stepOf(model.plan, slot);
  const data = stepData(model, new Trace(tensors), step);
  const values = Float64Array.from({ length: step.count }, (_, element) => Number(elementValue(step, element, data)));
  return { ...tensors[slot], tree: treeOfBytes(encodeElements(values, step.type)) };
}
