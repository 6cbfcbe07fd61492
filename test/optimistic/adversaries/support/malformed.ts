/** Models that no compiler makes: one of their descriptors means nothing. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { toHash } from "../../../../src/optimistic/dispute/hash.js";
import type { OwnExecution } from "../../../../src/optimistic/execution/party.js";
import { ownExecution } from "../../../../src/optimistic/execution/party.js";
import type { CommittedModel } from "../../../../src/optimistic/model/model.js";
import type { DescriptorProof } from "../../../../src/optimistic/step/index.js";
import type { Trace } from "../../../../src/optimistic/trace/trace.js";
import { proveNode } from "../../../../src/math/merkleProofs.js";
import { topOf, treeOfRoots } from "../../../../src/math/merkle.js";
import { descriptorLeaves, encodeDescriptor, modelIdOfHeader } from "../../../../src/program/steps/index.js";

export interface MalformedModel {
  readonly model: CommittedModel;
  readonly definition: DescriptorProof;
}

/** The same model with other bytes for one slot's descriptor. */
export function withDescriptor(of: CommittedModel, slot: number, change: (descriptor: Uint8Array) => Uint8Array): MalformedModel {
  const descriptor = change(encodeDescriptor(of.plan, slot));
  const descriptors = treeOfRoots(descriptorLeaves(of.plan).with(slot, keccak_256(Uint8Array.of(4, ...descriptor))));
  const header = { ...of.header, stepsTop: toHash(topOf(descriptors)) };
  const model = { ...of, header, descriptors, modelId: modelIdOfHeader(header, of.program.semantics) };
  return { model, definition: { header, descriptor, siblings: proveNode(descriptors, slot) } };
}

/** Somebody's who knows the malformed descriptor. */
export function executionOf({ model, definition }: MalformedModel, slot: number, trace: Trace): OwnExecution {
  const own = ownExecution(model, trace);
  return { ...own, evidence: { ...own.evidence, definition: (asked) => (asked === slot ? definition : own.evidence.definition(asked)) } };
}
