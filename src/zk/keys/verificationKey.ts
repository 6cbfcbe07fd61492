/** Verification keys as JSON, from proving keys, without starting ffjavascript's threads. */
import { buildBn128, type Curve } from "ffjavascript";
import type { Groth16VerificationKey } from "snarkjs";
import type { TwoRoundVerificationKey } from "../keyEncoding.js";
import type { Protocol } from "../protocol.js";
import { protocolOf } from "./provingKey.js";
import { readTwoRoundPublics } from "./twoRoundFile.js";
import { G1_BYTES, readZkeyPublics } from "./zkeyFile.js";

/** snarkjs' verification_key.json. */
export type VerificationKey = Groth16VerificationKey;

/** Told apart by `protocol`. */
export type AnyVerificationKey = (Groth16VerificationKey & { readonly protocol: "groth16" }) | TwoRoundVerificationKey;

type Nested = bigint | readonly Nested[];
type NestedStrings = string | NestedStrings[];

function strings(value: Nested): NestedStrings {
  return typeof value === "bigint" ? value.toString() : value.map(strings);
}

function encoders(curve: Curve) {
  return {
    g1: (point: Uint8Array): string[] => strings(curve.G1.toObject(point)) as string[],
    g2: (point: Uint8Array): string[][] => strings(curve.G2.toObject(point)) as string[][],
    list: (points: Uint8Array): string[][] => Array.from({ length: points.byteLength / G1_BYTES }, (_, i) =>
      strings(curve.G1.toObject(points.slice(i * G1_BYTES, (i + 1) * G1_BYTES))) as string[]),
  };
}

/**
 * The same object as `snarkjs zkey export verificationkey`.
 *
 * @throws AssayError FILE_NOT_READABLE, KEY_MISMATCH when it is no Groth16 key over BN254
 */
export async function exportVerificationKey(zkeyPath: string): Promise<VerificationKey & { readonly protocol: "groth16" }> {
  const key = readZkeyPublics(zkeyPath, "KEY_MISMATCH");
  const curve = await buildBn128(true);
  const { g1, g2, list } = encoders(curve);
  return {
    protocol: "groth16",
    curve: "bn128",
    nPublic: key.publicCount,
    vk_alpha_1: g1(key.alpha1),
    vk_beta_2: g2(key.beta2),
    vk_gamma_2: g2(key.gamma2),
    vk_delta_2: g2(key.delta1.g2),
    vk_alphabeta_12: alphaBeta(curve, key.alpha1, key.beta2),
    IC: list(key.ic),
  };
}

function alphaBeta(curve: Curve, alpha1: Uint8Array, beta2: Uint8Array): string[][][] {
  return strings(curve.Gt.toObject(curve.pairing(alpha1, beta2))) as string[][][];
}

/** @throws AssayError FILE_NOT_READABLE, KEY_MISMATCH when it is no two-round key */
export async function exportTwoRoundVerificationKey(keyPath: string): Promise<TwoRoundVerificationKey> {
  const key = readTwoRoundPublics(keyPath, "KEY_MISMATCH");
  const { g1, g2, list } = encoders(await buildBn128(true));
  return {
    protocol: "two-round",
    curve: "bn128",
    nPublic: key.publicCount,
    challenges: key.challengeCount,
    vk_alpha_1: g1(key.alpha1),
    vk_beta_2: g2(key.beta2),
    vk_gamma_2: g2(key.gamma2),
    vk_delta0_2: g2(key.delta0.g2),
    vk_delta1_2: g2(key.delta1.g2),
    IC: list(key.ic),
  };
}

const EXPORTS: Readonly<Record<Protocol, (path: string) => Promise<AnyVerificationKey>>> = {
  groth16: exportVerificationKey,
  "two-round": exportTwoRoundVerificationKey,
};

/** Of either kind of key. @throws AssayError FILE_NOT_READABLE, KEY_MISMATCH when it is neither */
export async function exportAnyVerificationKey(keyPath: string): Promise<AnyVerificationKey> {
  return EXPORTS[protocolOf(keyPath)](keyPath);
}
