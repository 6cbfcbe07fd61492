/**
 * Whether a ceremony's key is what the circuit, the powers of tau and the key's own gamma and deltas make it: every point of
 * every section, by random combinations (keys/auditChecks.ts has the equations; an error of 2^-128 each). The powers of tau are
 * taken as given, but for what a damaged file would show.
 */
import type { Curve } from "ffjavascript";
import type { R1cs } from "../r1cs.js";
import { domainPower } from "../r1cs.js";
import {
  aMatches, b1Matches, b2Matches, basisIsLagrange, coefficientsMatch, combine, kMatches, type KeySubject, secretsAreSound,
} from "../keys/auditChecks.js";
import { findBadPoint, pointsOf } from "../keys/auditKey.js";
import { inSubgroup, pairingsEqual, randomVector, sumG1 } from "../keys/groupSums.js";
import type { ProvingKey } from "../keys/provingKey.js";
import { encodeScalars } from "../keys/scalars.js";
import type { PtauPoints } from "./powersOfTau.js";

/** One thing that has to hold for a ceremony's key, and whether it does. */
export interface CeremonyCheck {
  /** The part of the transcript or the key. */
  readonly name: string;
  /** Where it has not, `detail` says why. */
  readonly passed: boolean;
  /** What is wrong. */
  readonly detail?: string;
}

export interface CeremonyKey {
  readonly curve: Curve;
  readonly r1cs: R1cs;
  readonly key: ProvingKey;
  /** Section 4 of a .zkey. */
  readonly coefficients?: Uint8Array;
  readonly ptau: PtauPoints;
}

export function checked(name: string, fault: string | undefined): CeremonyCheck {
  return fault === undefined ? { name, passed: true } : { name, passed: false, detail: fault };
}

/** Whether the parts of the .ptau that keys are made of belong to one tau. @returns what is wrong */
export async function ptauFault(curve: Curve, r1cs: R1cs, ptau: PtauPoints): Promise<string | undefined> {
  if (!inSubgroup(curve, ptau.beta2)) return "its beta lies outside the group";
  if (!(await basisIsLagrange({ curve, r1cs, points: ptau }))) return "its Lagrange basis does not belong to its tau";
  return (await doublingMatches(curve, r1cs, ptau)) ? undefined : "its Lagrange bases of n and 2n points do not agree";
}

/** Σ v_j L_j is the polynomial of the values v; over 2n points it has these at even ones, and at odd ones those of the coset. */
async function doublingMatches(curve: Curve, r1cs: R1cs, { basis, even, odd }: PtauPoints): Promise<boolean> {
  const { Fr, G1 } = curve;
  const power = domainPower(r1cs);
  const random = randomVector(2 ** power);
  const coefficients = await Fr.ifft(await Fr.batchToMontgomery(encodeScalars(random.values)));
  const coset = await Fr.batchFromMontgomery(await Fr.fft(await Fr.batchApplyKey(coefficients, Fr.e(1n), Fr.w[power + 1])));
  const doubled = G1.add(await sumG1(curve, even, random.bytes), await sumG1(curve, odd, coset));
  return G1.eq(await sumG1(curve, basis, random.bytes), doubled);
}

/** Every equation of the key, in order; a bad point ends the checks. */
export async function checkKeySections({ curve, r1cs, key, coefficients, ptau }: CeremonyKey): Promise<CeremonyCheck[]> {
  const badPoint = await findBadPoint(pointsOf(key));
  if (badPoint !== undefined) return [checked("points", badPoint)];
  const subject: KeySubject = { curve, r1cs, key, points: ptau };
  const fault = (name: string, passed: boolean, detail: string): CeremonyCheck => checked(name, passed ? undefined : detail);
  const combined = await combine(subject);
  const kNames = key.protocol === "groth16" ? ["IC", "L"] : ["IC", "K0", "K1"];
  const section = (name: string, passed: boolean): CeremonyCheck => fault(`section ${name}`, passed, "it does not follow from the circuit, the powers of tau and the key's secrets");
  return [
    checked("points", undefined),
    fault("alpha and beta", sameStart(curve, key, ptau), "they are not those of the powers of tau"),
    ...(coefficients === undefined ? [] : [section("of coefficients", coefficientsMatch(r1cs, coefficients))]),
    section("A", await aMatches(subject, combined)),
    section("B1", await b1Matches(subject, combined)),
    section("B2", await b2Matches(subject, combined)),
    ...(await Promise.all(kNames.map(async (name, i) => section(name, await kMatches(subject, combined, i))))),
    section("H", await hMatches(curve, key, ptau)),
  ];
}

/** Whether gamma and the deltas are unknown and independent as far as anyone can see. */
export async function secretsCheck(curve: Curve, key: ProvingKey): Promise<CeremonyCheck> {
  const sound = await secretsAreSound({ curve, key });
  return checked("gamma and deltas", sound ? undefined : "they are inconsistent, or two of them or of 1, alpha and beta coincide up to sign: anybody could forge");
}

function sameStart({ G1, G2 }: Curve, key: ProvingKey, ptau: PtauPoints): boolean {
  return G1.eq(key.alpha1, ptau.alpha1) && G1.eq(key.beta1, ptau.beta1) && G2.eq(key.beta2, ptau.beta2);
}

/** H_j·delta1 = L'_{2j+1}(tau). */
async function hMatches(curve: Curve, key: ProvingKey, ptau: PtauPoints): Promise<boolean> {
  const { bytes } = randomVector(key.h.byteLength / 64);
  return pairingsEqual(curve, [[await sumG1(curve, key.h, bytes), key.delta1.g2]], [[await sumG1(curve, ptau.odd, bytes), curve.G2.g]]);
}
