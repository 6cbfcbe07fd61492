/** Evidence for one step, as the contract takes it: the structs of contracts/interfaces/IStepExecutor.sol, field by field. */
import { AssayError } from "../../errors.js";
import { CHUNK_BYTES, type ChunkTree, type HashTree, topOf } from "../../math/merkle.js";
import { proveChunks, proveNode } from "../../math/merkleProofs.js";
import { elementBytes } from "../../program/elementType.js";
import { encodeDescriptor, type Plan, type Slot, type Step } from "../../program/steps/index.js";
import type { StepHeader } from "./header.js";
import { OPEN_REGIONS, type OpenRegion, type Read, RecordedData, type Source, type StepData } from "./reads.js";
import { elementValue, finishValue, segmentValue } from "./value.js";

/** What a model id commits to, with the trees over it. */
export interface ModelTrees {
  readonly plan: Plan;
  readonly header: StepHeader;
  /** Over the descriptors' hashes, by slot. */
  readonly descriptors: HashTree;
  region(region: OpenRegion): ChunkTree;
}

/** One execution's tensors. */
export interface TraceTrees {
  /** Over the tensors' roots, by slot. */
  readonly roots: HashTree;
  tensor(slot: Slot): ChunkTree;
}

export interface DescriptorProof {
  readonly header: StepHeader;
  readonly descriptor: Uint8Array;
  readonly siblings: readonly Uint8Array[];
}

export interface PackedChunkProof {
  /** Four bytes each, big-endian. */
  readonly indices: Uint8Array;
  readonly chunks: Uint8Array;
  readonly siblings: readonly Uint8Array[];
}

export interface TensorProof {
  readonly chunks: PackedChunkProof;
  readonly siblings: readonly Uint8Array[];
}

export interface StepProof {
  readonly definition: DescriptorProof;
  readonly operands: readonly TensorProof[];
  readonly weights: PackedChunkProof;
  readonly tables: PackedChunkProof;
  readonly parameters: PackedChunkProof;
}

/** Which part of an element's computation is shown: all of it, one segment, or what follows the folded terms. */
export type StepPart = { readonly kind: "whole" } | { readonly kind: "segment"; readonly index: number } | { readonly kind: "finish"; readonly accumulator: bigint };

export interface ProvenStep {
  /** Of the part. */
  readonly value: bigint;
  readonly proof: StepProof;
}

const NOTHING: PackedChunkProof = { indices: new Uint8Array(0), chunks: new Uint8Array(0), siblings: [] };

/** Computes a part of an element from a trace, and shows all that it reads. */
export function proveStep(model: ModelTrees, trace: TraceTrees, slot: Slot, element: number, part: StepPart): ProvenStep {
  const step = stepOf(model.plan, slot);
  const { value, reads } = readPart(step, element, part, stepData(model, trace, step));
  const proofOf = (source: Source, tree: ChunkTree): PackedChunkProof => proveReads(tree, reads.filter((read) => read.source === source));
  const regionProof = (region: OpenRegion): PackedChunkProof => proofOf(region, model.region(region));
  const operands = step.operands.map(({ slot: operand }, i): TensorProof => {
    const chunks = proofOf(i, trace.tensor(operand));
    return { chunks, siblings: chunks === NOTHING ? [] : proveNode(trace.roots, operand) };
  });
  const [weights, tables, parameters] = OPEN_REGIONS.map(regionProof);
  return { value, proof: { definition: proveDescriptor(model, slot), operands, weights, tables, parameters } };
}

/** A part's value, and what it reads in order. */
export function readPart(step: Step, element: number, part: StepPart, data: StepData): { readonly value: bigint; readonly reads: readonly Read[] } {
  const recorded = new RecordedData(data);
  return { value: partValue(step, element, part, recorded), reads: recorded.reads };
}

function partValue(step: Step, element: number, part: StepPart, data: StepData): bigint {
  switch (part.kind) {
    case "whole":
      return elementValue(step, element, data);
    case "segment":
      return segmentValue(step, element, part.index, data);
    case "finish":
      return finishValue(step, element, part.accumulator, data);
  }
}

export function proveDescriptor({ plan, header, descriptors }: ModelTrees, slot: Slot): DescriptorProof {
  return { header, descriptor: encodeDescriptor(plan, slot), siblings: proveNode(descriptors, slot) };
}

/** The chunk of a slot's tensor that holds an element. */
export function proveElement({ plan }: ModelTrees, trace: TraceTrees, slot: Slot, element: number): TensorProof {
  const { type } = tensorOf(plan, slot);
  return proveTensorChunk(trace, slot, Math.floor((element * elementBytes(type)) / CHUNK_BYTES));
}

export function proveTensorChunk(trace: TraceTrees, slot: Slot, chunk: number): TensorProof {
  return { chunks: packed(proveChunks(trace.tensor(slot), [chunk])), siblings: proveNode(trace.roots, slot) };
}

/** A step's data from the committed trees. */
export function stepData(model: ModelTrees, trace: TraceTrees, step: Step): StepData {
  const treeOf = (source: Source): ChunkTree => (typeof source === "number" ? trace.tensor(step.operands[source].slot) : model.region(source));
  return { bytes: (read) => readTree(treeOf(read.source), read) };
}

/** @throws AssayError BAD_USAGE for an input's slot */
export function stepOf(plan: Plan, slot: Slot): Step {
  const step = plan.steps.at(slot - plan.inputs.length);
  if (step?.slot !== slot) throw new AssayError("BAD_USAGE", "no step computes this slot", { where: `slot ${slot}` });
  return step;
}

function tensorOf(plan: Plan, slot: Slot): Pick<Step, "type" | "count"> {
  return slot < plan.inputs.length ? plan.inputs[slot] : stepOf(plan, slot);
}

function readTree(tree: ChunkTree, { offset, length }: Read): Uint8Array {
  const result = new Uint8Array(length);
  const end = Math.min(offset + length, tree.length);
  for (let at = offset; at < end; ) {
    const within = at % CHUNK_BYTES;
    const piece = tree.chunk((at - within) / CHUNK_BYTES).subarray(within, within + end - at);
    result.set(piece, at - offset);
    at += piece.length;
  }
  return result;
}

/** One proof of all chunks that are read; of reads beyond the end alone it shows the length. */
function proveReads(tree: ChunkTree, reads: readonly Read[]): PackedChunkProof {
  if (reads.length === 0) return NOTHING;
  const chunks = chunksOf(reads, tree.length);
  return chunks.length === 0 ? { ...NOTHING, siblings: [topOf(tree)] } : packed(proveChunks(tree, chunks));
}

/** The chunks that reads of a byte string touch, ascending. */
export function chunksOf(reads: readonly Omit<Read, "source">[], length: number): number[] {
  const chunks = new Set<number>();
  for (const read of reads) {
    const end = Math.min(read.offset + read.length, length);
    for (let chunk = Math.floor(read.offset / CHUNK_BYTES); chunk * CHUNK_BYTES < end; chunk++) chunks.add(chunk);
  }
  return [...chunks].sort((a, b) => a - b);
}

function packed({ indices, chunks, siblings }: ReturnType<typeof proveChunks>): PackedChunkProof {
  const view = new DataView(new ArrayBuffer(4 * indices.length));
  indices.forEach((index, i) => {
    view.setUint32(4 * i, index);
  });
  return { indices: new Uint8Array(view.buffer), chunks, siblings };
}
