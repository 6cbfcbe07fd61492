import { isTwoRound, pointG1, pointG2, type Proof, protocolOf, type SnarkjsProof, type TwoRoundProof } from "../zk/keyEncoding.js";
import { loadArtifact, VERIFIERS } from "./artifacts.js";
import type { Call } from "./call.js";
import { type DeployedAddresses, verifierOf } from "./deploy.js";

/** What is submitted to the verifier contract of the proof's system. */
export interface ProofSubmission {
  readonly entryId: string;
  readonly jobId: bigint;
  readonly recipient: string;
  /** Inputs, then outputs: raw bytes, a 32-byte commitment, or nothing, by visibility. */
  readonly tensors: readonly Uint8Array[];
  readonly proof: Proof;
}

/** As the ABI's struct IGroth16Verifier.Proof. */
export interface AbiProof {
  readonly a: readonly bigint[];
  readonly b: readonly (readonly bigint[])[];
  readonly c: readonly bigint[];
}

/** As the ABI's struct ITwoRoundVerifier.Proof. */
export interface AbiTwoRoundProof {
  readonly a: readonly bigint[];
  readonly b: readonly (readonly bigint[])[];
  readonly c0: readonly bigint[];
  readonly c1: readonly bigint[];
}

export function toAbiProof(proof: SnarkjsProof): AbiProof {
  return { ...abiHead(proof), c: pointG1(proof.pi_c, "pi_c") };
}

export function toAbiTwoRoundProof(proof: TwoRoundProof): AbiTwoRoundProof {
  return { ...abiHead(proof), c0: pointG1(proof.pi_c0, "pi_c0"), c1: pointG1(proof.pi_c1, "pi_c1") };
}

function abiHead(proof: Proof): Pick<AbiProof, "a" | "b"> {
  const b = pointG2(proof.pi_b, "pi_b");
  return { a: pointG1(proof.pi_a, "pi_a"), b: [b.slice(0, 2), b.slice(2)] };
}

/** Arguments of the contract's verify and submit. */
export function verifierArguments(submission: ProofSubmission): readonly unknown[] {
  const { entryId, jobId, recipient, tensors, proof } = submission;
  return [entryId, jobId, recipient, tensors, isTwoRound(proof) ? toAbiTwoRoundProof(proof) : toAbiProof(proof)];
}

/** A call to the verifier contract of the proof's system. @throws AssayError PROOF_MALFORMED */
export function verifierCall(addresses: DeployedAddresses, name: "verify" | "submit", submission: ProofSubmission): Call {
  const protocol = protocolOf(submission.proof);
  const { abi } = loadArtifact(VERIFIERS[protocol]);
  return { to: verifierOf(addresses, protocol), abi, name, args: verifierArguments(submission) };
}
