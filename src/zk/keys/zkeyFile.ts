/**
 * Layout of a Groth16 .zkey, version 1, as snarkjs 0.7 reads it (its `zkey_utils.js` names the sections). Points are
 * affine, coordinates little-endian in Montgomery form (x·2^256 mod q), infinity all zeros.
 *
 * Section 1: protocol = 1. 2: field sizes and moduli, wires, public signals, domain size, then alpha1, beta1, beta2,
 * gamma2, delta1, delta2. 3: IC. 4: terms of A and B as (matrix, row, wire, coefficient·2^512 mod r): the prover's
 * Montgomery product with a plain witness value is then in Montgomery form. 5: A, 6: B1, 7: B2, one point a wire.
 * 8: L (snarkjs: C), one a private wire. 9: H_i = L'_{2i+1}(tau)/delta, L' the Lagrange basis over 2n points, so that the
 * prover's quotient never leaves evaluation form. 10: circuit hash and contributions.
 */
import { FIELD_BYTES, P, R, readFieldLE } from "../../math/field.js";
import { domainPower, publicCount, type R1cs } from "../r1cs.js";
import { type BinReader, type BinWriter, withBinFile } from "./binFile.js";
import { publicRow, publicRowCount } from "./sparse.js";

export const G1_BYTES = 2 * FIELD_BYTES;
export const G2_BYTES = 4 * FIELD_BYTES;

export const ZKEY_MAGIC = "zkey";
export const ZKEY_VERSION = 1;
export const ZKEY_SECTIONS = 10;
const GROTH16 = 1;
const COEFFICIENT_BYTES = 12 + FIELD_BYTES;
const CIRCUIT_HASH_BYTES = 64;
/** Offset of the sizes in section 2, and of the first point. */
const SIZES_AT = 2 * (4 + FIELD_BYTES);
const POINTS_AT = SIZES_AT + 12;
const HEADER_BYTES = POINTS_AT + 3 * G1_BYTES + 3 * G2_BYTES;

export const Section = {
  protocol: 1, header: 2, ic: 3, coefficients: 4, a: 5, b1: 6, b2: 7, l: 8, h: 9, contributions: 10,
} as const;

/** Stands where a ceremony key has the hash of its circuit, and survives later contributions. */
const DEV_MARK_TEXT = "ASSAY DEV KEY: made by one party, who can forge proofs";
const DEV_MARK = new TextEncoder().encode(DEV_MARK_TEXT.padEnd(CIRCUIT_HASH_BYTES, "."));

/** The points of the header, in the order of the file. */
export interface HeaderPoints {
  readonly alpha1: Uint8Array;
  readonly beta1: Uint8Array;
  readonly beta2: Uint8Array;
  readonly gamma2: Uint8Array;
  readonly delta1: Uint8Array;
  readonly delta2: Uint8Array;
}

export interface Zkey extends HeaderPoints {
  readonly wireCount: number;
  readonly publicCount: number;
  readonly domainSize: number;
  readonly ic: Uint8Array;
  readonly coefficients: Uint8Array;
  readonly a: Uint8Array;
  readonly b1: Uint8Array;
  readonly b2: Uint8Array;
  readonly l: Uint8Array;
  readonly h: Uint8Array;
}

export function writeHeader(out: BinWriter, r1cs: R1cs, points: HeaderPoints): void {
  out.section(Section.protocol);
  out.u32(GROTH16);
  out.section(Section.header);
  out.u32(FIELD_BYTES);
  out.field(P);
  out.u32(FIELD_BYTES);
  out.field(R);
  out.u32(r1cs.wireCount);
  out.u32(publicCount(r1cs));
  out.u32(2 ** domainPower(r1cs));
  for (const point of [points.alpha1, points.beta1, points.beta2, points.gamma2, points.delta1, points.delta2]) out.bytes(point);
}

/** The content of section 4, row by row: A's terms, then B's; at the end the rows of the public signals. */
export function coefficientSection(r1cs: R1cs): Uint8Array<ArrayBuffer> {
  const { a, b } = r1cs;
  const count = a.wires.length + b.wires.length + publicRowCount(r1cs);
  const data = new Uint8Array(4 + count * COEFFICIENT_BYTES);
  const view = new DataView(data.buffer);
  view.setUint32(0, count, true);
  const encoded = r1cs.coefficients.map(encodeCoefficient);
  const one = encodeCoefficient(1n);
  let position = 4;
  const term = (matrix: number, row: number, wire: number, value: Uint8Array): void => {
    view.setUint32(position, matrix, true);
    view.setUint32(position + 4, row, true);
    view.setUint32(position + 8, wire, true);
    data.set(value, position + 12);
    position += COEFFICIENT_BYTES;
  };
  for (let row = 0; row < r1cs.constraintCount; row++) {
    for (let k = a.offsets[row]; k < a.offsets[row + 1]; k++) term(0, row, a.wires[k], encoded[a.coefficients[k]]);
    for (let k = b.offsets[row]; k < b.offsets[row + 1]; k++) term(1, row, b.wires[k], encoded[b.coefficients[k]]);
  }
  for (let signal = 0; signal < publicRowCount(r1cs); signal++) term(0, publicRow(r1cs, signal), signal, one);
  return data;
}

function encodeCoefficient(value: bigint): Uint8Array {
  let rest = (value << 512n) % R;
  const bytes = new Uint8Array(FIELD_BYTES);
  for (let i = 0; i < FIELD_BYTES; i++) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** Section 10: the mark of a dev key and no contributions. */
export function writeDevMark(out: BinWriter): void {
  out.section(Section.contributions);
  out.bytes(DEV_MARK);
  out.u32(0);
}

/**
 * Whether a key says of itself that it is a dev key. (The mark informs; it binds nobody.)
 *
 * @throws AssayError FILE_NOT_READABLE, KEY_MISMATCH when the file is no .zkey
 */
export function isDevKey(zkeyPath: string): boolean {
  return withBinFile(zkeyPath, ZKEY_MAGIC, "KEY_MISMATCH", (file) => {
    const mark = file.read(Section.contributions, 0, CIRCUIT_HASH_BYTES);
    return mark.every((byte, i) => byte === DEV_MARK[i]);
  });
}

/** Number of phase-2 contributions that a key records. @throws as {@link isDevKey} */
export function contributionCount(zkeyPath: string): number {
  return withBinFile(zkeyPath, ZKEY_MAGIC, "KEY_MISMATCH", (file) =>
    new DataView(file.read(Section.contributions, CIRCUIT_HASH_BYTES, 4).buffer).getUint32(0, true));
}

export type ZkeyHeader = HeaderPoints & Pick<Zkey, "wireCount" | "publicCount" | "domainSize">;

/** @throws AssayError KEY_MISMATCH when it is no Groth16 key over BN254 */
export function readHeader(file: BinReader): ZkeyHeader {
  const protocol = file.readExact(Section.protocol, 4);
  const header = file.readExact(Section.header, HEADER_BYTES);
  const view = new DataView(header.buffer);
  const second = 4 + FIELD_BYTES;
  const fieldsMatch = view.getUint32(0, true) === FIELD_BYTES && readFieldLE(header, 4) === P
    && view.getUint32(second, true) === FIELD_BYTES && readFieldLE(header, second + 4) === R;
  if (new DataView(protocol.buffer).getUint32(0, true) !== GROTH16 || !fieldsMatch) file.fail("not a Groth16 key over BN254");
  let position = POINTS_AT;
  const point = (size: number): Uint8Array => {
    position += size;
    return header.slice(position - size, position);
  };
  return {
    wireCount: view.getUint32(SIZES_AT, true),
    publicCount: view.getUint32(SIZES_AT + 4, true),
    domainSize: view.getUint32(SIZES_AT + 8, true),
    alpha1: point(G1_BYTES),
    beta1: point(G1_BYTES),
    beta2: point(G2_BYTES),
    gamma2: point(G2_BYTES),
    delta1: point(G1_BYTES),
    delta2: point(G2_BYTES),
  };
}

export type ZkeyPublics = ZkeyHeader & Pick<Zkey, "ic">;

/** What a verifier needs. @throws as {@link readHeader} */
export function readZkeyPublics(file: BinReader): ZkeyPublics {
  const header = readHeader(file);
  return { ...header, ic: file.readExact(Section.ic, (header.publicCount + 1) * G1_BYTES) };
}

/**
 * The whole key; section sizes are checked against the header, nothing else is.
 *
 * @throws AssayError FILE_NOT_READABLE, KEY_MISMATCH when malformed
 */
export function readZkey(zkeyPath: string): Zkey {
  return withBinFile(zkeyPath, ZKEY_MAGIC, "KEY_MISMATCH", (file) => {
    const publics = readZkeyPublics(file);
    const { wireCount, domainSize } = publics;
    const privateCount = wireCount - publics.publicCount - 1;
    if (privateCount < 0) file.fail("more public signals than wires");
    return {
      ...publics,
      coefficients: file.read(Section.coefficients),
      a: file.readExact(Section.a, wireCount * G1_BYTES),
      b1: file.readExact(Section.b1, wireCount * G1_BYTES),
      b2: file.readExact(Section.b2, wireCount * G2_BYTES),
      l: file.readExact(Section.l, privateCount * G1_BYTES),
      h: file.readExact(Section.h, domainSize * G1_BYTES),
    };
  });
}
