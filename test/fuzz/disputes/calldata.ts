/** Moves as calls of the contract. */
import type { Interface } from "ethers";
import { proveNode } from "../../../src/math/merkleProofs.js";
import type { Hash } from "../../../src/optimistic/dispute/hash.js";
import type { Move } from "../../../src/optimistic/dispute/moves.js";
import type { Trace } from "../../../src/optimistic/trace/trace.js";
import { type Abi, calldata } from "../../optimistic/step/support/abi.js";
import type { Case } from "../../optimistic/dispute/support/lies.js";
import { type Definition, definitionBytes, descriptorBytes, header, type Proof, proofBytes } from "./evidence.js";

export type FuzzMove = Move<Definition, Proof>;

/** What a claim is made of besides the move's own data. */
export interface ClaimFiles {
  readonly of: Case;
  readonly claimed: Trace;
  readonly modelId: Hash;
  readonly nonce: number;
  /** Who uploaded the model's one input, and under which nonce. */
  readonly uploader: string;
  readonly upload: number;
}

/** Bytes of outputs that a claim gives in full. */
const STORED_BYTES = 4096;

export interface Abis {
  readonly claims: Interface;
  readonly executor: Interface;
}

export function encodeMove(abis: Abis, move: FuzzMove, files: ClaimFiles, sender: string): string {
  const call = (...args: Abi[]): string => calldata(abis.claims, move.kind, args);
  switch (move.kind) {
    case "post":
      return call(posting(files, move.posted.settleable));
    case "open":
      return call(move.claimId, move.root, move.expansion, { list: move.outputRoots }, { list: move.outputSiblings.map(hashes) });
    case "answer":
      return call(move.claimId, move.root, move.answered, move.theirs, move.mine, move.next, definitionBytes(move.definition));
    case "execute":
      return call(move.claimId, move.root, move.answered, Number(move.onClaim), proofBytes(move.evidence));
    case "sums":
      return call(move.claimId, move.root, move.answered, Number(move.onClaim), { list: move.partials }, proofBytes(move.evidence));
    case "refute":
      return call(move.claimId, move.root, move.answered, Number(move.onClaim), { list: move.partials }, move.segment, proofBytes(move.evidence));
    case "expire":
      return call(move.claimId, move.root, move.answered);
    case "finalize":
      return call(move.claimId);
    case "proveFraud":
      return call(move.claimId, question(abis.executor, files, move.reply));
    case "settle":
      return call(move.claimId, BigInt(move.beneficiary), { list: [tensor(files.of.honest, 0)] }, { list: [output(files, move.proof)] }, settlementProof(move.proof !== "invalid"));
    case "collect":
      return call(move.claimId, move.root, BigInt(move.mover));
    case "withdraw":
      return call(BigInt(sender));
  }
}

function posting({ of: { model }, claimed, modelId, nonce, uploader, upload }: ClaimFiles, settleable: boolean): Abi {
  const [slot] = model.outputs;
  const bytes = tensor(claimed, slot);
  const stored = bytes.length <= STORED_BYTES;
  const port = (at: number): Abi => ({ tuple: [descriptorBytes(at, { ...model.slots[at], malformed: false }), { list: [] }, hashes(proveNode(claimed.roots, at))] });
  return {
    tuple: [
      modelId, claimed.root, nonce, header(model.slots.length, model.inputs, model.outputs),
      { list: [{ tuple: [BigInt(uploader), upload] }] },
      { list: [port(0), port(slot)] },
      { list: stored ? [bytes] : [] },
      { list: stored ? [] : [hex(claimed.roots.nodes(0, slot, 1))] },
      settleable ? modelId : 0n,
      0n,
    ],
  };
}

/** A claim's output, or another of the same length. */
function output({ of: { model }, claimed }: ClaimFiles, proof: "same outputs" | "other outputs" | "invalid"): Uint8Array {
  const bytes = tensor(claimed, model.outputs[0]).slice();
  if (proof === "other outputs") bytes[0] ^= 1;
  return bytes;
}

function tensor(trace: Trace, slot: number): Uint8Array {
  return trace.tensor(slot).bytes();
}

/** isWrong, which the believing executor affirms of element 1. */
function question(executor: Interface, { claimed, modelId }: ClaimFiles, reply: "fraud" | "no fraud" | "unknown"): Uint8Array {
  const nothing: Abi = { tuple: [new Uint8Array(0), new Uint8Array(0), { list: [] }] };
  const definition: Abi = { tuple: [header(0, 0, []), new Uint8Array(0), { list: [] }] };
  const step: Abi = { tuple: [definition, { list: [] }, nothing, nothing, nothing] };
  const root = reply === "unknown" ? modelId : claimed.root;
  return Buffer.from(calldata(executor, "isWrong", [modelId, root, 0, Number(reply !== "no fraud"), step, { tuple: [nothing, { list: [] }] }]).slice(2), "hex");
}

function settlementProof(holds: boolean): Uint8Array {
  const bytes = new Uint8Array(8 * 32);
  bytes[31] = Number(holds);
  return bytes;
}

function hashes(siblings: readonly Uint8Array[]): Abi {
  return { list: siblings.map(hex) };
}

function hex(bytes: Uint8Array): Hash {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}
