/** Posts a claim: the model's header, the inputs' uploads, and where inputs and outputs lie in the trace. */
import { AbiCoder, keccak256, type TransactionReceipt } from "ethers";
import { toHash, type Hash } from "../../optimistic/dispute/hash.js";
import { type ModelTrees, proveDescriptor } from "../../optimistic/step/index.js";
import type { ChunkTree, HashTree } from "../../math/merkle.js";
import { CHUNK_BYTES, rootOfTree, topOf } from "../../math/merkle.js";
import { proveNode } from "../../math/merkleProofs.js";
import { modelIdOfHeader } from "../../program/steps/index.js";
import { type ClaimsAccount, sendClaims } from "./contract.js";
import type { UploadRef } from "./uploadInput.js";

/** Outputs that take no more together are kept on chain; as in contracts/optimistic/ClaimBook.sol. */
export const STORED_BYTES = 4096;

/** What a claim shows of an execution. */
export interface ClaimedTrace {
  /** Over the tensors' roots, by slot. */
  readonly roots: HashTree;
  tensor(slot: number): ChunkTree;
}

export interface ClaimTerms {
  /** Tells apart an operator's claims of one trace. */
  readonly nonce: bigint;
  /** Wei. */
  readonly bond: bigint;
  /** The only registry entry whose proofs may settle the claim. */
  readonly entry?: string;
  /** Contract to be told of finality. */
  readonly consumer?: string;
}

const NONE = `0x${"00".repeat(32)}`;
const NOBODY = `0x${"00".repeat(20)}`;

/** IClaims.claimIdOf */
export function claimIdOf(operator: string, modelId: string, traceRoot: Hash, nonce: bigint): Hash {
  return keccak256(AbiCoder.defaultAbiCoder().encode(["address", "bytes32", "bytes32", "uint64"], [operator, modelId, traceRoot, nonce])) as Hash;
}

/** Sends it. The inputs have been uploaded before. */
export function postClaim(account: ClaimsAccount, model: ModelTrees, trace: ClaimedTrace, uploads: readonly UploadRef[], terms: ClaimTerms): Promise<TransactionReceipt> {
  return sendClaims(account, "post the claim", "post", [postingOf(model, trace, uploads, terms)], terms.bond);
}

/** As the ABI's struct Posting. */
export function postingOf(model: ModelTrees, trace: ClaimedTrace, uploads: readonly UploadRef[], { nonce, entry, consumer }: ClaimTerms): Readonly<Record<string, unknown>> {
  const { header, plan } = model;
  const outputs = plan.outputs.map((slot) => trace.tensor(slot));
  const stored = outputs.reduce((sum, { length }) => sum + length, 0) <= STORED_BYTES;
  return {
    modelId: modelIdOfHeader(header, plan.program.semantics),
    traceRoot: toHash(topOf(trace.roots)),
    nonce,
    header,
    inputs: uploads,
    ports: [...plan.inputs.map(({ slot }) => slot), ...plan.outputs].map((slot) => portOf(model, trace, slot)),
    outputs: stored ? outputs.map(bytesOf) : [],
    outputRoots: stored ? [] : outputs.map(rootOfTree),
    entry: entry ?? NONE,
    consumer: consumer ?? NOBODY,
  };
}

function portOf(model: ModelTrees, trace: ClaimedTrace, slot: number): Readonly<Record<string, unknown>> {
  const { descriptor, siblings } = proveDescriptor(model, slot);
  return { descriptor, descriptorSiblings: siblings, traceSiblings: proveNode(trace.roots, slot) };
}

/** All bytes of a small tensor. */
export function bytesOf(tree: ChunkTree): Uint8Array {
  const bytes = new Uint8Array(tree.length);
  for (let at = 0; at < tree.length; at += CHUNK_BYTES) bytes.set(tree.chunk(at / CHUNK_BYTES).subarray(0, tree.length - at), at);
  return bytes;
}
