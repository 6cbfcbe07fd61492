/** The one-shot proof: one element of a claim's own trace that its own operands do not give. */
import type { TransactionReceipt } from "ethers";
import { AssayError } from "../../errors.js";
import { CHUNK_BYTES, rootOfTree } from "../../math/merkle.js";
import { equalBytes } from "../../math/merkleProofs.js";
import type { CommittedModel } from "../../optimistic/model/index.js";
import { type Hash, toHash } from "../../optimistic/dispute/hash.js";
import { firstDifference } from "../../optimistic/dispute/hash.js";
import { proveElement, proveStep, stepOf } from "../../optimistic/step/index.js";
import type { Trace } from "../../optimistic/trace/index.js";
import { elementBytes } from "../../program/elementType.js";
import { loadArtifact } from "../artifacts.js";
import { type ClaimsAccount, sendClaims } from "./contract.js";

/** The first element in which a trace is wrong. */
export interface WrongElement {
  readonly slot: number;
  /** ONNX node. */
  readonly node: string;
  readonly element: number;
  readonly claimed: bigint;
  readonly computed: bigint;
}

/** Compares a claim's trace with an execution of one's own; undefined where they are the same. */
export function findWrongElement(model: CommittedModel, claimed: Trace, own: Trace): WrongElement | undefined {
  for (const { slot, node, type } of model.plan.steps) {
    const [theirs, ours] = [claimed.tensor(slot), own.tensor(slot)];
    if (equalBytes(rootOfTree(theirs), rootOfTree(ours))) continue;
    for (let chunk = 0; chunk * CHUNK_BYTES < ours.length; chunk++) {
      const at = firstDifference(theirs.chunk(chunk), ours.chunk(chunk));
      if (at === CHUNK_BYTES) continue;
      const element = Math.floor((chunk * CHUNK_BYTES + at) / elementBytes(type));
      return { slot, node, element, claimed: claimed.element(slot, element), computed: own.element(slot, element) };
    }
  }
  return undefined;
}

/** Inputs that differ are another claim's: there is nothing to compare. */
export function assertSameInputs(model: CommittedModel, claimed: Trace, inputRoots: readonly Hash[]): void {
  model.plan.inputs.forEach(({ slot }) => {
    if (toHash(rootOfTree(claimed.tensor(slot))) !== inputRoots[slot]) throw new AssayError("INPUT_MISMATCH", "the trace's input is not the claim's", { where: `input ${slot}` });
  });
}

/** The executor's question that shows it: calldata of StepExecutor.isWrong. */
export function questionOf(model: CommittedModel, trace: Trace, { slot, element }: WrongElement): string {
  stepOf(model.plan, slot);
  const { proof } = proveStep(model, trace, slot, element, { kind: "whole" });
  return loadArtifact("StepExecutor").abi.encodeFunctionData("isWrong", [model.modelId, trace.root, slot, element, proof, proveElement(model, trace, slot, element)]);
}

/** Defeats the claim in one transaction. */
export function proveFraud(account: ClaimsAccount, claimId: Hash, question: string): Promise<TransactionReceipt> {
  return sendClaims(account, `prove claim ${claimId} wrong`, "proveFraud", [claimId, question]);
}
