/** Multi-exponentiations and pairing equations over ffjavascript's threaded curve, as the audit needs them. */
import { randomBytes } from "node:crypto";
import type { Curve, WasmGroup } from "ffjavascript";
import { R } from "../../math/field.js";
import { encodeScalars, inverse } from "./scalars.js";
import { G2_BYTES } from "./zkeyFile.js";

/** Bytes of a random coefficient: a wrong equation survives with probability 2^-128. */
const RANDOM_BYTES = 16;

/** Random coefficients, as bytes for multi-exponentiations and as integers. */
export interface RandomVector {
  /** {@link RANDOM_BYTES} little-endian bytes each. */
  readonly bytes: Uint8Array;
  readonly values: readonly bigint[];
}

/** Fresh from the operating system at each audit: whoever made the key cannot have known them. */
export function randomVector(length: number): RandomVector {
  const bytes = new Uint8Array(length * RANDOM_BYTES);
  // One call of randomBytes is limited to 2^31 − 1 bytes.
  for (let at = 0; at < bytes.byteLength; at += 1 << 26) {
    const size = Math.min(1 << 26, bytes.byteLength - at);
    bytes.set(randomBytes(size), at);
  }
  const view = new DataView(bytes.buffer);
  const values = Array.from({ length }, (_, i) =>
    (view.getBigUint64(RANDOM_BYTES * i + 8, true) << 64n) | view.getBigUint64(RANDOM_BYTES * i, true));
  return { bytes, values };
}

export async function sumG1(curve: Curve, points: Uint8Array, scalars: readonly bigint[] | Uint8Array): Promise<Uint8Array> {
  return sum(curve.G1, points, scalars instanceof Uint8Array ? scalars : encodeScalars(scalars));
}

/**
 * ffjavascript's sum of points that are all infinity is (0, 0, 1), wasmcurves' addMixed having copied an affine infinity:
 * its additions know that point, its isZero, timesScalar and pairing do not. Here infinity is always `zero`.
 */
async function sum<T>(group: WasmGroup<T>, points: Uint8Array, scalars: Uint8Array): Promise<Uint8Array> {
  const result = await group.multiExpAffine(points, scalars);
  return group.isZero(group.toAffine(result)) ? group.zero : result;
}

const ORDER = encodeScalars([R]);

/** Whether a point of the twist lies in the subgroup of order r. */
export function inSubgroup(curve: Curve, point: Uint8Array): boolean {
  return curve.G2.isZero(curve.G2.timesScalar(point, ORDER));
}

/**
 * The random combination of points of the twist, or undefined when one of them lies outside the subgroup of order r.
 * The twist's cofactor has small factors (10069 the least), so one combination tells little: the sums over each byte of
 * the coefficients, which are needed anyway, are tested one by one. A point outside escapes each with probability ≤ 1/256.
 */
export async function subgroupSumG2(curve: Curve, points: Uint8Array, random: Uint8Array): Promise<Uint8Array | undefined> {
  const count = points.byteLength / G2_BYTES;
  let total = curve.G2.zero;
  for (let k = RANDOM_BYTES - 1; k >= 0; k--) {
    const column = new Uint8Array(count);
    for (let i = 0; i < count; i++) column[i] = random[i * RANDOM_BYTES + k];
    const part = await sum(curve.G2, points, column);
    if (!inSubgroup(curve, part)) return undefined;
    total = curve.G2.add(timesByte(curve, total), part);
  }
  return total;
}

function timesByte(curve: Curve, point: Uint8Array): Uint8Array {
  let result = point;
  for (let i = 0; i < 8; i++) result = curve.G2.add(result, result);
  return result;
}

/** Whether the product of e(left) equals the product of e(right); pairs with a point at infinity contribute 1. */
export async function pairingsEqual(curve: Curve, left: readonly Pair[], right: readonly Pair[]): Promise<boolean> {
  const negated = right.map(([p, q]): Pair => [curve.G1.neg(p), q]);
  // ffjavascript's Miller loop does not know infinity.
  const finite = [...left, ...negated].filter(([p, q]) => !curve.G1.isZero(p) && !curve.G2.isZero(q));
  return finite.length === 0 || curve.pairingEq(...finite.flat());
}

/** Points of G1 and G2. */
export type Pair = readonly [Uint8Array, Uint8Array];

/** Values on the domain of the polynomial of degree < n whose value at ω'^(2i+1), ω'^2 = ω, is scale · values[i]. */
export async function fromCoset(
  curve: Curve, values: readonly bigint[], rootOfCoset: bigint, scale: bigint,
): Promise<Uint8Array> {
  const { Fr } = curve;
  const montgomery = await Fr.batchToMontgomery(encodeScalars(values));
  const inverseRoot = Fr.e(inverse(rootOfCoset));
  const coefficients = await Fr.batchApplyKey(await Fr.ifft(montgomery), Fr.e(scale), inverseRoot);
  return Fr.batchFromMontgomery(await Fr.fft(coefficients));
}
