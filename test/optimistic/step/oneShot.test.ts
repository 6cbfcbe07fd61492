/** What is wrong with a claim's own trace, shown in one transaction. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ChunkTree, HASH_BYTES, hashLeaves, rootOf, rootOfTree, topOf, traceLeaves, treeOfBytes, treeOfRoots } from "../../../src/math/merkle.js";
import { proveNode } from "../../../src/math/merkleProofs.js";
import { proveDescriptor, proveElement, proveStep, proveTensorChunk, type TraceTrees } from "../../../src/optimistic/step/index.js";
import { encodeElements } from "../../../src/program/constantBytes.js";
import { elementBytes } from "../../../src/program/elementType.js";
import { encodeDescriptor } from "../../../src/program/steps/index.js";
import { hex } from "./support/execution.js";
import { type ExecutorChain, type Question, startExecutor } from "./support/executorChain.js";
import { attackedModel, SLOT } from "./support/model.js";
import { descriptorAbi, hashes, headerAbi, stepAbi, tensorAbi } from "./support/proofAbi.js";
import { rawModel } from "./support/raw.js";

let chain: ExecutorChain;

beforeAll(async () => {
  chain = await startExecutor();
});

afterAll(async () => {
  await chain.close();
});

const { model, modelId, values } = attackedModel();
const tensors = [...model.plan.inputs, ...model.plan.steps];
const contents = values.map((data, slot) => encodeElements(data, tensors[slot].type));
const UNUSED = new Uint8Array(HASH_BYTES);

interface Claimed extends TraceTrees {
  readonly root: string;
}

/** A trace with some tensors' trees, and unused slots, as an operator may have made them. */
function claimed(replaced: ReadonlyMap<number, ChunkTree> = new Map(), unused: readonly Uint8Array[] = []): Claimed {
  const trees = contents.map((data, slot) => replaced.get(slot) ?? treeOfBytes(data));
  const roots = treeOfRoots([...trees.map(rootOfTree), ...unused], traceLeaves(trees.length));
  return { roots, tensor: (slot) => trees[slot], root: hex(topOf(roots)) };
}

function changed(slot: number, place: number, value: (byte: number) => number): ReadonlyMap<number, ChunkTree> {
  return new Map([[slot, treeOfBytes(Uint8Array.from(contents[slot], (byte, i) => (i === place ? value(byte) : byte)))]]);
}

/** The tensor's own bytes, with others where nothing belongs. */
function dirty(slot: number, place: number): Claimed {
  const { length } = contents[slot];
  const padded = new Uint8Array(8 * 512);
  padded.set(contents[slot]);
  const honest = treeOfBytes(padded.subarray(0, length));
  padded[place] = 1;
  const tree = treeOfBytes(padded.subarray(0, 512 * 2 ** honest.depth));
  return claimed(new Map([[slot, { ...tree, length }]]));
}

const YES = `0x${"0".repeat(63)}1`;
const NO = `0x${"0".repeat(64)}`;

function isWrong(trace: Claimed, slot: number, element: number): Question {
  const { proof } = proveStep(model, trace, slot, element, { kind: "whole" });
  return { name: "isWrong", args: [modelId, trace.root, slot, element, stepAbi(proof), tensorAbi(proveElement(model, trace, slot, element))] };
}

describe("an element", () => {
  it("is not wrong in an honest trace", async () => {
    const trace = claimed();
    const questions = model.plan.steps.flatMap(({ slot, count }) => [0, 1, count >> 1, count - 1].map((element) => isWrong(trace, slot, element)));
    for (const answer of await chain.ask(questions)) expect(answer).toBe(NO);
  });

  it("is wrong by any bit of its own", async () => {
    const questions = model.plan.steps.flatMap(({ slot, type, count }) =>
      Array.from({ length: 8 * elementBytes(type) }, (_, bit) => {
        const element = (37 * bit) % count;
        const trace = claimed(changed(slot, element * elementBytes(type) + (bit >> 3), (byte) => byte ^ (1 << (bit & 7))));
        return isWrong(trace, slot, element);
      }),
    );
    for (const answer of await chain.ask(questions)) expect(answer).toBe(YES);
  });

  it("is wrong where an operand was changed under it, and not its neighbours that do not read it", async () => {
    const trace = claimed(changed(SLOT.curve, 4 * 100, (byte) => byte ^ 0x55));
    // The transposed copy of element 100: row 6, channel 4 of 16.
    const reader = 4 * 36 + 6;
    expect(await chain.ask([isWrong(trace, SLOT.flat, reader), isWrong(trace, SLOT.flat, reader + 1), isWrong(trace, SLOT.curve, 100)])).toEqual([YES, NO, YES]);
  });

  it("is not shown by another element's chunk", async () => {
    const trace = claimed();
    const { proof } = proveStep(model, trace, SLOT.curve, 3, { kind: "whole" });
    const ask = (element: number, slot: number): Question => ({ name: "isWrong", args: [modelId, trace.root, SLOT.curve, 3, stepAbi(proof), tensorAbi(proveElement(model, trace, slot, element))] });
    expect(await chain.ask([ask(400, SLOT.curve), ask(3, SLOT.conv)])).toEqual([expect.stringMatching(/^ChunkMissing/), expect.stringMatching(/^TensorMismatch/)]);
  });
});

describe("a tensor's padding", () => {
  const ask = (trace: Claimed, slot: number, chunk: number): Question => ({
    name: "isPaddingDirty", args: [modelId, trace.root, slot, descriptorAbi(proveDescriptor(model, slot)), tensorAbi(proveTensorChunk(trace, slot, chunk))],
  });

  it("is dirty at any byte, and only there", async () => {
    const { length } = contents[SLOT.input];
    expect(length % 512).toBeGreaterThan(0);
    const dirtyPlaces = [length, length + 1, 1535];
    expect(await chain.ask(dirtyPlaces.map((place) => ask(dirty(SLOT.input, place), SLOT.input, 2)))).toEqual([YES, YES, YES]);
    expect(await chain.ask([ask(claimed(), SLOT.input, 2), ask(claimed(changed(SLOT.input, length - 1, (byte) => byte ^ 1)), SLOT.input, 2)])).toEqual([NO, NO]);
  });

  it("is in the last chunk", async () => {
    expect(await chain.ask([ask(dirty(SLOT.input, 1500), SLOT.input, 1)])).toEqual([expect.stringMatching(/^ChunkMissing/)]);
  });
});

describe("a leaf after the last chunk", () => {
  const ask = (trace: Claimed, slot: number, chunk: number, change: { readonly leaf?: Uint8Array; readonly siblings?: readonly Uint8Array[] } = {}): Question => {
    const tree = trace.tensor(slot);
    const leaf = change.leaf ?? tree.nodes(0, chunk, 1);
    const siblings = change.siblings ?? [...proveNode(tree, chunk), ...proveNode(trace.roots, slot)];
    return { name: "isTailDirty", args: [modelId, trace.root, slot, descriptorAbi(proveDescriptor(model, slot)), chunk, hex(leaf), hashes(siblings)] };
  };

  it("is dirty unless it is that of zeros", async () => {
    expect(contents[SLOT.flat].length).toBe(4.5 * 512);
    expect(await chain.ask([5, 6, 7].map((chunk) => ask(dirty(SLOT.flat, 512 * chunk + 3), SLOT.flat, chunk)))).toEqual([YES, YES, YES]);
    expect(await chain.ask([5, 6, 7].map((chunk) => ask(claimed(), SLOT.flat, chunk)))).toEqual([NO, NO, NO]);
  });

  it("is no node, no leaf of the tensor and no leaf outside of the tree", async () => {
    const trace = claimed();
    const tree = trace.tensor(SLOT.flat);
    const above = [tree.nodes(1, 2, 1), tree.nodes(2, 0, 1), ...proveNode(trace.roots, SLOT.flat)];
    const answers = await chain.ask([
      ask(trace, SLOT.flat, 6, { leaf: tree.nodes(1, 3, 1), siblings: above }),
      ask(trace, SLOT.flat, 6, { siblings: above.slice(0, 2) }),
      ask(trace, SLOT.flat, 6, { leaf: UNUSED }),
      ask(trace, SLOT.flat, 4),
      ask(trace, SLOT.flat, 0),
      ask(trace, SLOT.flat, 8 + 6, { leaf: tree.nodes(0, 6, 1), siblings: [...proveNode(tree, 6), ...proveNode(trace.roots, SLOT.flat)] }),
    ]);
    expect(answers.map((answer) => answer.replace(/\(.*/, ""))).toEqual(["ProofLength", "ProofLength", "TensorMismatch", "IndexOutOfRange", "IndexOutOfRange", "IndexOutOfRange"]);
  });
});

describe("an unused slot", () => {
  const ask = (trace: Claimed, index: number, leaf: Uint8Array, siblings = proveNode(trace.roots, index)): Question => ({
    name: "isSlotDirty", args: [modelId, trace.root, headerAbi(model.header), index, hex(leaf), hashes(siblings)],
  });

  it("is dirty unless it is 0", async () => {
    const other = hashLeaves(new Uint8Array(1));
    const trace = claimed(new Map(), [UNUSED, other]);
    expect(await chain.ask([ask(trace, 7, other), ask(trace, 6, UNUSED), ask(claimed(), 6, UNUSED), ask(claimed(), 7, UNUSED)])).toEqual([YES, NO, NO, NO]);
  });

  it("is not made of a used one by another header", async () => {
    const trace = claimed();
    const header = { ...model.header, slots: 5 };
    const forged: Question = { name: "isSlotDirty", args: [modelId, trace.root, headerAbi(header), 5, hex(rootOfTree(trace.tensor(5))), hashes(proveNode(trace.roots, 5))] };
    expect(await chain.ask([forged])).toEqual(["HeaderMismatch()"]);
  });

  it("is no node, no used slot and none outside of the tree", async () => {
    const trace = claimed();
    const answers = await chain.ask([
      ask(trace, 6, trace.roots.nodes(1, 3, 1), [trace.roots.nodes(1, 2, 1), trace.roots.nodes(2, 0, 1)]),
      ask(trace, 5, rootOfTree(trace.tensor(5))),
      ask(trace, 6, hashLeaves(new Uint8Array(1))),
      ask(trace, 8 + 6, UNUSED, proveNode(trace.roots, 6)),
    ]);
    expect(answers.map((answer) => answer.replace(/\(.*/, ""))).toEqual(["ProofLength", "IndexOutOfRange", "TensorMismatch", "IndexOutOfRange"]);
  });
});

describe("a descriptor", () => {
  it("tells its tensor, terms and segments", async () => {
    const answers = await chain.ask(tensors.map((_, slot) => ({ name: "describe", args: [modelId, slot, descriptorAbi(proveDescriptor(model, slot))] })));
    const words = answers.map((answer) => (answer.slice(2).match(/.{64}/g) ?? []).map((word) => Number(BigInt(`0x${word}`))));
    expect(words).toEqual([
      [0, 0, 1440, 0, 0], [0, 1, 96, 0, 0], [0, 4, 576, 360, 512], [0, 4, 576, 1, 1], [0, 4, 576, 1, 1], [0, 4, 10, 576, 512],
    ]);
  });

  it("disagrees with an operand's own by type or count alone", async () => {
    const regions = { weights: new Uint8Array(0), tables: new Uint8Array(0), parameters: new Uint8Array(0) };
    const input = (type: number, count: number): Uint8Array => Uint8Array.from([0, type, 0, 0, 0, 0, 0, 0, 0, count, 0, 0]);
    const copy = (type: number, count: number): Uint8Array => Uint8Array.from([5, 0, 0, 0, 0, 0, 0, 0, 0, 9, 1, 0, 0, 0, 0, type, 0, 0, 0, 0, 0, 0, 0, count, 255, 0]);
    const ask = (own: Uint8Array, declared: Uint8Array, operand = 0, shown = 0): Question => {
      const raw = rawModel([own, declared], 1, regions);
      return { name: "isOperandMismatch", args: [raw.modelId, 1, operand, descriptorAbi(raw.proofOf(1)), descriptorAbi(raw.proofOf(shown))] };
    };
    const answers = await chain.ask([
      ask(input(1, 9), copy(1, 9)), ask(input(1, 9), copy(0, 9)), ask(input(1, 9), copy(1, 8)), ask(input(1, 9), copy(1, 10)),
      ask(input(1, 9), copy(1, 9), 1), ask(input(1, 9), copy(1, 9), 0, 1), ask(input(1, 0), copy(1, 9)),
    ]);
    expect(answers.map((answer) => answer.replace(/\(.*/, ""))).toEqual([NO, YES, YES, YES, "OperandCount", "DescriptorMismatch", "DescriptorMalformed"]);
  });

  it("is the one that the plan has", () => {
    expect(encodeDescriptor(model.plan, 0)).toEqual(Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 5, 160, 0, 0]));
  });
});

it("the trees here are those of the library", () => {
  const tree = dirty(SLOT.input, 1500).tensor(SLOT.input);
  expect(rootOfTree(tree)).toEqual(rootOf(contents[SLOT.input].length, topOf(tree)));
});
