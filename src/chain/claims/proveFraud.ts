/** The one-shot proof: an element of a claim's own trace that its own operands do not give, or bytes and leaves that no execution has. */
import type { TransactionReceipt } from "ethers";
import { AssayError } from "../../errors.js";
import { CHUNK_BYTES, chunkCount, emptyChunkNode, emptyRootNode, rootOfTree } from "../../math/merkle.js";
import { equalBytes, proveNode } from "../../math/merkleProofs.js";
import type { CommittedModel } from "../../optimistic/model/index.js";
import { type Hash, toHash } from "../../optimistic/dispute/hash.js";
import { firstDifference } from "../../optimistic/dispute/hash.js";
import { proveDescriptor, proveElement, proveStep, proveTensorChunk } from "../../optimistic/step/index.js";
import type { Trace } from "../../optimistic/trace/index.js";
import { elementBytes } from "../../program/elementType.js";
import { loadArtifact } from "../artifacts.js";
import { type ClaimsAccount, sendClaims } from "./contract.js";

interface InTensor {
  /** Position in the trace, inputs first. */
  readonly slot: number;
  /** ONNX node. */
  readonly node: string;
}

/** An element that the trace's own operands do not give. */
export interface WrongElement extends InTensor {
  /** Tells it from the other frauds. */
  readonly kind: "element";
  /** Flat index, row-major in the tensor's shape, channels last. */
  readonly element: number;
  /** The trace's integer. */
  readonly claimed: bigint;
  /** What its operands give. */
  readonly computed: bigint;
}

/** A byte other than 0 behind a tensor's end, in its last chunk. */
export interface DirtyPadding extends InTensor {
  /** Tells it from the other frauds. */
  readonly kind: "padding";
  /** Counted from the tensor's first. */
  readonly byte: number;
}

/** A chunk behind a tensor's last one that is not of zeros. */
export interface DirtyTail extends InTensor {
  /** Tells it from the other frauds. */
  readonly kind: "tail";
  /** Pieces of 512 bytes, counted from the tensor's first. */
  readonly chunk: number;
}

/** A leaf behind the last slot that is not 0. */
export interface DirtySlot {
  /** Tells it from the other frauds. */
  readonly kind: "unused";
  /** Position in the trace, where no tensor is. */
  readonly slot: number;
}

/** What is wrong with a trace. */
export type TraceFraud = WrongElement | DirtyPadding | DirtyTail | DirtySlot;

/** Compares a claim's trace with an execution of one's own, slot by slot; undefined where they are the same. */
export function findFraud(model: CommittedModel, claimed: Trace, own: Trace): TraceFraud | undefined {
  for (const step of model.plan.steps) {
    const [theirs, ours] = [claimed.tensor(step.slot), own.tensor(step.slot)];
    if (equalBytes(rootOfTree(theirs), rootOfTree(ours))) continue;
    const found = findWrongByte(step, claimed, own) ?? findTail(step, claimed);
    if (found !== undefined) return found;
  }
  for (let slot = model.plan.slots; slot < 2 ** claimed.roots.depth; slot++) {
    if (!equalBytes(claimed.roots.nodes(0, slot, 1), emptyRootNode(0))) return { kind: "unused", slot };
  }
  return undefined;
}

type Step = CommittedModel["plan"]["steps"][number];

/** The first byte that differs, of an element or of the padding. */
function findWrongByte({ slot, node, type }: Step, claimed: Trace, own: Trace): TraceFraud | undefined {
  const [theirs, ours] = [claimed.tensor(slot), own.tensor(slot)];
  for (let chunk = 0; chunk * CHUNK_BYTES < ours.length; chunk++) {
    const at = firstDifference(theirs.chunk(chunk), ours.chunk(chunk));
    if (at === CHUNK_BYTES) continue;
    const byte = chunk * CHUNK_BYTES + at;
    if (byte >= ours.length) return { kind: "padding", slot, node, byte };
    const element = Math.floor(byte / elementBytes(type));
    return { kind: "element", slot, node, element, claimed: claimed.element(slot, element), computed: own.element(slot, element) };
  }
  return undefined;
}

function findTail({ slot, node }: Step, claimed: Trace): TraceFraud | undefined {
  const tree = claimed.tensor(slot);
  for (let chunk = chunkCount(tree.length); chunk < 2 ** tree.depth; chunk++) {
    if (!equalBytes(tree.nodes(0, chunk, 1), emptyChunkNode(0))) return { kind: "tail", slot, node, chunk };
  }
  return undefined;
}

/** Inputs that differ are another claim's: there is nothing to compare. */
export function assertSameInputs(model: CommittedModel, claimed: Trace, inputRoots: readonly Hash[]): void {
  model.plan.inputs.forEach(({ slot }) => {
    if (toHash(rootOfTree(claimed.tensor(slot))) !== inputRoots[slot]) throw new AssayError("INPUT_MISMATCH", "the trace's input is not the claim's", { where: `input ${slot}` });
  });
}

/** The executor's question that shows it: its calldata. */
export function questionOf(model: CommittedModel, trace: Trace, fraud: TraceFraud): string {
  const { modelId } = model;
  const { slot } = fraud;
  const ask = (name: string, ...args: readonly unknown[]): string => loadArtifact("StepExecutor").abi.encodeFunctionData(name, [modelId, trace.root, ...args]);
  switch (fraud.kind) {
    case "element": {
      const { proof } = proveStep(model, trace, slot, fraud.element, { kind: "whole" });
      return ask("isWrong", slot, fraud.element, proof, proveElement(model, trace, slot, fraud.element));
    }
    case "padding":
      return ask("isPaddingDirty", slot, proveDescriptor(model, slot), proveTensorChunk(trace, slot, chunkCount(trace.tensor(slot).length) - 1));
    case "tail": {
      const tree = trace.tensor(slot);
      return ask("isTailDirty", slot, proveDescriptor(model, slot), fraud.chunk, tree.nodes(0, fraud.chunk, 1), [...proveNode(tree, fraud.chunk), ...proveNode(trace.roots, slot)]);
    }
    case "unused":
      return ask("isSlotDirty", model.header, slot, trace.roots.nodes(0, slot, 1), proveNode(trace.roots, slot));
  }
}

/** Defeats the claim in one transaction. */
export function proveFraud(account: ClaimsAccount, claimId: Hash, question: string): Promise<TransactionReceipt> {
  return sendClaims(account, `prove claim ${claimId} wrong`, "proveFraud", [claimId, question]);
}
