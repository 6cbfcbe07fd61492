/** The equations of the audit; auditKey.ts says what they are for. Each returns whether it holds. */
import type { Curve } from "ffjavascript";
import { R } from "../../math/field.js";
import { domainPower, publicCount, type R1cs } from "../r1cs.js";
import type { AuditPoints } from "./auditFile.js";
import { fromCoset, inSubgroup, pairingsEqual, randomVector, subgroupSumG2, sumG1, type RandomVector } from "./groupSums.js";
import { encodeScalars, inverse, rootOfUnity } from "./scalars.js";
import { publicRow, publicRowCount, rowSums, signedCoefficients } from "./sparse.js";
import type { KeyHeader, PointPair, ProvingKey } from "./provingKey.js";
import { G1_BYTES, G2_BYTES, coefficientSection } from "./zkeyFile.js";

/** A key beside its circuit, and the Lagrange basis at its tau. */
export interface KeySubject {
  readonly curve: Curve;
  readonly r1cs: R1cs;
  readonly key: ProvingKey;
  readonly points: Pick<AuditPoints, "basis">;
}

export interface AuditSubject extends KeySubject {
  readonly points: AuditPoints;
}

/** The basis alone, with [tau]_2. */
export interface BasisSubject {
  readonly curve: Curve;
  readonly r1cs: R1cs;
  readonly points: Pick<AuditPoints, "basis" | "tau2">;
}

export function headerMatches(r1cs: R1cs, key: KeyHeader): boolean {
  return key.wireCount === r1cs.wireCount && key.publicCount === publicCount(r1cs) && key.domainPower === domainPower(r1cs);
}

export function coefficientsMatch(r1cs: R1cs, coefficients: Uint8Array): boolean {
  return Buffer.compare(coefficients, coefficientSection(r1cs)) === 0;
}

/**
 * alpha, beta, gamma, the deltas: none is zero, both groups hold the same, and no two coincide that would let anybody,
 * not only the setup party, forge: with gamma = ±delta public and private parts mix, with delta0 = ±delta1 the rounds do,
 * so that round 0 is open after the challenges are known; with a delta = ±1, or equal to ±alpha or ±beta, other
 * published points do what only K and H may. gamma = ±1, as keys from a .ptau have, is refused in two-round keys.
 */
export async function secretsAreSound({ curve, key }: Pick<KeySubject, "curve" | "key">): Promise<boolean> {
  const { G1, G2 } = curve;
  const [generator1, generator2] = [affine(G1.g, G1_BYTES), affine(G2.g, G2_BYTES)];
  const pairs: PointPair[] = [{ g1: key.beta1, g2: key.beta2 }, key.delta1, ...(key.delta0 === undefined ? [] : [key.delta0])];
  const distinct1 = [generator1, key.alpha1, ...pairs.map(({ g1 }) => g1)];
  const distinct2 = [key.gamma2, ...pairs.map(({ g2 }) => g2)];
  if (distinct1.some((point) => G1.isZero(point)) || distinct2.some((point) => G2.isZero(point))) return false;
  if (!distinct2.every((point) => inSubgroup(curve, point))) return false;
  if (key.protocol === "two-round") distinct2.push(generator2);
  if (coincide(distinct1, (a, b) => G1.eq(a, b), (a) => G1.neg(a))) return false;
  if (coincide(distinct2, (a, b) => G2.eq(a, b), (a) => G2.neg(a))) return false;
  for (const { g1, g2 } of pairs) {
    if (!(await pairingsEqual(curve, [[g1, G2.g]], [[G1.g, g2]]))) return false;
  }
  return true;
}

function affine(point: Uint8Array, size: number): Uint8Array {
  return point.slice(0, size);
}

type Same = (a: Uint8Array, b: Uint8Array) => boolean;

/** Whether two of the points are equal up to sign. */
function coincide(points: readonly Uint8Array[], same: Same, negate: (a: Uint8Array) => Uint8Array): boolean {
  return points.some((a, i) => points.slice(i + 1).some((b) => same(a, b) || same(a, negate(b))));
}

/**
 * The audit points are L_j(tau)·G for one tau, and [tau]_2 is that tau's. Let φ(f) = Σ f(ω^j)·L_j, linear in f. Tested:
 * φ(1) = G, and φ(X·f) = tau·φ(f) for a random f of degree < n − 1; so φ(X^k) = tau^k·G for all k < n, that is, φ is
 * evaluation at tau. Random values v_j at j > 0 fix f; v_0 = −Σ_{j>0} v_j ω^j makes the coefficient of X^(n−1) vanish.
 */
export async function basisIsLagrange({ curve, r1cs, points }: BasisSubject): Promise<boolean> {
  const { G1, G2 } = curve;
  const size = 2 ** domainPower(r1cs);
  if (G2.isZero(points.tau2) || !inSubgroup(curve, points.tau2)) return false;
  const one = await sumG1(curve, points.basis, new Uint8Array(size).fill(1));
  if (!G1.eq(one, G1.g)) return false;

  const random = randomVector(size - 1);
  const shifted = timesPowers(random.values, rootOfUnity(domainPower(r1cs)));
  const first = (R - (shifted.reduce((sum, value) => sum + value, 0n) % R)) % R;
  const value = G1.add(
    await sumG1(curve, points.basis.slice(G1_BYTES), random.bytes),
    G1.timesScalar(points.basis.slice(0, G1_BYTES), encodeScalars([first])),
  );
  const valueTimesX = await sumG1(curve, points.basis, [first, ...shifted]);
  return pairingsEqual(curve, [[valueTimesX, G2.g]], [[value, points.tau2]]);
}

/** values[i] · root^(i+1). */
function timesPowers(values: readonly bigint[], root: bigint): bigint[] {
  let factor = 1n;
  return values.map((value) => {
    factor = (factor * root) % R;
    return (value * factor) % R;
  });
}

/**
 * [tau^n − 1]_2 by e([tau^(n−1)]_1, [tau]_2), where X^(n−1) is ω^(−j) on the domain; and tau is not in the domain
 * (tau^n = 1) nor in the coset of H (tau^n = −1), where the key would degenerate and tau be known to all.
 */
export async function vanishingMatches({ curve, r1cs, points }: AuditSubject): Promise<boolean> {
  const { G1, G2 } = curve;
  const size = 2 ** domainPower(r1cs);
  const { vanishing2 } = points;
  const minusTwo = G2.neg(G2.add(G2.g, G2.g));
  if (G2.isZero(vanishing2) || G2.eq(vanishing2, minusTwo) || !inSubgroup(curve, vanishing2)) return false;
  const powers = timesPowers(new Array<bigint>(size - 1).fill(1n), inverse(rootOfUnity(domainPower(r1cs))));
  const lastPower = await sumG1(curve, points.basis, [1n, ...powers]);
  return pairingsEqual(curve, [[lastPower, points.tau2]], [[G1.g, G2.add(vanishing2, G2.g)]]);
}

/**
 * H_i·delta1 = L'_{2i+1}(tau), the odd part of the Lagrange basis over 2n points: Σ η_i L'_{2i+1} is the polynomial of
 * degree < 2n that is η_i at the odd points and 0 on the domain, so it is u·Z with u = η_i/Z = −η_i/2 at the odd points.
 */
export async function hMatches({ curve, r1cs, key, points }: AuditSubject): Promise<boolean> {
  const power = domainPower(r1cs);
  const random = randomVector(2 ** power);
  const combined = await sumG1(curve, key.h, random.bytes);
  const values = await fromCoset(curve, random.values, rootOfUnity(power + 1), R - inverse(2n));
  const quotient = await sumG1(curve, points.basis, values);
  return pairingsEqual(curve, [[combined, key.delta1.g2]], [[quotient, points.vanishing2]]);
}

/** A section of K_i points: the wires that it covers and what divides them. */
export interface KSection {
  readonly from: number;
  readonly to: number;
  readonly points: Uint8Array;
  readonly divisor: Uint8Array;
}

/** IC, then one section a round; together they cover all wires once. */
function kSections(key: ProvingKey): readonly KSection[] {
  const publics = key.publicCount + 1;
  const sections: KSection[] = [
    { from: 0, to: publics, points: key.ic, divisor: key.gamma2 },
    { from: publics, to: key.firstRoundOneWire, points: key.k0, divisor: (key.delta0 ?? key.delta1).g2 },
  ];
  if (key.protocol === "two-round") {
    sections.push({ from: key.firstRoundOneWire, to: key.wireCount, points: key.k1, divisor: key.delta1.g2 });
  }
  return sections;
}

/** The key's sections combined with one random coefficient a wire, the wires of each K section apart. */
export interface Combined {
  readonly random: RandomVector;
  readonly parts: readonly Part[];
}

interface Part {
  readonly section: KSection;
  readonly a: Uint8Array;
  readonly b1: Uint8Array;
  /** Undefined when a point lies outside the subgroup. */
  readonly b2: Uint8Array | undefined;
  readonly k: Uint8Array;
}

export async function combine({ curve, r1cs, key }: KeySubject): Promise<Combined> {
  const random = randomVector(r1cs.wireCount);
  const width = random.bytes.byteLength / r1cs.wireCount;
  const parts: Part[] = [];
  for (const section of kSections(key)) {
    const { from, to } = section;
    const scalars = random.bytes.slice(from * width, to * width);
    parts.push({
      section,
      a: await sumG1(curve, key.a.slice(from * G1_BYTES, to * G1_BYTES), scalars),
      b1: await sumG1(curve, key.b1.slice(from * G1_BYTES, to * G1_BYTES), scalars),
      b2: await subgroupSumG2(curve, key.b2.slice(from * G2_BYTES, to * G2_BYTES), scalars),
      k: await sumG1(curve, section.points, scalars),
    });
  }
  return { random, parts };
}

/** Σ ρ_i A_i = Σ_j (A·ρ)_j L_j, the rows of the public signals included. */
export async function aMatches(subject: KeySubject, { random, parts }: Combined): Promise<boolean> {
  const { curve, r1cs, points } = subject;
  const rows = rowSums(r1cs.a, signedCoefficients(r1cs), 2 ** domainPower(r1cs), random.values);
  for (let s = 0; s < publicRowCount(r1cs); s++) rows[publicRow(r1cs, s)] = random.values[s];
  return curve.G1.eq(await sumG1(curve, points.basis, rows), total(curve, parts.map(({ a }) => a)));
}

/** Σ ρ_i B1_i = Σ_j (B·ρ)_j L_j. */
export async function b1Matches(subject: KeySubject, { random, parts }: Combined): Promise<boolean> {
  const { curve, r1cs, points } = subject;
  const rows = rowSums(r1cs.b, signedCoefficients(r1cs), 2 ** domainPower(r1cs), random.values);
  return curve.G1.eq(await sumG1(curve, points.basis, rows), total(curve, parts.map(({ b1 }) => b1)));
}

function total(curve: Curve, points: readonly Uint8Array[]): Uint8Array {
  return points.reduce((sum, point) => curve.G1.add(sum, point), curve.G1.zero);
}

/** B2 has the logarithms of B1, part by part because the K sections rely on each. */
export async function b2Matches({ curve }: KeySubject, { parts }: Combined): Promise<boolean> {
  for (const { b1, b2 } of parts) {
    if (b2 === undefined || !(await pairingsEqual(curve, [[b1, curve.G2.g]], [[curve.G1.g, b2]]))) return false;
  }
  return true;
}

/** K_i = beta·A_i + alpha·B_i + C_i over the divisor of their section, by its index in {@link kSections}. */
export async function kMatches({ curve, r1cs, key, points }: KeySubject, combined: Combined, index: number): Promise<boolean> {
  const { section: { from, to, divisor }, a, b2, k } = combined.parts[index];
  if (b2 === undefined) return false;
  const chosen = combined.random.values.map((value, wire) => (wire >= from && wire < to ? value : 0n));
  const rows = rowSums(r1cs.c, signedCoefficients(r1cs), 2 ** domainPower(r1cs), chosen);
  const c = await sumG1(curve, points.basis, rows);
  return pairingsEqual(curve, [[k, divisor]], [[a, key.beta2], [key.alpha1, b2], [c, curve.G2.g]]);
}
