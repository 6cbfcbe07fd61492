/** snarkjs' verification_key.json from a .zkey, without starting ffjavascript's threads. */
import { buildBn128, type Curve } from "ffjavascript";
import type { Groth16VerificationKey } from "snarkjs";
import { ZKEY_MAGIC, readZkeyPublics, G1_BYTES } from "./zkeyFile.js";
import { withBinFile } from "./binFile.js";

export type VerificationKey = Groth16VerificationKey;

type Nested = bigint | readonly Nested[];
type NestedStrings = string | NestedStrings[];

function strings(value: Nested): NestedStrings {
  return typeof value === "bigint" ? value.toString() : value.map(strings);
}

/**
 * The same object as `snarkjs zkey export verificationkey`.
 *
 * @throws AssayError FILE_NOT_READABLE, KEY_MISMATCH when it is no Groth16 key over BN254
 */
export async function exportVerificationKey(zkeyPath: string): Promise<VerificationKey> {
  const key = withBinFile(zkeyPath, ZKEY_MAGIC, "KEY_MISMATCH", readZkeyPublics);
  const curve = await buildBn128(true);
  const g1 = (point: Uint8Array): string[] => strings(curve.G1.toObject(point)) as string[];
  const g2 = (point: Uint8Array): string[][] => strings(curve.G2.toObject(point)) as string[][];
  return {
    protocol: "groth16",
    curve: "bn128",
    nPublic: key.publicCount,
    vk_alpha_1: g1(key.alpha1),
    vk_beta_2: g2(key.beta2),
    vk_gamma_2: g2(key.gamma2),
    vk_delta_2: g2(key.delta2),
    vk_alphabeta_12: alphaBeta(curve, key.alpha1, key.beta2),
    IC: Array.from({ length: key.publicCount + 1 }, (_, i) => g1(key.ic.slice(i * G1_BYTES, (i + 1) * G1_BYTES))),
  };
}

function alphaBeta(curve: Curve, alpha1: Uint8Array, beta2: Uint8Array): string[][][] {
  return strings(curve.Gt.toObject(curve.pairing(alpha1, beta2))) as string[][][];
}
