/**
 * Bytes of calldata that evidence takes: the ABI encoding of contracts/interfaces/IStepExecutor.sol's structs, from counts
 * alone. A struct with dynamic fields is a word a field, then those fields one after another.
 */
import type { StepHeader } from "../step/index.js";
import { CHUNK_BYTES } from "../../math/merkle.js";

const WORD = 32;
const SELECTOR = 4;
const HEADER_FIELDS = 11;

/** What is shown of one byte string. */
export interface ProofCounts {
  readonly chunks: number;
  readonly siblings: number;
}

/** What is shown of a tensor of a trace. */
export interface TensorCounts extends ProofCounts {
  /** From its root to the trace's. */
  readonly traceSiblings: number;
}

export interface DescriptorCounts {
  readonly header: Pick<StepHeader, "outputs">;
  /** Bytes. */
  readonly descriptor: number;
  readonly siblings: number;
}

export interface EvidenceCounts {
  readonly definition: DescriptorCounts;
  readonly operands: readonly TensorCounts[];
  /** Weights, tables, parameters. */
  readonly regions: readonly ProofCounts[];
}

/** A StepProof. */
function evidenceBytes({ definition, operands, regions }: EvidenceCounts): number {
  const lists = sum(operands, (operand) => WORD + tensorBytes(operand)) + WORD;
  return 5 * WORD + descriptorBytes(definition) + lists + sum(regions, proofBytes);
}

/** The transaction of a one-shot proof: Claims.proveFraud with IStepExecutor.isWrong as the question. */
export function oneShotBytes(evidence: EvidenceCounts, item: TensorCounts): number {
  const question = SELECTOR + 6 * WORD + evidenceBytes(evidence) + tensorBytes(item);
  return SELECTOR + 2 * WORD + dynamicBytes(question);
}

function descriptorBytes({ header, descriptor, siblings }: DescriptorCounts): number {
  const headerBytes = HEADER_FIELDS * WORD + WORD + WORD * header.outputs.length;
  return 3 * WORD + headerBytes + dynamicBytes(descriptor) + hashesBytes(siblings);
}

function tensorBytes(tensor: TensorCounts): number {
  return 2 * WORD + proofBytes(tensor) + hashesBytes(tensor.traceSiblings);
}

function proofBytes({ chunks, siblings }: ProofCounts): number {
  return 3 * WORD + dynamicBytes(4 * chunks) + dynamicBytes(CHUNK_BYTES * chunks) + hashesBytes(siblings);
}

function hashesBytes(count: number): number {
  return WORD + WORD * count;
}

function dynamicBytes(length: number): number {
  return WORD + Math.ceil(length / WORD) * WORD;
}

function sum<T>(items: readonly T[], size: (item: T) => number): number {
  return items.reduce((total, item) => total + size(item), 0);
}
