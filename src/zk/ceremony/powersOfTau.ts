/**
 * The points of a prepared .ptau that a key is made of. Sections as snarkjs numbers them (`powersoftau_preparephase2.js`):
 * 4 alpha·tau^i, 5 beta·tau^i, 6 beta in G2, 3 tau^i in G2; 12 to 15 the Lagrange bases of all domains, one after the other, so
 * that the one of n rows begins at point n − 1: in G1, in G2, times alpha, times beta.
 */
import { withBinFile, type BinReader } from "../keys/binFile.js";
import { checkPtau } from "../keys/ptau.js";
import { G1_BYTES, G2_BYTES } from "../keys/zkeyFile.js";
import { AssayError } from "../../errors.js";
import { findBadPoint, type PointList } from "../keys/auditKey.js";

export interface PtauPoints {
  readonly alpha1: Uint8Array;
  readonly beta1: Uint8Array;
  readonly beta2: Uint8Array;
  readonly tau2: Uint8Array;
  /** L_j(tau) of the n rows. */
  readonly basis: Uint8Array;
  readonly basis2: Uint8Array;
  readonly alphaBasis: Uint8Array;
  readonly betaBasis: Uint8Array;
  /** L'_{2j}(tau) and L'_{2j+1}(tau) of the Lagrange basis over 2n points. */
  readonly even: Uint8Array;
  readonly odd: Uint8Array;
}

/**
 * @param domainPower log2 of the rows
 * @throws AssayError FILE_NOT_READABLE, PTAU_INVALID, PTAU_TOO_SMALL
 */
export async function readPtau(path: string, domainPower: number): Promise<PtauPoints> {
  checkPtau(path, domainPower);
  const points = withBinFile(path, "ptau", "PTAU_INVALID", (file) => readPoints(file, 2 ** domainPower));
  const bad = await findBadPoint(pointLists(points));
  if (bad !== undefined) throw new AssayError("PTAU_INVALID", bad, { where: path, hint: "check the file with snarkjs powersoftau verify" });
  return points;
}

function readPoints(file: BinReader, rows: number): PtauPoints {
  const first = (section: number, size: number, index = 0): Uint8Array => file.read(section, index * size, size);
  const basis = (section: number, size: number, n: number): Uint8Array => file.read(section, (n - 1) * size, n * size);
  const double = basis(12, G1_BYTES, 2 * rows);
  return {
    alpha1: first(4, G1_BYTES),
    beta1: first(5, G1_BYTES),
    beta2: first(6, G2_BYTES),
    tau2: first(3, G2_BYTES, 1),
    basis: basis(12, G1_BYTES, rows),
    basis2: basis(13, G2_BYTES, rows),
    alphaBasis: basis(14, G1_BYTES, rows),
    betaBasis: basis(15, G1_BYTES, rows),
    even: everySecond(double, 0),
    odd: everySecond(double, 1),
  };
}

function everySecond(points: Uint8Array, offset: number): Uint8Array {
  const half = new Uint8Array(points.byteLength / 2);
  for (let at = 0; at < half.byteLength; at += G1_BYTES) {
    const from = 2 * at + offset * G1_BYTES;
    half.set(points.subarray(from, from + G1_BYTES), at);
  }
  return half;
}

function pointLists(points: PtauPoints): readonly PointList[] {
  const g1 = ["alpha1", "beta1", "basis", "alphaBasis", "betaBasis", "even", "odd"] as const;
  const g2 = ["beta2", "tau2", "basis2"] as const;
  return [
    ...g1.map((name): PointList => [`${name} of the powers of tau`, "g1", points[name], false]),
    ...g2.map((name): PointList => [`${name} of the powers of tau`, "g2", points[name], false]),
  ];
}
