/**
 * The seam: for each proof system, keys for a circuit, a prover and a verifier. Everything above (compile, prove, verify,
 * audit, the command line) is the same for both.
 */
import { AssayError } from "../errors.js";
import type { WorkerPool } from "../pool/index.js";
import { assertCanonicalKey, assertCanonicalProof, assertCanonicalSignals } from "./canonical.js";
import type { Circuit } from "./circuit/circuit.js";
import { verifyGroth16 } from "./groth16.js";
import { encodeKey, isTwoRound, keyHash, type Proof, type SetupKind, type VerificationKey } from "./keyEncoding.js";
import { type AuditReport, auditKey, devSetup, openProvingKey, threadedCurve, twoRoundSetup } from "./keys/index.js";
import { Prover } from "./prover/prover.js";
import { verifyTwoRound } from "./pairingCheck.js";
import { challengeCount } from "./protocol.js";

export interface SetupOptions {
  readonly pool: WorkerPool;
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

/** One-party keys, marked dev. */
export async function makeDevKeys(circuit: Circuit, keyPath: string, options: SetupOptions): Promise<void> {
  switch (circuit.choices.protocol) {
    case "groth16":
      return devSetup(circuit.r1cs, keyPath, options);
    case "two-round":
      return twoRoundSetup(circuit.r1cs, roundsOf(circuit), keyPath, options);
  }
}

/** Whether a dev key and its audit file belong to the circuit. */
export async function auditDevKey(circuit: Circuit, keyPath: string, auditPath: string, onProgress?: (share: number) => void): Promise<AuditReport> {
  const rounds = circuit.choices.protocol === "two-round" ? roundsOf(circuit) : undefined;
  return auditKey(circuit.r1cs, keyPath, auditPath, { onProgress, rounds });
}

/** Reads a proving key and prepares it for any number of proofs. */
export async function loadProver(circuit: Circuit, keyPath: string, verificationKey: VerificationKey, setup: SetupKind): Promise<Prover> {
  return new Prover(await threadedCurve(), circuit, openProvingKey(keyPath), keyHash(encodeKey(verificationKey, setup)));
}

/**
 * Whether the proof holds for the signals under the key.
 * @throws AssayError PROOF_MALFORMED, PROOF_INVALID when a value is not canonical
 */
export async function verifyProof(key: VerificationKey, proof: Proof, publicSignals: readonly string[], setup: SetupKind): Promise<boolean> {
  assertCanonicalKey(key, "verification key");
  assertCanonicalProof(proof, "proof");
  assertCanonicalSignals(publicSignals, "public signals");
  if (publicSignals.length !== key.nPublic) {
    throw new AssayError("PROOF_INVALID", `${publicSignals.length} public signals where the key has ${key.nPublic}`);
  }
  if (isTwoRound(key) && isTwoRound(proof)) return verifyTwoRound(key, proof, publicSignals, setup);
  if (!isTwoRound(key) && !isTwoRound(proof)) return verifyGroth16(key, proof, publicSignals);
  throw new AssayError("PROOF_INVALID", "the proof and the key are of different proof systems");
}

/** How a two-round circuit divides its wires. */
export function roundsOf({ choices, order, r1cs }: Circuit): { firstRoundOneWire: number; challengeCount: number } {
  const firstRoundOneWire = order.segments.find((segment) => segment.round === 1)?.firstWire ?? r1cs.wireCount;
  return { firstRoundOneWire, challengeCount: challengeCount(choices.protocol) };
}
