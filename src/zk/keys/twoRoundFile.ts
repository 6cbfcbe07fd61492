/**
 * The file of a two-round proving key (the proof system is MIRAGE's: Kosba, Papadopoulos, Papamanthou, Song, USENIX
 * Security 2020; twoRoundSetup.ts says what the points are).
 *
 * A container of iden3's kind (binFile.ts), magic "as2r", version 1. Points are encoded as in a .zkey: affine,
 * coordinates little-endian in Montgomery form (x·2^256 mod q), infinity all zeros; 64 bytes in G1, 128 in G2.
 *
 *   1 header: 32, p, 32, r (the fields, as in a .zkey); then u32 wires, public signals (challenges included),
 *     challenges, domain power, first wire of round 1; 64 bytes of mark (devMark.ts); then alpha_1, beta_1, beta_2, gamma_2,
 *     delta0_1, delta0_2, delta1_1, delta1_2.
 *   2 IC: the constant and the public signals, over gamma.
 *   3 A, 4 B1, 5 B2: all wires.
 *   6 K0: private wires of round 0, over delta0.
 *   7 K1: wires of round 1, over delta1.
 *   8 H: L'_{2j+1}(tau)/delta1, one a row, for the prover that works on the odd coset as snarkjs' does.
 *
 * Each section is in wire order: public signals, then round 0, then round 1. There are no coefficients as in a .zkey:
 * the prover has the circuit.
 */
import type { ErrorCode } from "../../errors.js";
import { FIELD_BYTES, P, R, readFieldLE } from "../../math/field.js";
import { type BinReader, type BinWriter, piecesOf, withBinFile } from "./binFile.js";
import { DEV_MARK, isDevMark } from "./devMark.js";
import type { HeaderPoints, KeyHeader, PointPair, ProvingKey } from "./provingKey.js";
import { roundsFit } from "./rounds.js";
import { TWO_ADICITY } from "./scalars.js";
import { G1_BYTES, G2_BYTES } from "./zkeyFile.js";

export const TWO_ROUND_MAGIC = "as2r";
export const TWO_ROUND_VERSION = 1;
export const TWO_ROUND_SECTIONS = 8;
export const TwoRoundSection = { header: 1, ic: 2, a: 3, b1: 4, b2: 5, k0: 6, k1: 7, h: 8 } as const;

const SIZES_AT = 2 * (4 + FIELD_BYTES);
const MARK_AT = SIZES_AT + 5 * 4;
const POINTS_AT = MARK_AT + DEV_MARK.byteLength;
const HEADER_BYTES = POINTS_AT + 4 * G1_BYTES + 4 * G2_BYTES;

type Sizes = Pick<KeyHeader, "wireCount" | "publicCount" | "challengeCount" | "domainPower" | "firstRoundOneWire">;
export type TwoRoundHeader = KeyHeader & { readonly delta0: PointPair };

/** Section 1. @param mark 64 bytes: what the key says of itself */
export function writeTwoRoundHeader(out: BinWriter, sizes: Sizes, points: Required<HeaderPoints>, mark = DEV_MARK): void {
  out.section(TwoRoundSection.header);
  for (const modulus of [P, R]) {
    out.u32(FIELD_BYTES);
    out.field(modulus);
  }
  out.u32(sizes.wireCount);
  out.u32(sizes.publicCount);
  out.u32(sizes.challengeCount);
  out.u32(sizes.domainPower);
  out.u32(sizes.firstRoundOneWire);
  out.bytes(mark);
  const { alpha1, beta1, beta2, gamma2, delta0, delta1 } = points;
  for (const point of [alpha1, beta1, beta2, gamma2, delta0.g1, delta0.g2, delta1.g1, delta1.g2]) out.bytes(point);
}

function readHeader(file: BinReader): TwoRoundHeader {
  const header = file.readExact(TwoRoundSection.header, HEADER_BYTES);
  const view = new DataView(header.buffer);
  const second = 4 + FIELD_BYTES;
  const fieldsMatch = view.getUint32(0, true) === FIELD_BYTES && readFieldLE(header, 4) === P
    && view.getUint32(second, true) === FIELD_BYTES && readFieldLE(header, second + 4) === R;
  if (!fieldsMatch) file.fail("not a key over BN254");
  const size = (index: number): number => view.getUint32(SIZES_AT + 4 * index, true);
  const sizes: Sizes = {
    wireCount: size(0), publicCount: size(1), challengeCount: size(2), domainPower: size(3), firstRoundOneWire: size(4),
  };
  if (!roundsFit(sizes, sizes.wireCount, sizes.publicCount)) file.fail("the header's numbers of wires are inconsistent");
  if (sizes.domainPower < 1 || sizes.domainPower >= TWO_ADICITY) file.fail("the header's domain is impossible");
  return { protocol: "two-round", ...sizes, ...readPoints(header) };
}

function readPoints(header: Uint8Array): Required<HeaderPoints> {
  const point = piecesOf(header, POINTS_AT);
  // Properties are evaluated in the order of the file.
  return {
    alpha1: point(G1_BYTES),
    beta1: point(G1_BYTES),
    beta2: point(G2_BYTES),
    gamma2: point(G2_BYTES),
    delta0: { g1: point(G1_BYTES), g2: point(G2_BYTES) },
    delta1: { g1: point(G1_BYTES), g2: point(G2_BYTES) },
  };
}

function readIc(file: BinReader, publicCount: number): Uint8Array {
  return file.readShared(TwoRoundSection.ic, (publicCount + 1) * G1_BYTES);
}

function open<T>(path: string, malformed: ErrorCode, use: (file: BinReader) => T): T {
  return withBinFile(path, TWO_ROUND_MAGIC, malformed, use, TWO_ROUND_VERSION);
}

/** What a verifier needs. @throws AssayError FILE_NOT_READABLE, `malformed` */
export function readTwoRoundPublics(path: string, malformed: ErrorCode): TwoRoundHeader & Pick<ProvingKey, "ic"> {
  return open(path, malformed, (file) => {
    const header = readHeader(file);
    return { ...header, ic: readIc(file, header.publicCount) };
  });
}

/** The whole key; section sizes are checked against the header, points are not. @throws as {@link readTwoRoundPublics} */
export function readTwoRoundKey(path: string, malformed: ErrorCode): ProvingKey {
  return open(path, malformed, (file) => {
    const header = readHeader(file);
    const { wireCount, publicCount, firstRoundOneWire } = header;
    return {
      ...header,
      ic: readIc(file, publicCount),
      a: file.readShared(TwoRoundSection.a, wireCount * G1_BYTES),
      b1: file.readShared(TwoRoundSection.b1, wireCount * G1_BYTES),
      b2: file.readShared(TwoRoundSection.b2, wireCount * G2_BYTES),
      k0: file.readShared(TwoRoundSection.k0, (firstRoundOneWire - publicCount - 1) * G1_BYTES),
      k1: file.readShared(TwoRoundSection.k1, (wireCount - firstRoundOneWire) * G1_BYTES),
      h: file.readShared(TwoRoundSection.h, 2 ** header.domainPower * G1_BYTES),
    };
  });
}

/**
 * That the file is a key with this mark and nothing else: no byte of it is free.
 * @throws AssayError FILE_NOT_READABLE, `malformed`
 */
export function assertTwoRoundFile(path: string, mark: Uint8Array, malformed: ErrorCode): void {
  open(path, malformed, (file) => {
    file.assertOnly(Object.values(TwoRoundSection));
    const found = file.readExact(TwoRoundSection.header, HEADER_BYTES).subarray(MARK_AT, POINTS_AT);
    if (Buffer.compare(found, mark) !== 0) file.fail("it bears the mark of another kind of key");
  });
}

/** Whether the key has the mark of a dev key. @throws AssayError FILE_NOT_READABLE, KEY_MISMATCH */
export function isTwoRoundDevKey(path: string): boolean {
  return open(path, "KEY_MISMATCH", (file) =>
    isDevMark(file.readExact(TwoRoundSection.header, HEADER_BYTES).subarray(MARK_AT, POINTS_AT)));
}
