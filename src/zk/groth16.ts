/** Groth16 through snarkjs: proofs, their verification off chain, and the usual Solidity verifier. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { groth16, zKey } from "snarkjs";
import { AssayError } from "../errors.js";
import type { VerificationKey } from "./keys/index.js";
import { assertCanonicalKey, assertCanonicalProof, assertCanonicalSignals } from "./canonical.js";
import type { SnarkjsProof } from "./keyEncoding.js";
import { encodeWtns } from "./wtnsFile.js";
import type { WitnessValues } from "./witnessValues.js";

export interface ProofWithSignals {
  readonly proof: SnarkjsProof;
  /** Decimal strings in the order of public.json. */
  readonly publicSignals: readonly string[];
}

/**
 * Proves without checking: snarkjs turns a witness that breaks a constraint into an invalid proof in silence, so callers
 * check the constraints before and verify after (prove.ts).
 * @param zkey the proving key's bytes
 */
export async function proveGroth16(zkey: Uint8Array, witness: WitnessValues): Promise<ProofWithSignals> {
  return groth16.prove({ type: "mem", data: zkey }, { type: "mem", data: encodeWtns(witness.bytes) });
}

/**
 * Whether the proof holds for the signals under the key.
 * @throws AssayError PROOF_MALFORMED, PROOF_INVALID when a value is not canonical
 */
export async function verifyGroth16(key: VerificationKey, { proof, publicSignals }: ProofWithSignals): Promise<boolean> {
  assertCanonicalKey(key, "verification key");
  assertCanonicalProof(proof, "proof");
  assertCanonicalSignals(publicSignals, "public signals");
  if (publicSignals.length !== key.nPublic) {
    throw new AssayError("PROOF_INVALID", `${publicSignals.length} public signals where the key has ${key.nPublic}`);
  }
  try {
    // Copies: snarkjs' types are mutable.
    return await groth16.verify(structuredClone(key), [...publicSignals], structuredClone(proof) as Parameters<typeof groth16.verify>[2]);
  } catch {
    // snarkjs throws on points that are not on the curve.
    return false;
  }
}

/** The Solidity verifier that snarkjs generates for this key: it checks the proof and nothing else, no context, no packing. */
export async function solidityVerifier(zkeyPath: string): Promise<string> {
  const require = createRequire(import.meta.url);
  const templates = join(dirname(require.resolve("snarkjs")), "..", "templates");
  const source = await zKey.exportSolidityVerifier(zkeyPath, { groth16: readFileSync(join(templates, "verifier_groth16.sol.ejs"), "utf8") });
  return source.replace("contract Groth16Verifier", `${NO_CONTEXT}\ncontract Groth16Verifier`);
}

const NO_CONTEXT = `/*
    Exported by Assay. This contract checks one proof against public signals that the caller chose. It does not compute the
    context signal, does not pack tensors and knows no registry: a proof seen in a mempool can be replayed by anyone unless
    the calling contract compares the context signal itself. Assay's own Groth16Verifier does all of that.
*/`;
