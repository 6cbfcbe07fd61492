/** Plain Groth16 through snarkjs: the independent verifier and prover, and the usual Solidity verifier. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Curve, G1Coordinates, G2Coordinates } from "ffjavascript";
import { groth16, zKey } from "snarkjs";
import { canonicalJson } from "../program/encoding.js";
import type { SnarkjsProof, SnarkjsVerificationKey } from "./keyEncoding.js";
import { threadedCurve } from "./keys/index.js";
import { encodeWtns } from "./wtnsFile.js";
import type { WitnessValues } from "./witnessValues.js";

export interface ProofWithSignals {
  readonly proof: SnarkjsProof;
  /** Decimal strings in the order of public.json. */
  readonly publicSignals: readonly string[];
}

/**
 * snarkjs' prover, which ours is compared with. It turns a witness that breaks a constraint into an invalid proof in silence.
 * @param zkey the proving key's bytes
 */
export async function proveWithSnarkjs(zkey: Uint8Array, witness: WitnessValues): Promise<ProofWithSignals> {
  return groth16.prove({ type: "mem", data: zkey }, { type: "mem", data: encodeWtns(witness.bytes) });
}

/** The values must be canonical (canonical.ts). */
export async function verifyGroth16(key: SnarkjsVerificationKey, proof: SnarkjsProof, publicSignals: readonly string[]): Promise<boolean> {
  if (!alphaBetaFits(await threadedCurve(), key)) return false;
  try {
    // Copies: snarkjs' types are mutable.
    const [vk, own] = [structuredClone(key), structuredClone(proof)] as [Parameters<typeof groth16.verify>[0], Parameters<typeof groth16.verify>[2]];
    return await groth16.verify(vk, [...publicSignals], own);
  } catch {
    // snarkjs throws on points that are not on the curve.
    return false;
  }
}

/** snarkjs' precomputed e(alpha, beta), where the key states it: nothing reads it, but a key with a false one is damaged. */
function alphaBetaFits(curve: Curve, key: SnarkjsVerificationKey & { readonly vk_alphabeta_12?: unknown }): boolean {
  if (key.vk_alphabeta_12 === undefined) return true;
  const { G1, G2, Gt } = curve;
  const alpha = G1.fromObject(key.vk_alpha_1.map(BigInt) as G1Coordinates);
  const beta = G2.fromObject(key.vk_beta_2.map((pair) => pair.map(BigInt)) as G2Coordinates);
  if (!G1.isValid(alpha) || !G2.isValid(beta)) return false;
  const strings = JSON.stringify(Gt.toObject(curve.pairing(alpha, beta)), (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
  return canonicalJson(JSON.parse(strings)) === canonicalJson(key.vk_alphabeta_12);
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
