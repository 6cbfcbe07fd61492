/**
 * The two-round equations written down without any haste, to test keys by: a prover and a verifier over ffjavascript that
 * share neither transforms nor multi-exponentiations with src/; Lagrange values, roots of unity and random scalars are src's
 * (scalars.ts, tested on their own). Its challenge is a stand-in for the real one.
 */
import { createHash } from "node:crypto";
import type { Curve } from "ffjavascript";
import { R } from "../../src/math/field.js";
import type { ProvingKey } from "../../src/zk/keys/index.js";
import { encodeScalars, lagrangeValues, randomScalar, rootOfUnity } from "../../src/zk/keys/scalars.js";
import type { R1cs, SparseRows } from "../../src/zk/r1cs.js";

/** Points in Jacobian form; B in G2. */
export interface SlowProof {
  readonly c0: Uint8Array;
  readonly a: Uint8Array;
  readonly b: Uint8Array;
  readonly c1: Uint8Array;
}

type Group = Curve["G1"] | Curve["G2"];

const times = (group: Group, point: Uint8Array, scalar: bigint): Uint8Array => group.timesScalar(point, encodeScalars([scalar % R]));
const sum = (group: Group, points: readonly Uint8Array[]): Uint8Array => points.reduce((total, point) => group.add(total, point), group.zero);

/** Σ values_i · points_i. */
function combination(group: Group, points: Uint8Array, size: number, values: readonly bigint[]): Uint8Array {
  return sum(group, values.map((value, i) => times(group, points.slice(i * size, (i + 1) * size), value)));
}

export function challengeOf(curve: Curve, c0: Uint8Array, publics: readonly bigint[]): bigint {
  const hash = createHash("sha256").update(curve.G1.toAffine(c0)).update(encodeScalars(publics)).digest("hex");
  return BigInt(`0x${hash}`) % R;
}

export interface Commitment {
  readonly c0: Uint8Array;
  readonly r0: bigint;
}

/** C0 of the wires of round 0. */
export function commit({ G1 }: Curve, key: ProvingKey, roundZero: readonly bigint[]): Commitment {
  const r0 = randomScalar();
  return { r0, c0: G1.add(combination(G1, key.k0, 64, roundZero), times(G1, key.delta1.g1, r0)) };
}

/** The proof for a whole witness, valid or not. */
export function respond({ G1, G2 }: Curve, key: ProvingKey, r1cs: R1cs, witness: readonly bigint[], { c0, r0 }: Commitment): SlowProof {
  if (key.delta0 === undefined) throw new Error("not a two-round key");
  const [r, s] = [randomScalar(), randomScalar()];
  const a = sum(G1, [key.alpha1, combination(G1, key.a, 64, witness), times(G1, key.delta1.g1, r)]);
  const b1 = sum(G1, [key.beta1, combination(G1, key.b1, 64, witness), times(G1, key.delta1.g1, s)]);
  const b = sum(G2, [key.beta2, combination(G2, key.b2, 128, witness), times(G2, key.delta1.g2, s)]);
  const c1 = sum(G1, [
    combination(G1, key.k1, 64, witness.slice(key.firstRoundOneWire)),
    combination(G1, key.h, 64, quotient(r1cs, key.domainPower, witness)),
    times(G1, a, s), times(G1, b1, r), times(G1, key.delta1.g1, R - ((r * s) % R)), times(G1, key.delta0.g1, R - r0),
  ]);
  return { c0, a, b, c1 };
}

/** A·B − C on the odd coset, by interpolation point by point. */
function quotient(r1cs: R1cs, domainPower: number, witness: readonly bigint[]): bigint[] {
  const size = 2 ** domainPower;
  const publicRows = witness.slice(0, r1cs.publicOutputCount + r1cs.publicInputCount + 1);
  const a = [...rowValues(r1cs, r1cs.a, witness), ...publicRows];
  const [b, c] = [rowValues(r1cs, r1cs.b, witness), rowValues(r1cs, r1cs.c, witness)];
  let x = rootOfUnity(domainPower + 1);
  return Array.from({ length: size }, () => {
    const basis = lagrangeValues(size, rootOfUnity(domainPower), 1n, x);
    const at = (values: readonly bigint[]): bigint => values.reduce((total, value, i) => total + value * basis[i], 0n);
    const value = at(a) * at(b) - at(c);
    x = (x * rootOfUnity(domainPower)) % R;
    return ((value % R) + R) % R;
  });
}

function rowValues(r1cs: R1cs, rows: SparseRows, witness: readonly bigint[]): bigint[] {
  return Array.from({ length: r1cs.constraintCount }, (_, row) => {
    let total = 0n;
    for (let k = rows.offsets[row]; k < rows.offsets[row + 1]; k++) total += r1cs.coefficients[rows.coefficients[k]] * witness[rows.wires[k]];
    return total % R;
  });
}

/** e(A,B) = e(alpha,beta)·e(IC,gamma)·e(C0,delta0)·e(C1,delta1); `publics` includes the challenges. */
export async function equationHolds(curve: Curve, key: ProvingKey, publics: readonly bigint[], proof: SlowProof): Promise<boolean> {
  if (key.delta0 === undefined) throw new Error("not a two-round key");
  const { G1 } = curve;
  const ic = combination(G1, key.ic, 64, [1n, ...publics]);
  return curve.pairingEq(
    G1.neg(proof.a), proof.b, key.alpha1, key.beta2, ic, key.gamma2, proof.c0, key.delta0.g2, proof.c1, key.delta1.g2,
  );
}
