import { pointG1, pointG2, type SnarkjsProof } from "../zk/keyEncoding.js";

/** What is submitted to the verifier contract. */
export interface ProofSubmission {
  readonly entryId: string;
  readonly jobId: bigint;
  readonly recipient: string;
  /** Inputs, then outputs: raw bytes, a 32-byte commitment, or nothing, by visibility. */
  readonly tensors: readonly Uint8Array[];
  readonly proof: SnarkjsProof;
}

/** As the ABI's struct Proof. */
export interface AbiProof {
  readonly a: readonly bigint[];
  readonly b: readonly (readonly bigint[])[];
  readonly c: readonly bigint[];
}

export function toAbiProof(proof: SnarkjsProof): AbiProof {
  const b = pointG2(proof.pi_b, "pi_b");
  return { a: pointG1(proof.pi_a, "pi_a"), b: [b.slice(0, 2), b.slice(2)], c: pointG1(proof.pi_c, "pi_c") };
}

/** Arguments of the contract's verify and submit. */
export function verifierArguments(submission: ProofSubmission): readonly unknown[] {
  const { entryId, jobId, recipient, tensors, proof } = submission;
  return [entryId, jobId, recipient, tensors, toAbiProof(proof)];
}
