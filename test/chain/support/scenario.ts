/** A registered model with a job's tensors, and proofs of it. */

import { verifierArguments } from "../../../src/chain/verifyCall.js";
import { registerModel, type Registration } from "../../../src/chain/registerModel.js";
import type { ProofSubmission } from "../../../src/chain/verifyCall.js";
import type { Connection } from "../../../src/chain/connect.js";
import { contextOf, type Proof, protocolOf, type VerificationKey } from "../../../src/zk/keyEncoding.js";
import { DEFAULT_ACCOUNT } from "../../../src/chain/anvil.js";
import { verifierOf } from "../../../src/chain/deploy.js";
import { type Chain, tensor } from "./chain.js";
import { packSignals, toBytes } from "./packing.js";
import { Random } from "./random.js";

export const MODEL_ID = `0x${"5a".repeat(32)}`;
export const RECIPIENT = DEFAULT_ACCOUNT;
export const OTHER_RECIPIENT = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

/** What refuses malformed points: the coordinates' range, the precompile, or the equation. */
export const REFUSED = [false, "ProofNotCanonical", "PointInvalid"];

const random = new Random(20240607);

export const pixels = Array.from({ length: 784 }, () => random.between(1, 255));
export const scores = Array.from({ length: 10 }, () => random.between(-32768, 32767));
export const commitment = random.field();

export function bytes32(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, "0"), "hex"));
}

const scoresTensor = tensor("scores", { shape: [1, 10], elementType: "i16" });

/** A toy circuit of either proof system, with a key. */
export interface Prover<F extends { readonly proof: Proof } = { readonly proof: Proof }> {
  readonly verificationKey: VerificationKey;
  /** Signals in public order, without challenges: output, context, inputs. */
  prove(signals: readonly bigint[]): Promise<F>;
}

/** 28 signals: ten scores, the context, 784 pixels. */
export function publicModel(toy: Prover): Registration {
  const image = tensor("image", { shape: [1, 28, 28, 1], scale: { mantissa: 0x8080_8080_8080_8081n, exponent: -71 } });
  return registration(toy, [image]);
}

/** 3 signals: ten scores, the context, a commitment. */
export function hashedModel(toy: Prover): Registration {
  return registration(toy, [tensor("image", { shape: [1, 28, 28, 1], visibility: "hashed" })]);
}

function registration(toy: Prover, inputs: Registration["inputs"]): Registration {
  const { verificationKey } = toy;
  return { modelId: MODEL_ID, verificationKey, setup: "dev", inputs, outputs: [scoresTensor] };
}

export const publicTensors: readonly Uint8Array[] = [toBytes("u8", pixels), toBytes("i16", scores)];
export const hashedTensors: readonly Uint8Array[] = [bytes32(commitment), toBytes("i16", scores)];
export const publicInputs = packSignals("u8", pixels);
export const output = packSignals("i16", scores);

/** Registers, unless the account has; returns the entry. */
export async function registered(connection: Connection, model: Registration): Promise<string> {
  return (await registerModel(connection, model)).entryId;
}

export interface Job {
  readonly entryId: string;
  readonly jobId: bigint;
  readonly recipient: string;
}

/** The public signals of a job on this chain's verifier, without challenges. */
export function signalsOf(chain: Chain, toy: Prover, job: Job, inputs: readonly bigint[]): bigint[] {
  const verifier = verifierOf(chain.addresses, protocolOf(toy.verificationKey));
  return [...output, contextOf({ ...job, chainId: chain.node.chainId, verifier }), ...inputs];
}

/** A proof for a job on this chain's verifier. */
export function proveJob<F extends { readonly proof: Proof }>(chain: Chain, toy: Prover<F>, job: Job, inputs: readonly bigint[]): Promise<F> {
  return toy.prove(signalsOf(chain, toy, job, inputs));
}

/** Arguments for verify or submit. */
export function submission(job: Job, tensors: readonly Uint8Array[], { proof }: { readonly proof: Proof }): ProofSubmission {
  return { ...job, tensors, proof };
}

export const argumentsOf = verifierArguments;
