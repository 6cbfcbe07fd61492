/** Verification off chain of two-round proofs, by the equation that the contract checks (prover/prover.ts states it). */
import type { Curve, G1Coordinates, G2Coordinates } from "ffjavascript";
import { FIELD_BYTES, R, writeFieldLE } from "../math/field.js";
import { challengesOf, encodeKey, keyHash, pointG1, type SetupKind, type TwoRoundProof, type TwoRoundVerificationKey } from "./keyEncoding.js";
import { threadedCurve } from "./keys/index.js";

/** @param publicSignals canonical, the challenges last; these are recomputed and compared, never believed */
export async function verifyTwoRound(
  key: TwoRoundVerificationKey,
  proof: TwoRoundProof,
  publicSignals: readonly string[],
  setup: SetupKind,
): Promise<boolean> {
  const signals = publicSignals.map(BigInt);
  const bound = signals.slice(0, key.nPublic - key.challenges);
  const expected = challengesOf(keyHash(encodeKey(key, setup)), pointG1(proof.pi_c0, "pi_c0"), bound, key.challenges);
  if (expected.some((challenge, i) => challenge !== signals[bound.length + i])) return false;
  const curve = await threadedCurve();
  const points = proofPoints(curve, key, proof);
  if (points === undefined) return false;
  const { a, b, c0, c1, alpha, beta, gamma, delta0, delta1, ic } = points;
  const sum = await combine(curve, ic, signals);
  return curve.pairingEq(curve.G1.neg(a), b, alpha, beta, sum, gamma, c0, delta0, c1, delta1);
}

interface Points {
  readonly a: Uint8Array;
  readonly b: Uint8Array;
  readonly c0: Uint8Array;
  readonly c1: Uint8Array;
  readonly alpha: Uint8Array;
  readonly beta: Uint8Array;
  readonly gamma: Uint8Array;
  readonly delta0: Uint8Array;
  readonly delta1: Uint8Array;
  readonly ic: readonly Uint8Array[];
}

/** Undefined where a point is not on its curve, or not in the group of order r. */
function proofPoints(curve: Curve, key: TwoRoundVerificationKey, proof: TwoRoundProof): Points | undefined {
  const { G1, G2 } = curve;
  const g1 = (point: readonly string[]): Uint8Array => G1.fromObject(point.map(BigInt) as G1Coordinates);
  const g2 = (point: readonly (readonly string[])[]): Uint8Array => G2.fromObject(point.map((pair) => pair.map(BigInt)) as G2Coordinates);
  const points = {
    a: g1(proof.pi_a),
    b: g2(proof.pi_b),
    c0: g1(proof.pi_c0),
    c1: g1(proof.pi_c1),
    alpha: g1(key.vk_alpha_1),
    beta: g2(key.vk_beta_2),
    gamma: g2(key.vk_gamma_2),
    delta0: g2(key.vk_delta0_2),
    delta1: g2(key.vk_delta1_2),
    ic: key.IC.map(g1),
  };
  const inG1 = [points.a, points.c0, points.c1, points.alpha, ...points.ic].every((point) => G1.isValid(point));
  // G1 has prime order; G2's curve does not.
  const inG2 = [points.b, points.beta, points.gamma, points.delta0, points.delta1].every((point) => G2.isValid(point) && hasOrderR(curve, point));
  return inG1 && inG2 ? points : undefined;
}

function hasOrderR({ G2 }: Curve, point: Uint8Array): boolean {
  const order = new Uint8Array(FIELD_BYTES);
  writeFieldLE(order, 0, R);
  return G2.isZero(G2.timesScalar(point, order));
}

/** IC_0 + Σ signal_i · IC_{i+1}. */
async function combine({ G1 }: Curve, ic: readonly Uint8Array[], signals: readonly bigint[]): Promise<Uint8Array> {
  const [constant, ...rest] = ic.map((point) => G1.toAffine(point));
  const bases = new Uint8Array(rest.reduce((length, point) => length + point.length, 0));
  const scalars = new Uint8Array(signals.length * FIELD_BYTES);
  rest.forEach((point, i) => {
    bases.set(point, i * point.length);
  });
  signals.forEach((signal, i) => writeFieldLE(scalars, i * FIELD_BYTES, signal));
  return G1.add(constant, await G1.multiExpAffine(bases, scalars));
}
