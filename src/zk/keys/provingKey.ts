/** A proving key in memory, the same for both proof systems, and the files that it comes from. */
import { closeSync, openSync, readSync } from "node:fs";
import { AssayError, type ErrorCode } from "../../errors.js";
import type { Protocol } from "../protocol.js";
import { TWO_ROUND_MAGIC, isTwoRoundDevKey, readTwoRoundKey } from "./twoRoundFile.js";
import { ZKEY_MAGIC, isDevZkey, readZkey } from "./zkeyFile.js";

/** One secret in both groups. */
export interface PointPair {
  /** 64 bytes. */
  readonly g1: Uint8Array;
  /** 128 bytes. */
  readonly g2: Uint8Array;
}

/** Points are affine, coordinates little-endian in Montgomery form (x·2^256 mod q), infinity all zeros. */
export interface HeaderPoints {
  readonly alpha1: Uint8Array;
  readonly beta1: Uint8Array;
  readonly beta2: Uint8Array;
  readonly gamma2: Uint8Array;
  /** The delta of a plain key; that of H and round 1 in a two-round key. */
  readonly delta1: PointPair;
  /** That of round 0. Two-round keys only. */
  readonly delta0?: PointPair;
}

export interface KeyHeader extends HeaderPoints {
  readonly protocol: Protocol;
  readonly wireCount: number;
  /** Challenges included, the constant not. */
  readonly publicCount: number;
  /** 0 in a plain key. */
  readonly challengeCount: number;
  /** log2 of the number of rows. */
  readonly domainPower: number;
  /** wireCount in a plain key. */
  readonly firstRoundOneWire: number;
}

/**
 * Sections are in wire order, so the points of wires i..j of one are `subarray` of it; each lies in a SharedArrayBuffer
 * of its own, from its beginning. 64 bytes a point, in B2 128. The wire of point i is given by "from".
 */
export interface ProvingKey extends KeyHeader {
  /** K_i/gamma of the constant and the public signals, from wire 0. */
  readonly ic: Uint8Array;
  /** From wire 0, all wires. */
  readonly a: Uint8Array;
  readonly b1: Uint8Array;
  readonly b2: Uint8Array;
  /** K_i/delta0 (plain: K_i/delta1), from wire publicCount + 1 to firstRoundOneWire. */
  readonly k0: Uint8Array;
  /** K_i/delta1, from wire firstRoundOneWire to the last; empty in a plain key. */
  readonly k1: Uint8Array;
  /** L'_{2j+1}(tau)/delta1, one a row; L' is the Lagrange basis over twice as many points. */
  readonly h: Uint8Array;
}

/**
 * Reads a .zkey or a two-round key. Sizes are checked, points are not: see auditKey.ts.
 *
 * @throws AssayError FILE_NOT_READABLE, ARTEFACT_STALE when it is no such key, damaged or of another version
 */
export function openProvingKey(path: string): ProvingKey {
  return readProvingKey(path, "ARTEFACT_STALE");
}

/** {@link openProvingKey} with another code for a malformed file. */
export function readProvingKey(path: string, malformed: ErrorCode): ProvingKey {
  return protocolOf(path, malformed) === "groth16" ? readZkey(path, malformed) : readTwoRoundKey(path, malformed);
}

/** By the file's magic. @throws AssayError FILE_NOT_READABLE, `malformed` when it is neither */
export function protocolOf(path: string, malformed: ErrorCode = "KEY_MISMATCH"): Protocol {
  const magic = magicOf(path);
  if (magic === ZKEY_MAGIC) return "groth16";
  if (magic === TWO_ROUND_MAGIC) return "two-round";
  throw new AssayError(malformed, "not a proving key", { where: path });
}

function magicOf(path: string): string {
  try {
    const file = openSync(path, "r");
    try {
      const bytes = new Uint8Array(4);
      return new TextDecoder().decode(bytes.subarray(0, readSync(file, bytes)));
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new AssayError("FILE_NOT_READABLE", `cannot read: ${message}`, { where: path, cause });
  }
}

/**
 * Whether a key says of itself that it is a dev key. (The mark informs; it binds nobody.)
 *
 * @throws AssayError FILE_NOT_READABLE, KEY_MISMATCH when the file is no key
 */
export function isDevKey(path: string): boolean {
  return protocolOf(path) === "groth16" ? isDevZkey(path) : isTwoRoundDevKey(path);
}
