/**
 * Canonical bytes of a Groth16 verification key, and the hashes that bind entries and jobs to them. Must agree with
 * contracts/lib/KeyLayout.sol, Registry.entryIdOf and Groth16Verifier.contextOf; test/chain compares them.
 */

import { keccak_256 } from "@noble/hashes/sha3.js";
import { AssayError } from "../errors.js";
import { P } from "../math/field.js";

/** A projective point of G1 as snarkjs writes it: decimal x, y, and z = "1" (z = "0" for infinity). */
export type SnarkjsG1 = readonly string[];

/** A projective point of G2: each coordinate as [real, imaginary]. */
export type SnarkjsG2 = readonly (readonly string[])[];

/** snarkjs' verification_key.json. */
export interface SnarkjsVerificationKey {
  readonly protocol: string;
  readonly curve: string;
  readonly nPublic: number;
  readonly vk_alpha_1: SnarkjsG1;
  readonly vk_beta_2: SnarkjsG2;
  readonly vk_gamma_2: SnarkjsG2;
  readonly vk_delta_2: SnarkjsG2;
  readonly IC: readonly SnarkjsG1[];
}

/** snarkjs' proof.json. */
export interface SnarkjsProof {
  readonly protocol: string;
  readonly curve: string;
  readonly pi_a: SnarkjsG1;
  readonly pi_b: SnarkjsG2;
  readonly pi_c: SnarkjsG1;
}

/** How a key was made; the value is the byte in the key's encoding. */
export const SETUP_BYTE = { dev: 0, ceremony: 1 } as const;
export type SetupKind = keyof typeof SETUP_BYTE;

const GROTH16_BYTE = 0;
const MAX_SIGNALS = 0xffff;

/** What a proof is made for. */
export interface Context {
  readonly chainId: number | bigint;
  /** The verifier contract's address. */
  readonly verifier: string;
  readonly entryId: string;
  readonly jobId: number | bigint;
  readonly recipient: string;
}

/** Protocol, setup kind, number of public signals (2 bytes), alpha1, beta2, gamma2, delta2, IC; big-endian. */
export function encodeKey(vk: SnarkjsVerificationKey, setup: SetupKind): Uint8Array {
  if (vk.protocol !== "groth16" || vk.curve !== "bn128") {
    throw malformed("protocol", `expected groth16 on bn128, found ${vk.protocol} on ${vk.curve}`);
  }
  if (!Number.isInteger(vk.nPublic) || vk.nPublic < 1 || vk.nPublic > MAX_SIGNALS || vk.IC.length !== vk.nPublic + 1) {
    throw malformed("IC", `${vk.IC.length} points for ${vk.nPublic} public signals`);
  }
  const words = [
    ...pointG1(vk.vk_alpha_1, "vk_alpha_1"),
    ...pointG2(vk.vk_beta_2, "vk_beta_2"),
    ...pointG2(vk.vk_gamma_2, "vk_gamma_2"),
    ...pointG2(vk.vk_delta_2, "vk_delta_2"),
    ...vk.IC.flatMap((point, i) => pointG1(point, `IC[${i}]`)),
  ];
  const head = Uint8Array.of(GROTH16_BYTE, SETUP_BYTE[setup], vk.nPublic >> 8, vk.nPublic & 0xff);
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
