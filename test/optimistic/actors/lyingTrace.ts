/** Traces of liars: right up to some element, and whatever they like from there on. */
import { HASH_BYTES, rootOfTree, treeOfBytes } from "../../../src/math/merkle.js";
import { encodeElements } from "../../../src/program/constantBytes.js";
import { elementBytes } from "../../../src/program/elementType.js";
import { elementValue, type ModelTrees, stepData, stepOf } from "../../../src/optimistic/step/index.js";
import { Trace, type TraceTensor } from "../../../src/optimistic/trace/trace.js";

export interface Lie {
  /** The tensor that is wrong first. */
  readonly slot: number;
  /** Default 0. */
  readonly element?: number;
  /** Bits that are flipped in the element's lowest byte; default 1, the least lie there is. */
  readonly flip?: number;
  /** Compute what follows from the wrong element, as a wrong program would; default true. Otherwise all else stays as it was. */
  readonly consistent?: boolean;
}

/** An honest trace with one lie in it. */
export function lyingTrace(model: ModelTrees, honest: Trace, { slot, element = 0, flip = 1, consistent = true }: Lie): Trace {
  const tensors = [...honest.tensors];
  const wrong = Uint8Array.from(honest.read(slot));
  wrong[element * elementBytes(tensors[slot].type)] ^= flip;
  tensors[slot] = withBytes(tensors[slot], wrong);
  if (consistent) for (let next = slot + 1; next < tensors.length; next++) tensors[next] = recomputed(model, tensors, next);
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
  return withBytes(tensors[slot], encodeElements(values, step.type));
}

function withBytes(tensor: TraceTensor, bytes: Uint8Array): TraceTensor {
  return { ...tensor, tree: treeOfBytes(bytes) };
}
