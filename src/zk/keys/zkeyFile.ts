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
import type { ErrorCode } from "../../errors.js";
import { FIELD_BYTES, P, R, readFieldLE } from "../../math/field.js";
import { domainPower, publicCount, type R1cs } from "../r1cs.js";
import { type BinReader, type BinWriter, piecesOf, withBinFile } from "./binFile.js";
import { DEV_MARK, isDevMark } from "./devMark.js";
import type { HeaderPoints, KeyHeader, ProvingKey } from "./provingKey.js";
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

export function writeHeader(out: BinWriter, r1cs: R1cs, { alpha1, beta1, beta2, gamma2, delta1 }: HeaderPoints): void {
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
  for (const point of [alpha1, beta1, beta2, gamma2, delta1.g1, delta1.g2]) out.bytes(point);
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

/** Whether the key has the mark of a dev key. @throws AssayError FILE_NOT_READABLE, KEY_MISMATCH */
export function isDevZkey(zkeyPath: string): boolean {
  return withBinFile(zkeyPath, ZKEY_MAGIC, "KEY_MISMATCH", (file) =>
    isDevMark(file.read(Section.contributions, 0, CIRCUIT_HASH_BYTES)));
}

/** @throws AssayError the file's code when it is no Groth16 key over BN254 */
function readHeader(file: BinReader): KeyHeader {
  const protocol = file.readExact(Section.protocol, 4);
  const header = file.readExact(Section.header, HEADER_BYTES);
  const view = new DataView(header.buffer);
  const second = 4 + FIELD_BYTES;
  const fieldsMatch = view.getUint32(0, true) === FIELD_BYTES && readFieldLE(header, 4) === P
    && view.getUint32(second, true) === FIELD_BYTES && readFieldLE(header, second + 4) === R;
  if (new DataView(protocol.buffer).getUint32(0, true) !== GROTH16 || !fieldsMatch) file.fail("not a Groth16 key over BN254");
  const wireCount = view.getUint32(SIZES_AT, true);
  const publics = view.getUint32(SIZES_AT + 4, true);
  const domain = Math.log2(view.getUint32(SIZES_AT + 8, true));
  if (publics >= wireCount) file.fail("more public signals than wires");
  if (!Number.isInteger(domain)) file.fail("the domain's size is no power of two");
  return {
    protocol: "groth16",
    wireCount,
    publicCount: publics,
    challengeCount: 0,
    domainPower: domain,
    firstRoundOneWire: wireCount,
    ...readPoints(header),
  };
}

function readPoints(header: Uint8Array): HeaderPoints {
  const point = piecesOf(header, POINTS_AT);
  // Properties are evaluated in the order of the file.
  return {
    alpha1: point(G1_BYTES),
    beta1: point(G1_BYTES),
    beta2: point(G2_BYTES),
    gamma2: point(G2_BYTES),
    delta1: { g1: point(G1_BYTES), g2: point(G2_BYTES) },
  };
}

function readIc(file: BinReader, publics: number): Uint8Array {
  return file.readShared(Section.ic, (publics + 1) * G1_BYTES);
}

/** What a verifier needs. @throws AssayError FILE_NOT_READABLE, `malformed` when it is no Groth16 key over BN254 */
export function readZkeyPublics(zkeyPath: string, malformed: ErrorCode): KeyHeader & Pick<ProvingKey, "ic"> {
  return withBinFile(zkeyPath, ZKEY_MAGIC, malformed, (file) => {
    const header = readHeader(file);
    return { ...header, ic: readIc(file, header.publicCount) };
  });
}

/** The whole key but section 4; sizes are checked against the header, points are not. @throws as {@link readZkeyPublics} */
export function readZkey(zkeyPath: string, malformed: ErrorCode): ProvingKey {
  return withBinFile(zkeyPath, ZKEY_MAGIC, malformed, (file) => {
    const header = readHeader(file);
    const { wireCount } = header;
    return {
      ...header,
      ic: readIc(file, header.publicCount),
      a: file.readShared(Section.a, wireCount * G1_BYTES),
      b1: file.readShared(Section.b1, wireCount * G1_BYTES),
      b2: file.readShared(Section.b2, wireCount * G2_BYTES),
      k0: file.readShared(Section.l, (wireCount - header.publicCount - 1) * G1_BYTES),
      k1: new Uint8Array(0),
      h: file.readShared(Section.h, 2 ** header.domainPower * G1_BYTES),
    };
  });
}

/** That the file is a key and nothing else. @throws as {@link readZkeyPublics} */
export function assertZkeyFile(zkeyPath: string, malformed: ErrorCode): void {
  withBinFile(zkeyPath, ZKEY_MAGIC, malformed, (file) => { file.assertOnly(Object.values(Section)); }, ZKEY_VERSION);
}

/** Section 4. @throws as {@link readZkeyPublics} */
export function readCoefficients(zkeyPath: string, malformed: ErrorCode): Uint8Array<ArrayBuffer> {
  return withBinFile(zkeyPath, ZKEY_MAGIC, malformed, (file) => file.read(Section.coefficients));
}
