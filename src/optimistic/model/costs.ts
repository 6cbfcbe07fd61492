/**
 * What the dearest element of each step costs on chain when it is shown in one transaction. A program with one above the limits
 * is refused: nobody could defeat a wrong claim of it.
 */
import { AssayError } from "../../errors.js";
import { CHUNK_BYTES, traceDepth, treeDepth } from "../../math/merkle.js";
import { siblingCount } from "../../math/merkleProofs.js";
import { elementBytes } from "../../program/elementType.js";
import { encodeDescriptor, MAX_TERMS, type Step, termsOf } from "../../program/steps/index.js";
import { chunksOf, type ModelTrees, OPEN_REGIONS, readPart, type Read, type StepData } from "../step/index.js";
import { type EvidenceCounts, oneShotBytes, type ProofCounts, type TensorCounts } from "./calldata.js";
import { candidates } from "./candidates.js";

/** Nodes refuse transactions over 128 KiB; this leaves room for what may be called around them. */
export const MAX_CALLDATA = 100_000;

/** What the gas of a one-shot proof depends on. */
export interface StepCounts {
  /** Of the element's reduction. */
  readonly terms: number;
  /** Pieces of 512 bytes that are shown, of operands, constants and the element itself. */
  readonly chunks: number;
  /** Hashes of 32 bytes that prove them, and the step's descriptor. */
  readonly siblings: number;
  /** Bytes of the transaction. */
  readonly calldata: number;
}

/** The dearest element of a step, shown in one transaction. */
export interface StepCost extends StepCounts {
  /** Position in the trace of the tensor that the step defines. */
  readonly slot: number;
  /** ONNX node of its core. */
  readonly node: string;
  /** Of the core operation: dot is a product with weights, matmul one of two tensors, affine v·w + b. */
  readonly kind: Step["core"]["kind"];
  /** The element that costs most. */
  readonly element: number;
  /** Where gas has been measured. */
  readonly gas: number | undefined;
}

/** Gas from counts, as measured on a node. */
export type GasEstimate = (counts: StepCounts) => number;

/**
 * By step. Exact for products, whose operands depend on the element's row or its channel alone; elsewhere the dearest of many
 * elements, which differ by no more than a chunk an operand.
 */
export function stepCosts(model: ModelTrees, gasOf?: GasEstimate): StepCost[] {
  return model.plan.steps.map((step) => {
    const { element, counts } = dearest(model, step);
    return { slot: step.slot, node: step.node, kind: step.core.kind, element, ...counts, gas: gasOf?.(counts) };
  });
}

/** @throws AssayError MODEL_TOO_LARGE naming the node */
export function assertAffordable(costs: readonly StepCost[]): void {
  for (const { node, terms, calldata } of costs) {
    const where = `node ${node}`;
    if (terms > MAX_TERMS) throw new AssayError("MODEL_TOO_LARGE", `an element depends on ${terms} operands; a contract executes ${MAX_TERMS}`, { where });
    if (calldata > MAX_CALLDATA) {
      throw new AssayError("MODEL_TOO_LARGE", `showing one element takes ${calldata} bytes of calldata; ${MAX_CALLDATA} are allowed`, {
        where,
        hint: "split the reduction, or reduce over neighbouring elements: each far one takes a chunk of 512 bytes",
      });
    }
  }
}

interface Candidate {
  readonly element: number;
  readonly counts: StepCounts;
}

function dearest(model: ModelTrees, step: Step): Candidate {
  const { rows, channels, width } = candidates(step);
  const descriptor = encodeDescriptor(model.plan, step.slot).length;
  const costOf = (element: number): Candidate => ({ element, counts: countsOf(model, step, element, descriptor) });
  const row = dearer(rows.map((index) => costOf(index * width)));
  const channel = dearer(channels.map(costOf));
  return dearer([row, channel, costOf(row.element + channel.element)]);
}

function dearer(found: readonly Candidate[]): Candidate {
  return found.reduce((a, b) => (b.counts.calldata > a.counts.calldata ? b : a));
}

/** The counts of a transaction that shows one element; `descriptor` in bytes. */
export function countsOf(model: ModelTrees, step: Step, element: number, descriptor: number): StepCounts {
  const { plan, header, descriptors } = model;
  const { reads } = readPart(step, element, { kind: "whole" }, contentOf(step, model));
  const depth = traceDepth(plan.slots);
  const proofOf = (source: Read["source"], length: number): ProofCounts => {
    const own = reads.filter((read) => read.source === source);
    if (own.length === 0) return { chunks: 0, siblings: 0 };
    const chunks = chunksOf(own, length);
    return { chunks: chunks.length, siblings: siblingCount(treeDepth(length), chunks) };
  };
  const operands = step.operands.map(({ count, type }, i): TensorCounts => {
    const proof = proofOf(i, count * elementBytes(type));
    return { ...proof, traceSiblings: proof.siblings + proof.chunks === 0 ? 0 : depth };
  });
  const regions = OPEN_REGIONS.map((name) => (name === "tables" ? tableCounts(step, header.tablesLength) : proofOf(name, model.region(name).length)));
  const definition = { header, descriptor, siblings: descriptors.depth };
  const item: TensorCounts = { chunks: 1, siblings: treeDepth(step.count * elementBytes(step.type)), traceSiblings: depth };
  const proofs: readonly ProofCounts[] = [...operands, ...regions, item];
  const evidence: EvidenceCounts = { definition, operands, regions };
  return {
    terms: termsOf(step.core),
    chunks: proofs.reduce((sum, { chunks }) => sum + chunks, 0),
    siblings: proofs.reduce((sum, { siblings }) => sum + siblings, 0) + operands.reduce((sum, { traceSiblings }) => sum + traceSiblings, 0) + depth + descriptors.depth,
    calldata: oneShotBytes(evidence, item),
  };
}

/** Which entries of its tables an element reads depends on values: each may lie in chunks of its own. */
function tableCounts({ tail }: Step, length: number): ProofCounts {
  const tables = tail.filter((entry) => entry.kind === "table");
  const depth = treeDepth(length);
  const chunks = tables.reduce((sum, { entries }) => sum + (entries.offset % elementBytes(entries.type) === 0 ? 1 : 2), 0);
  return { chunks: Math.min(chunks, Math.ceil(length / CHUNK_BYTES)), siblings: chunks * depth };
}

/** What is read depends on no values but the indices of a gathering. */
function contentOf({ core }: Step, model: ModelTrees): StepData {
  if (core.kind !== "gather" || core.index.region === "committed") return ZEROS;
  const tree = model.region(core.index.region);
  return {
    bytes: ({ source, offset, length }) => {
      const result = new Uint8Array(length);
      if (source !== core.index.region) return result;
      const first = Math.floor(offset / CHUNK_BYTES);
      const within = offset - first * CHUNK_BYTES;
      const pair = new Uint8Array(2 * CHUNK_BYTES);
      pair.set(tree.chunk(first));
      if (within + length > CHUNK_BYTES) pair.set(tree.chunk(first + 1), CHUNK_BYTES);
      result.set(pair.subarray(within, within + length));
      return result;
    },
  };
}

const ZEROS: StepData = { bytes: ({ length }) => new Uint8Array(length) };
