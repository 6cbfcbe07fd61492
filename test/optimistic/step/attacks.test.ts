/** Forged evidence, by name. The contract accepts the honest proof and none of these. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { proveNode } from "../../../src/math/merkleProofs.js";
import { type PackedChunkProof, proveStep, type StepHeader, type StepProof, type TensorProof } from "../../../src/optimistic/step/index.js";
import type { Abi } from "./support/abi.js";
import { hex, traceOf } from "./support/execution.js";
import { type ExecutorChain, type Question, signed, startExecutor } from "./support/executorChain.js";
import { attackedModel, SLOT } from "./support/model.js";
import { headerAbi, stepAbi } from "./support/proofAbi.js";
import { uint32s } from "./support/raw.js";

let chain: ExecutorChain;

beforeAll(async () => {
  chain = await startExecutor();
});

afterAll(async () => {
  await chain.close();
});

const honest = attackedModel();
const { model, trace, modelId, traceRoot } = honest;
/** In the middle; its weights lie in two chunks, its bias in another. */
const CHANNEL = 12;
const ELEMENT = 7 * 16 + CHANNEL;
const { proof: whole, value } = proveStep(model, trace, SLOT.conv, ELEMENT, { kind: "whole" });
const { proof: curve } = proveStep(model, trace, SLOT.curve, 300, { kind: "whole" });

function ask(proof: StepProof, part: Partial<Readonly<Record<"modelId" | "root", string>>> & { readonly slot?: number; readonly element?: number } = {}): Question {
  const { slot = SLOT.conv, element = ELEMENT } = part;
  return { name: "execute", args: [part.modelId ?? modelId, part.root ?? traceRoot, slot, element, stepAbi(proof)] };
}

/** Each must fail with its error, the arguments aside. */
async function refused(attacks: Readonly<Record<string, readonly [error: string, question: Question]>>): Promise<void> {
  const answers = await chain.ask(Object.values(attacks).map(([, question]) => question));
  const names = answers.map((answer) => answer.replace(/\(.*/, ""));
  expect(Object.fromEntries(Object.keys(attacks).map((name, i) => [name, names[i]]))).toEqual(Object.fromEntries(Object.entries(attacks).map(([name, [error]]) => [name, error])));
}

const withHeader = (changes: Partial<StepHeader>, proof = whole): StepProof => ({ ...proof, definition: { ...proof.definition, header: { ...proof.definition.header, ...changes } } });
const withWeights = (changes: Partial<PackedChunkProof>): StepProof => ({ ...whole, weights: { ...whole.weights, ...changes } });
const withOperand = (changes: Partial<TensorProof>): StepProof => ({ ...whole, operands: [{ ...whole.operands[0], ...changes }] });
const withChunks = (changes: Partial<PackedChunkProof>): StepProof => withOperand({ chunks: { ...whole.operands[0].chunks, ...changes } });
const flipped = (bytes: Uint8Array, place: number): Uint8Array => Uint8Array.from(bytes, (byte, i) => (i === place ? byte ^ 1 : byte));
const EMPTY = new Uint8Array(0);
const NOTHING: PackedChunkProof = { indices: EMPTY, chunks: EMPTY, siblings: [] };
const HASH = new Uint8Array(32).fill(0x5a);

/** The honest chunks at other indices. */
function renumbered(indices: readonly number[], proof = whole.weights): Partial<PackedChunkProof> {
  const chunks = new Uint8Array(512 * indices.length);
  for (let i = 0; i < indices.length; i++) chunks.set(proof.chunks.subarray(0, 512), 512 * i);
  return { indices: uint32s(indices), chunks };
}

describe("the contract", () => {
  it("accepts the honest proof", async () => {
    expect((await chain.ask([ask(whole)])).map(signed)).toEqual([value]);
    expect(value).toBe(BigInt(honest.values[SLOT.conv][ELEMENT]));
  });

  it("refuses another header", async () => {
    const hashes = ["structureRoot", "stepsTop", "parametersRoot", "weightsRoot", "tablesRoot"] as const;
    await refused({
      ...Object.fromEntries(hashes.map((field) => [field, ["HeaderMismatch", ask(withHeader({ [field]: hex(HASH) }))]] as const)),
      "more slots": ["HeaderMismatch", ask(withHeader({ slots: 7 }))],
      "fewer inputs": ["HeaderMismatch", ask(withHeader({ inputs: 1 }))],
      "other outputs": ["HeaderMismatch", ask(withHeader({ outputs: [2, 4] }))],
      "one output less": ["HeaderMismatch", ask(withHeader({ outputs: [2] }))],
      "an output more": ["HeaderMismatch", ask(withHeader({ outputs: [2, 5, 5] }))],
      "another model": ["HeaderMismatch", ask(whole, { modelId: hex(HASH) })],
      "authenticated alone": ["HeaderMismatch", { name: "authenticate", args: [hex(HASH), headerAbi(model.header)] }],
    });
    expect(await chain.ask([{ name: "authenticate", args: [modelId, headerAbi(model.header)] }])).toEqual(["0x"]);
  });

  it("refuses another descriptor", async () => {
    const { descriptor, siblings } = whole.definition;
    const changed = (part: Partial<StepProof["definition"]>): StepProof => ({ ...whole, definition: { ...whole.definition, ...part } });
    await refused({
      ...Object.fromEntries(Array.from(descriptor, (_, i) => [`byte ${i}`, ["DescriptorMismatch", ask(changed({ descriptor: flipped(descriptor, i) }))]] as const)),
      "of another slot": ["DescriptorMismatch", ask(changed({ descriptor: curve.definition.descriptor }))],
      "its own with another slot's proof": ["DescriptorMismatch", ask(changed({ siblings: curve.definition.siblings }))],
      "at another slot": ["DescriptorMismatch", ask(whole, { slot: SLOT.flat })],
      "empty": ["DescriptorMismatch", ask(changed({ descriptor: EMPTY }))],
      "a short proof": ["ProofLength", ask(changed({ siblings: siblings.slice(1) }))],
      "a long proof": ["ProofLength", ask(changed({ siblings: [...siblings, HASH] }))],
      "a slot after the last": ["SlotOutOfRange", ask(whole, { slot: 6 })],
      "a slot of 256 bits": ["SlotOutOfRange", ask({ ...whole }, { slot: Number.MAX_SAFE_INTEGER })],
      "an input": ["SlotIsInput", ask({ ...whole, definition: { header: model.header, descriptor: inputDescriptor(), siblings: proveNode(model.descriptors, 0) }, operands: [] }, { slot: 0 })],
    });
  });

  it("refuses forged chunks of a region", async () => {
    const { indices, chunks, siblings } = whole.weights;
    const count = chunks.length / 512;
    const all = Array.from({ length: count }, (_, i) => new DataView(indices.buffer).getUint32(4 * i));
    expect(count).toBeGreaterThan(2);
    await refused({
      "a byte changed": ["RegionMismatch", ask(withWeights({ chunks: flipped(chunks, 700) }))],
      "a sibling changed": ["RegionMismatch", ask(withWeights({ siblings: siblings.map((hash, i) => (i === 1 ? HASH : hash)) }))],
      "siblings in another order": ["RegionMismatch", ask(withWeights({ siblings: [...siblings].reverse() }))],
      "a short proof": ["ProofLength", ask(withWeights({ siblings: siblings.slice(0, -1) }))],
      "a long proof": ["ProofLength", ask(withWeights({ siblings: [...siblings, HASH] }))],
      "a duplicate index": ["IndicesUnordered", ask(withWeights(renumbered([3, 3])))],
      "indices that descend": ["IndicesUnordered", ask(withWeights(renumbered([4, 3])))],
      "all indices in reverse": ["IndicesUnordered", ask(withWeights({ indices: uint32s([...all].reverse()) }))],
      "an index after the last": ["IndexOutOfRange", ask(withWeights(renumbered([23])))],
      "the greatest index": ["IndexOutOfRange", ask(withWeights(renumbered([2 ** 32 - 1])))],
      "half an index": ["IndicesLength", ask(withWeights({ indices: indices.subarray(0, 6) }))],
      "indices shifted by one chunk": ["ProofLength", ask(withWeights({ indices: uint32s(all.map((index) => index + 1)) }))],
      "a chunk of 511 bytes": ["ChunkLength", ask(withWeights({ chunks: chunks.subarray(1) }))],
      "a chunk of 513 bytes": ["ChunkLength", ask(withWeights({ chunks: Uint8Array.from([...chunks, 0]) }))],
      "a chunk less than indices": ["ChunkLength", ask(withWeights({ chunks: chunks.subarray(512) }))],
      "no chunk": ["ChunkLength", ask(withWeights({ chunks: EMPTY }))],
      "the top as a sibling without chunks": ["ChunkMissing", ask(withWeights({ ...NOTHING, siblings: [topOfWeights()] }))],
      "another top without chunks": ["RegionMismatch", ask(withWeights({ ...NOTHING, siblings: [HASH] }))],
      "two tops": ["ProofLength", ask(withWeights({ ...NOTHING, siblings: [HASH, HASH] }))],
      "the weights as tables": ["RegionMismatch", ask({ ...whole, weights: NOTHING, tables: curve.tables, parameters: curve.tables })],
      "another region's proof": ["RegionMismatch", ask({ ...whole, parameters: { indices: uint32s([0]), chunks: whole.weights.chunks.subarray(0, 512), siblings: [] } })],
      "nothing": ["ChunkMissing", ask({ ...whole, weights: NOTHING })],
      "no shifts": ["ChunkMissing", ask({ ...whole, parameters: NOTHING })],
      "a chunk that is not the one read": ["ChunkMissing", ask({ ...whole, weights: proveStep(model, trace, SLOT.conv, ELEMENT - CHANNEL, { kind: "whole" }).proof.weights })],
    });
  });

  it("attack dispute-11: refuses a node passed as a leaf", async () => {
    // The 64 bytes under a node, where a chunk of 512 is asked for: no length of chunk but 512, and another domain.
    const tree = model.region("weights");
    const children = tree.nodes(0, 0, 2);
    const padded = new Uint8Array(512);
    padded.set(children);
    const above = Array.from({ length: tree.depth - 1 }, (_, height) => tree.nodes(height + 1, 1, 1));
    await refused({
      "with its length": ["ChunkLength", ask(withWeights({ indices: uint32s([0]), chunks: children, siblings: above }))],
      "padded": ["ProofLength", ask(withWeights({ indices: uint32s([0]), chunks: padded, siblings: above }))],
      "padded, with as many siblings": ["RegionMismatch", ask(withWeights({ indices: uint32s([0]), chunks: padded, siblings: [HASH, ...above] }))],
      "in a trace of half the depth": ["ProofLength", ask(withOperand({ siblings: proveNode(trace.roots, 0, 1) }))],
    });
  });

  it("refuses a region of another length", async () => {
    const { weightsLength } = model.header;
    await refused({
      "one byte less": ["RegionMismatch", ask(withHeader({ weightsLength: weightsLength - 1 }))],
      "one byte more": ["RegionMismatch", ask(withHeader({ weightsLength: weightsLength + 1 }))],
      "fewer chunks": ["RegionMismatch", ask(withHeader({ weightsLength: 9000 }))],
      "fewer levels": ["ProofLength", ask(withHeader({ weightsLength: 8000 }))],
      "no bytes": ["IndexOutOfRange", ask(withHeader({ weightsLength: 0 }))],
      "no bytes and no proof: all weights would be 0": ["ChunkMissing", ask({ ...withHeader({ weightsLength: 0 }), weights: NOTHING })],
      "the greatest": ["ProofLength", ask(withHeader({ weightsLength: 2 ** 53 - 1 }))],
      "no shifts and no proof": ["ChunkMissing", ask({ ...withHeader({ parametersLength: 0 }), parameters: NOTHING })],
    });
  });

  it("refuses forged tensors", async () => {
    const { chunks, siblings } = whole.operands[0];
    const other = proveStep(model, trace, SLOT.logits, 3, { kind: "whole" }).proof.operands[0];
    await refused({
      "a byte changed": ["TensorMismatch", ask(withChunks({ chunks: flipped(chunks.chunks, 5) }))],
      "dirty padding": ["TensorMismatch", ask(withChunks({ chunks: flipped(chunks.chunks, chunks.chunks.length - 1) }))],
      "a sibling changed": ["TensorMismatch", ask(withOperand({ siblings: [HASH, ...siblings.slice(1)] }))],
      "a short proof": ["ProofLength", ask(withOperand({ siblings: siblings.slice(1) }))],
      "a long proof": ["ProofLength", ask(withOperand({ siblings: [...siblings, HASH] }))],
      "another slot's proof": ["TensorMismatch", ask(withOperand({ siblings: proveNode(trace.roots, 1) }))],
      "another tensor": ["IndexOutOfRange", ask(withOperand(other))],
      "another trace": ["TensorMismatch", ask(whole, { root: hex(HASH) })],
      "another execution's": ["TensorMismatch", ask(whole, { root: traceOf(new Array<Uint8Array>(6).fill(new Uint8Array(1440))).traceRoot })],
      "no chunks": ["ChunkMissing", ask({ ...whole, operands: [{ chunks: NOTHING, siblings: [] }] })],
      "a chunk less": ["ChunkMissing", ask({ ...whole, operands: proveStep(model, trace, SLOT.conv, 0, { kind: "whole" }).proof.operands })],
      "one operand too few": ["OperandCount", ask({ ...whole, operands: [] })],
      "one operand too many": ["OperandCount", ask({ ...whole, operands: [...whole.operands, ...whole.operands] })],
      "operands in another order": ["TensorMismatch", ask({ ...curve, operands: [curve.operands[0], { ...curve.operands[1], siblings: curve.operands[0].siblings }] }, { slot: SLOT.curve, element: 300 })],
      "an element after the last": ["ElementOutOfRange", ask(whole, { element: 576 })],
    });
  });

  it("refuses parts that do not exist", async () => {
    const part = (name: string, slot: number, element: number, argument: Abi, proof: StepProof): Question => ({ name, args: [modelId, traceRoot, slot, element, argument, stepAbi(proof)] });
    const { proof: logits } = proveStep(model, trace, SLOT.logits, 3, { kind: "whole" });
    await refused({
      "a segment after the last": ["SegmentOutOfRange", part("segment", SLOT.logits, 3, 2, logits)],
      "a segment of 256 bits": ["SegmentOutOfRange", part("segment", SLOT.logits, 3, 2n ** 256n - 1n, logits)],
      "a segment of a copy": ["StepNotSegmented", part("segment", SLOT.curve, 300, 0, curve)],
      "the end of a copy": ["StepNotSegmented", part("finish", SLOT.curve, 300, { list: [0] }, curve)],
      "a segment's result too few": ["PartialsCount", part("finish", SLOT.logits, 3, { list: [0] }, logits)],
      "a segment's result too many": ["PartialsCount", part("finish", SLOT.logits, 3, { list: [0, 0, 0] }, logits)],
      "a segment of an element after the last": ["ElementOutOfRange", part("segment", SLOT.logits, 10, 0, logits)],
    });
  });
});

function inputDescriptor(): Uint8Array {
  return Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 5, 160, 0, 0]);
}

function topOfWeights(): Uint8Array {
  const tree = model.region("weights");
  return tree.nodes(tree.depth, 0, 1);
}
