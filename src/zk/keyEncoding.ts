/**
 * Canonical bytes of a verification key, the hashes that bind entries and jobs to them, and the challenges of two-round
 * proofs. Must agree with contracts/: lib/KeyLayout.sol, Registry.entryIdOf, Verifier.contextOf and
 * TwoRoundVerifier.challengesOf; test/chain compares them.
 */

import { keccak_256 } from "@noble/hashes/sha3.js";
import { AssayError } from "../errors.js";
import { P, R } from "../math/field.js";
import type { Protocol } from "./protocol.js";

/** A projective point of G1 as snarkjs writes it: decimal x, y, and z = "1" (z = "0" for infinity). */
export type SnarkjsG1 = readonly string[];

/** A projective point of G2: each coordinate as [real, imaginary]. */
export type SnarkjsG2 = readonly (readonly string[])[];

/** Proof systems; the value is the first byte of a key's encoding, as in contracts/lib/Types.sol. */
export const PROTOCOL_BYTE = { groth16: 0, "two-round": 1 } as const satisfies Record<Protocol, number>;

/** snarkjs' verification_key.json. */
export interface SnarkjsVerificationKey {
  /** "groth16"; a string, since snarkjs' own types say no more. isTwoRound narrows. */
  readonly protocol: string;
  /** bn128, as snarkjs calls BN254. */
  readonly curve: string;
  /** Public signals. */
  readonly nPublic: number;
  /** Of the setup, in G1. */
  readonly vk_alpha_1: SnarkjsG1;
  /** Of the setup, in G2. */
  readonly vk_beta_2: SnarkjsG2;
  /** gamma, which the public signals' points are divided by. */
  readonly vk_gamma_2: SnarkjsG2;
  /** delta, which the other wires' points are divided by. */
  readonly vk_delta_2: SnarkjsG2;
  /** One point for the constant 1, then one a public signal. */
  readonly IC: readonly SnarkjsG1[];
}

/** verification_key.json of a two-round key, in snarkjs' style. */
export interface TwoRoundVerificationKey {
  /** Tells it from snarkjs' keys. */
  readonly protocol: "two-round";
  /** bn128, as snarkjs calls BN254. */
  readonly curve: string;
  /** The challenges included. */
  readonly nPublic: number;
  /** 1 or 2; they are the last public signals. */
  readonly challenges: number;
  /** Of the setup, in G1. */
  readonly vk_alpha_1: SnarkjsG1;
  /** Of the setup, in G2. */
  readonly vk_beta_2: SnarkjsG2;
  /** gamma, which the public signals' points are divided by. */
  readonly vk_gamma_2: SnarkjsG2;
  /** delta0, of the first round's wires. */
  readonly vk_delta0_2: SnarkjsG2;
  /** delta1, of the second round's wires and the quotient. */
  readonly vk_delta1_2: SnarkjsG2;
  /** One point for the constant 1, then one a public signal. */
  readonly IC: readonly SnarkjsG1[];
}

/** Of either proof system; `protocol` tells which. */
export type VerificationKey = SnarkjsVerificationKey | TwoRoundVerificationKey;

/** snarkjs' proof.json. */
export interface SnarkjsProof {
  /** See {@link SnarkjsVerificationKey}. */
  readonly protocol: string;
  /** bn128, as snarkjs calls BN254. */
  readonly curve: string;
  /** A, in e(A, B) = e(alpha, beta)·e(IC, gamma)·e(C, delta). */
  readonly pi_a: SnarkjsG1;
  /** B of the same. */
  readonly pi_b: SnarkjsG2;
  /** C of the same: the private wires and the quotient, over delta. */
  readonly pi_c: SnarkjsG1;
}

/** proof.json of a two-round proof, in snarkjs' style. */
export interface TwoRoundProof {
  /** Tells it from snarkjs' proofs. */
  readonly protocol: "two-round";
  /** bn128, as snarkjs calls BN254. */
  readonly curve: string;
  /** A, in e(A, B) = e(alpha, beta)·e(IC, gamma)·e(C0, delta0)·e(C1, delta1). */
  readonly pi_a: SnarkjsG1;
  /** B of the same. */
  readonly pi_b: SnarkjsG2;
  /** The first round's wires, over delta0. */
  readonly pi_c0: SnarkjsG1;
  /** The second round's wires and the quotient, over delta1. */
  readonly pi_c1: SnarkjsG1;
}

/** Of either proof system; `protocol` tells which. */
export type Proof = SnarkjsProof | TwoRoundProof;

/** How a key was made; the value is the byte in the key's encoding. */
const SETUP_BYTE = { dev: 0, ceremony: 1 } as const satisfies Record<SetupKind, number>;
/** dev: one machine made the key and could forge proofs. ceremony: only all contributors together could, or all of the .ptau. */
export type SetupKind = "dev" | "ceremony";

const MAX_SIGNALS = 0xffff;
const MAX_CHALLENGES = 2;

/** Of the challenges' hash; the number changes with anything that goes into it. */
const CHALLENGE_DOMAIN = keccak_256(new TextEncoder().encode("assay.two-round.1"));

/** What a proof is made for. */
export interface Context {
  readonly chainId: number | bigint;
  /** The verifier contract's address. */
  readonly verifier: string;
  readonly entryId: string;
  readonly jobId: number | bigint;
  readonly recipient: string;
}

/** Whether a proof or key, if well-formed, is of the two-round system. */
export function isTwoRound<T extends { readonly protocol: string }>(value: T): value is Extract<T, { readonly protocol: "two-round" }> {
  return value.protocol === "two-round";
}

/** The proof system that a proof or key names. @throws AssayError PROOF_MALFORMED for an unknown one */
export function protocolOf({ protocol }: { readonly protocol: string }): Protocol {
  if (protocol === "groth16" || protocol === "two-round") return protocol;
  throw malformed("protocol", `expected groth16 or two-round, found ${protocol}`);
}

/**
 * Protocol, setup kind, number of public signals (2 bytes), with two rounds the number of challenges (1 byte), alpha1, beta2,
 * gamma2, delta2 (with two rounds delta0, delta1), IC; big-endian.
 */
export function encodeKey(vk: VerificationKey, setup: SetupKind): Uint8Array {
  const protocol = protocolOf(vk);
  if (vk.curve !== "bn128") throw malformed("curve", `expected bn128, found ${vk.curve}`);
  if (!Number.isInteger(vk.nPublic) || vk.nPublic < 1 || vk.nPublic > MAX_SIGNALS || vk.IC.length !== vk.nPublic + 1) {
    throw malformed("IC", `${vk.IC.length} points for ${vk.nPublic} public signals`);
  }
  const challenges = isTwoRound(vk) ? [vk.challenges] : [];
  if (challenges.some((count) => !Number.isInteger(count) || count < 1 || count > MAX_CHALLENGES || count >= vk.nPublic)) {
    throw malformed("challenges", `${challenges.join()} challenges among ${vk.nPublic} public signals`);
  }
  const deltas = isTwoRound(vk)
    ? [...pointG2(vk.vk_delta0_2, "vk_delta0_2"), ...pointG2(vk.vk_delta1_2, "vk_delta1_2")]
    : pointG2(vk.vk_delta_2, "vk_delta_2");
  const words = [
    ...pointG1(vk.vk_alpha_1, "vk_alpha_1"),
    ...pointG2(vk.vk_beta_2, "vk_beta_2"),
    ...pointG2(vk.vk_gamma_2, "vk_gamma_2"),
    ...deltas,
    ...vk.IC.flatMap((point, i) => pointG1(point, `IC[${i}]`)),
  ];
  const head = Uint8Array.of(PROTOCOL_BYTE[protocol], SETUP_BYTE[setup], vk.nPublic >> 8, vk.nPublic & 0xff, ...challenges);
  return concat([head, ...words.map(word)]);
}

export function keyHash(key: Uint8Array): string {
  return toHex(keccak_256(key));
}

/** keccak256(abi.encode(modelId, keyHash, registrant)). */
export function entryId(modelId: string, hash: string, registrant: string): string {
  return toHex(keccak_256(concat([fromHex(modelId, 32), fromHex(hash, 32), address(registrant)])));
}

/** The context signal: keccak256(abi.encode(chainId, verifier, entryId, jobId, recipient)) >> 8. */
export function contextOf(context: Context): bigint {
  const bytes = concat([
    word(BigInt(context.chainId)),
    address(context.verifier),
    fromHex(context.entryId, 32),
    word(BigInt(context.jobId)),
    address(context.recipient),
  ]);
  return BigInt(toHex(keccak_256(bytes))) >> 8n;
}

/**
 * The challenges of a two-round proof: keccak256(seed, j) mod r with seed = keccak256(domain, key hash, C0, signals), 32-byte
 * big-endian words, j a byte.
 * @param c0 affine coordinates of the first round's commitment
 * @param signals all public signals but the challenges, in order
 */
export function challengesOf(hash: string, c0: readonly [bigint, bigint], signals: readonly bigint[], count: number): bigint[] {
  const seed = keccak_256(concat([CHALLENGE_DOMAIN, fromHex(hash, 32), ...c0.map(word), ...signals.map(word)]));
  return Array.from({ length: count }, (_, j) => BigInt(toHex(keccak_256(concat([seed, Uint8Array.of(j)])))) % R);
}

/** The point's affine coordinates, as EIP-196 writes them. */
export function pointG1(point: SnarkjsG1, where: string): [bigint, bigint] {
  if (point.length !== 3) throw malformed(where, "not a point of G1");
  if (point[2] === "0") return [0n, 0n];
  if (point[2] !== "1") throw malformed(where, "not an affine point");
  return [coordinate(point[0], where), coordinate(point[1], where)];
}

/** The point's affine coordinates, as EIP-197 writes them: imaginary parts first. */
export function pointG2(point: SnarkjsG2, where: string): [bigint, bigint, bigint, bigint] {
  if (point.length !== 3 || point.some((pair) => pair.length !== 2)) throw malformed(where, "not a point of G2");
  const [x, y, z] = point;
  if (z[0] === "0" && z[1] === "0") return [0n, 0n, 0n, 0n];
  if (z[0] !== "1" || z[1] !== "0") throw malformed(where, "not an affine point");
  return [coordinate(x[1], where), coordinate(x[0], where), coordinate(y[1], where), coordinate(y[0], where)];
}

function coordinate(text: string, where: string): bigint {
  if (!/^[0-9]{1,78}$/.test(text)) throw malformed(where, "a coordinate is no decimal number");
  const value = BigInt(text);
  if (value >= P) throw malformed(where, "a coordinate is not less than the modulus");
  return value;
}

function malformed(where: string, message: string): AssayError {
  return new AssayError("PROOF_MALFORMED", message, { where });
}

function word(value: bigint): Uint8Array {
  if (value < 0n || value >> 256n !== 0n) throw new AssayError("BAD_USAGE", `${value} is no 256-bit number`);
  return fromHex(`0x${value.toString(16).padStart(64, "0")}`, 32);
}

function address(text: string): Uint8Array {
  return concat([new Uint8Array(12), fromHex(text, 20)]);
}

function fromHex(text: string, bytes: number): Uint8Array {
  if (!/^0x[0-9a-fA-F]*$/.test(text) || text.length !== 2 + 2 * bytes) {
    throw new AssayError("BAD_USAGE", `expected ${bytes} bytes in hexadecimal, found ${text}`);
  }
  return Uint8Array.from(Buffer.from(text.slice(2), "hex"));
}

function toHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
