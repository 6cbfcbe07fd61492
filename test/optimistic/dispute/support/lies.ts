/** Traces that are not the model's, one kind a function: what an operator may claim, and a challenger open with. */
import { chunkCount, CHUNK_BYTES, rootOf, rootOfTree, topOf } from "../../../../src/math/merkle.js";
import { equalBytes } from "../../../../src/math/merkleProofs.js";
import type { Trace } from "../../../../src/optimistic/trace/trace.js";
import { elementBytes, elementRange } from "../../../../src/program/elementType.js";
import type { SeededRandom } from "../../../support/random.js";
import { replaced, spareBytes, withByte, withLeaf } from "./memoryTrace.js";
import { encodeSlot, executeToy, randomInputs, randomModel, toyTrace, type ToyModel, type ToyShape } from "./toyModel.js";

/** A model with an execution of it. */
export interface Case {
  readonly model: ToyModel;
  readonly inputs: readonly (readonly bigint[])[];
  readonly values: readonly (readonly bigint[])[];
  readonly honest: Trace;
}

export function randomCase(random: SeededRandom, shape: ToyShape): Case {
  const model = randomModel(random, shape);
  const inputs = randomInputs(model, random);
  const values = executeToy(model, inputs);
  return { model, inputs, values, honest: toyTrace(model, values) };
}

/** A trace with another root than the honest one; undefined where the model has no room for this lie. */
export type Lie = (of: Case, random: SeededRandom) => Trace | undefined;

/** A slot that a step defines. */
function someStep({ model }: Case, random: SeededRandom): number {
  return model.inputs + random.below(model.slots.length - model.inputs);
}

function wrongFrom(of: Case, random: SeededRandom, slot: number): Trace | undefined {
  const { model, inputs } = of;
  const { low, high } = elementRange(model.slots[slot].type);
  const changed = 1 + random.below(3);
  const values = executeToy(model, inputs, (s, list) => {
    for (let i = 0; s === slot && i < changed; i++) list[random.below(list.length)] = random.between(BigInt(low), BigInt(high));
  });
  return unlessHonest(of, toyTrace(model, values));
}

function unlessHonest({ honest }: Case, trace: Trace): Trace | undefined {
  return trace.root === honest.root ? undefined : trace;
}

/** A byte that is zero in an honest trace. */
function dirty({ honest }: Case, random: SeededRandom, slot: number, at: number): Trace {
  return replaced(honest, slot, withByte(honest.tensors[slot], at, () => 1 + random.below(255)));
}

function randomHash(random: SeededRandom): Uint8Array {
  return Uint8Array.from({ length: 32 }, () => random.below(256));
}

export const LIES = {
  "wrong from some step on": (of, random) => wrongFrom(of, random, someStep(of, random)),
  "wrong in the last step": (of, random) => wrongFrom(of, random, of.model.slots.length - 1),
  "the last bit of one element": (of, random) => {
    const slot = someStep(of, random);
    const { type, count } = of.model.slots[slot];
    return replaced(of.honest, slot, withByte(of.honest.tensors[slot], random.below(count) * elementBytes(type), (byte) => byte ^ 1));
  },
  "the highest bit of one element": (of, random) => {
    const slot = someStep(of, random);
    const { type, count } = of.model.slots[slot];
    return replaced(of.honest, slot, withByte(of.honest.tensors[slot], random.below(count) * elementBytes(type) + elementBytes(type) - 1, (byte) => byte ^ 128));
  },
  "all elements of one tensor": (of, random) => {
    const slot = someStep(of, random);
    return unlessHonest(of, replaced(of.honest, slot, encodeSlot(of.values[slot].map(() => 0n), of.model.slots[slot].type)));
  },
  "dirty padding": (of, random) => {
    const slot = someStep(of, random);
    const { padding } = spareBytes(of.honest.tensors[slot]);
    return padding === 0 ? undefined : dirty(of, random, slot, of.honest.tensors[slot].tree.length + random.below(padding));
  },
  "a chunk behind the end": (of, random) => {
    const slot = someStep(of, random);
    const { chunks } = spareBytes(of.honest.tensors[slot]);
    return chunks === 0 ? undefined : dirty(of, random, slot, chunkCount(of.honest.tensors[slot].tree.length) * CHUNK_BYTES + random.below(chunks));
  },
  "a slot that no tensor has": (of, random) => {
    const unused = 2 ** of.honest.roots.depth - of.model.slots.length;
    return unused === 0 ? undefined : withLeaf(of.honest, of.model.slots.length + random.below(unused), randomHash(random));
  },
  "a root of another length": (of, random) => {
    const slot = someStep(of, random);
    const { tree } = of.honest.tensors[slot];
    return withLeaf(of.honest, slot, rootOf(tree.length + 1, topOf(tree)));
  },
  "a node for a tensor's root": (of, random) => {
    const slot = someStep(of, random);
    return withLeaf(of.honest, slot, topOf(of.honest.tensor(slot)));
  },
  "nothing behind one slot": (of, random) => withLeaf(of.honest, someStep(of, random), randomHash(random)),
  "a slot left empty": (of, random) => withLeaf(of.honest, someStep(of, random), new Uint8Array(32)),
  "two slots exchanged": (of, random) => {
    const [a, b] = [someStep(of, random), someStep(of, random)];
    const [left, right] = [a, b].map((slot) => rootOfTree(of.honest.tensor(slot)));
    return equalBytes(left, right) ? undefined : withLeaf(withLeaf(of.honest, a, right), b, left);
  },
} satisfies Readonly<Record<string, Lie>>;

/** Lies about inputs: no claim of these can be posted, but a challenger may open with them. */
export const INPUT_LIES = {
  "another input": (of, random) => {
    const slot = random.below(of.model.inputs);
    return replaced(of.honest, slot, withByte(of.honest.tensors[slot], random.below(of.honest.tensors[slot].tree.length), (byte) => byte ^ (1 << random.below(8))));
  },
  "an input's dirty padding": (of, random) => {
    const slot = random.below(of.model.inputs);
    const { padding } = spareBytes(of.honest.tensors[slot]);
    return padding === 0 ? undefined : dirty(of, random, slot, of.honest.tensors[slot].tree.length + random.below(padding));
  },
  "no input at all": (of) => withLeaf(of.honest, 0, topOf(of.honest.roots)),
} satisfies Readonly<Record<string, Lie>>;
