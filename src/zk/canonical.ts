/**
 * Canonical form of what comes from a prover. snarkjs reduces coordinates and accepts x + p for x; contracts do not. So
 * nothing that is not the one representation of its value gets as far as a verifier.
 */
import { AssayError } from "../errors.js";
import { P, R } from "../math/field.js";
import { isTwoRound, type Proof, type VerificationKey } from "./keyEncoding.js";
import { PROTOCOLS } from "./protocol.js";

/** True for a decimal string without sign, spaces or leading zeros, below the modulus. */
export function isCanonical(text: unknown, modulus: bigint): text is string {
  return typeof text === "string" && text.length <= 78 && /^(0|[1-9][0-9]*)$/.test(text) && BigInt(text) < modulus;
}

/** @throws AssayError PROOF_MALFORMED for the wrong structure, PROOF_INVALID for values out of range */
export function assertCanonicalProof(proof: Proof, where: string): void {
  assertTag(proof, where);
  assertPoint(proof.pi_a, g1Coordinates, `${where}, pi_a`);
  assertPoint(proof.pi_b, g2Coordinates, `${where}, pi_b`);
  const rest = isTwoRound(proof) ? { pi_c0: proof.pi_c0, pi_c1: proof.pi_c1 } : { pi_c: proof.pi_c };
  for (const [field, point] of Object.entries(rest)) assertPoint(point, g1Coordinates, `${where}, ${field}`);
}

export function assertCanonicalKey(key: VerificationKey, where: string): void {
  assertTag(key, where);
  assertPoint(key.vk_alpha_1, g1Coordinates, `${where}, vk_alpha_1`);
  const deltas: Readonly<Record<string, unknown>> = isTwoRound(key)
    ? { vk_delta0_2: key.vk_delta0_2, vk_delta1_2: key.vk_delta1_2 }
    : { vk_delta_2: key.vk_delta_2 };
  const points = { vk_beta_2: key.vk_beta_2, vk_gamma_2: key.vk_gamma_2, ...deltas };
  for (const [field, point] of Object.entries(points)) assertPoint(point, g2Coordinates, `${where}, ${field}`);
  assertDistinct([key.vk_gamma_2, ...Object.values(deltas)], where);
  const challenges = isTwoRound(key) ? key.challenges : 0;
  const counted = Number.isInteger(key.nPublic) && Number.isInteger(challenges) && challenges < key.nPublic;
  if (!counted || !Array.isArray(key.IC) || key.IC.length !== key.nPublic + 1) throw malformed("IC does not fit the number of public signals", where);
  key.IC.forEach((point: unknown, i) => assertPoint(point, g1Coordinates, `${where}, IC[${i}]`));
}

export function assertCanonicalSignals(signals: unknown, where: string): asserts signals is string[] {
  if (!Array.isArray(signals)) throw malformed("expected an array of decimal strings", where);
  signals.forEach((signal: unknown, i) => {
    if (typeof signal !== "string") throw malformed(`signal ${i} is no string`, where);
    if (!isCanonical(signal, R)) throw new AssayError("PROOF_INVALID", `signal ${i} is no canonical field element`, { where });
  });
}

/** With gamma = ±delta, as in a key without any phase-2 contribution, or delta0 = ±delta1, anyone can forge: x tells both. */
function assertDistinct(points: readonly unknown[], where: string): void {
  if (new Set(points.map((point) => JSON.stringify((point as readonly unknown[])[0]))).size === points.length) return;
  throw new AssayError("PROOF_INVALID", "two of the key's gamma and delta are equal up to sign, so anyone can forge under it", { where });
}

function assertTag(value: { readonly protocol: string; readonly curve: string }, where: string): void {
  const known: readonly string[] = PROTOCOLS;
  if (!known.includes(value.protocol) || value.curve !== "bn128") throw malformed("expected protocol groth16 or two-round on curve bn128", where);
}

/** A point's affine coordinates; refuses the point at infinity, which no honest proof or key holds. */
function assertPoint(point: unknown, coordinates: (point: unknown) => unknown[] | undefined, where: string): void {
  const values = coordinates(point);
  if (values === undefined) throw malformed("expected a point as snarkjs writes it", where);
  if (!values.every((value) => isCanonical(value, P))) throw new AssayError("PROOF_INVALID", "a coordinate is not canonical", { where });
}

function g1Coordinates(point: unknown): unknown[] | undefined {
  return Array.isArray(point) && point.length === 3 && point[2] === "1" ? point.slice(0, 2) : undefined;
}

function g2Coordinates(point: unknown): unknown[] | undefined {
  if (!Array.isArray(point) || point.length !== 3 || !point.every((pair) => Array.isArray(pair) && pair.length === 2)) return undefined;
  const pairs = point as unknown[][];
  return pairs[2][0] === "1" && pairs[2][1] === "0" ? [...pairs[0], ...pairs[1]] : undefined;
}

function malformed(message: string, where: string): AssayError {
  return new AssayError("PROOF_MALFORMED", message, { where });
}
