/**
 * Proofs of knowledge of a contribution's factors, after Bowe, Gabizon, Miers: "Scalable Multi-party Computation for zk-SNARK
 * Parameters in the Random Beacon Model" (ePrint 2017/1050, section 3), with the groups exchanged: a secret's points are
 * chained in G2, so the challenge point R lies in G1, where hashing is simple and gamma needs no point.
 *
 * A factor x turns a secret's point P into P' = x·P; the proof is x·R, where nobody knows R's logarithm and R depends on the
 * entry's statement, P' included. Accepted iff e(x·R, P) = e(R, P'). A proof of somebody else's, or of another place in the
 * transcript, answers to another R. For the deltas the points in G1 must have the logarithms of those in G2.
 */
import type { Curve } from "ffjavascript";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { P, R } from "../../math/field.js";
import { firstBadPoint } from "../keys/pointChecks.js";
import { inSubgroup, pairingsEqual } from "../keys/groupSums.js";
import { encodeScalars, randomScalar } from "../keys/scalars.js";
import { WasmCurve } from "../keys/wasmCurve.js";
import { G1_BYTES, G2_BYTES } from "../keys/zkeyFile.js";
import { SECRETS, type SecretName } from "./secretNames.js";
import type { SecretUpdate } from "./transcript.js";

/** A secret's points; gamma has none in G1. */
export interface SecretPoints {
  readonly g1: Uint8Array | undefined;
  readonly g2: Uint8Array;
}

export type Factors = Readonly<Record<SecretName, bigint>>;

/** Of an initial key: every secret is 1. */
export function unitSecrets({ G1, G2 }: Curve): Record<SecretName, SecretPoints> {
  const [g1, g2] = [G1.g.slice(0, G1_BYTES), G2.g.slice(0, G2_BYTES)];
  return { gamma: { g1: undefined, g2 }, delta0: { g1, g2 }, delta1: { g1, g2 } };
}

/** Fresh from the operating system. */
export function drawFactors(): Record<SecretName, bigint> {
  return { gamma: drawFactor(), delta0: drawFactor(), delta1: drawFactor() };
}

function drawFactor(): bigint {
  for (;;) {
    const factor = randomScalar();
    if (isFactor(factor)) return factor;
  }
}

/** 0 and ±1 leave a secret known, or as it was. */
export function isFactor(value: bigint): boolean {
  return value % R > 1n && value !== R - 1n;
}

export function timesFactor({ G1, G2 }: Curve, { g1, g2 }: SecretPoints, factor: bigint): SecretPoints {
  const scalar = encodeScalars([factor]);
  return {
    g1: g1 === undefined ? undefined : G1.toAffine(G1.timesScalar(g1, scalar)),
    g2: G2.toAffine(G2.timesScalar(g2, scalar)),
  };
}

/** x·R. @param statement of the entry (transcript.ts) */
export function proveFactor(curve: Curve, statement: string, name: SecretName, factor: bigint): Uint8Array {
  return curve.G1.toAffine(curve.G1.timesScalar(challengePoint(curve, statement, name), encodeScalars([factor])));
}

/** R: the first x of keccak(domain, secret, statement, counter) on the curve y² = x³ + 3, y by a bit of the hash. */
function challengePoint({ G1 }: Curve, statement: string, name: SecretName): Uint8Array {
  for (let counter = 0; ; counter++) {
    const digest = keccak_256(new TextEncoder().encode(`assay.ceremony.proof.1 ${name} ${statement} ${counter.toString()}`));
    const hash = BigInt(`0x${Buffer.from(digest).toString("hex")}`);
    const x = (hash & ((1n << 254n) - 1n));
    if (x >= P) continue;
    const square = (x * x * x + 3n) % P;
    const root = powerOfP(square, (P + 1n) / 4n);
    if ((root * root) % P !== square || root === 0n) continue;
    return G1.toAffine(G1.fromObject([x, ((root ^ (hash >> 255n)) & 1n) === 0n ? root : P - root, 1n]));
  }
}

function powerOfP(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

/** The points that an entry states. @returns undefined when one is no point, infinity, or outside the subgroup */
export async function readSecrets(curve: Curve, secrets: Readonly<Record<SecretName, SecretUpdate>>): Promise<Record<SecretName, SecretPoints> | undefined> {
  const raw = await WasmCurve.create();
  const points: Partial<Record<SecretName, SecretPoints>> = {};
  for (const name of SECRETS) {
    const { g1, g2, proof } = secrets[name];
    const [first, second, third] = [g1, g2, proof].map((hex) => (hex === undefined ? undefined : fromHex(hex)));
    const inG1 = [first, third].every((point) => point === undefined || firstBadPoint(raw, "g1", point, false) < 0);
    if (second === undefined || !inG1 || firstBadPoint(raw, "g2", second, false) >= 0 || !inSubgroup(curve, second)) return undefined;
    points[name] = { g1: first, g2: second };
  }
  return points as Record<SecretName, SecretPoints>;
}

/** What is wrong with one secret's step; undefined if nothing. All points have passed {@link readSecrets}. */
export async function stepFault(
  curve: Curve, name: SecretName, before: SecretPoints, after: SecretPoints, proof: { readonly statement: string; readonly point: string } | undefined,
): Promise<string | undefined> {
  const { G1, G2 } = curve;
  if (G2.eq(before.g2, after.g2) || G2.eq(G2.neg(before.g2), after.g2)) return `${name} is left as it was, up to sign`;
  if (after.g1 !== undefined && !(await pairingsEqual(curve, [[after.g1, G2.g]], [[G1.g, after.g2]]))) return `${name} differs between G1 and G2`;
  if (proof === undefined) return undefined;
  const challenge = challengePoint(curve, proof.statement, name);
  const proven = await pairingsEqual(curve, [[fromHex(proof.point), before.g2]], [[challenge, after.g2]]);
  return proven ? undefined : `the proof of knowledge for ${name} does not hold`;
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.slice(2), "hex"));
}

