/**
 * Real two-round keys and proofs of a tiny circuit, by a prover that knows the setup's secrets: every point is a known
 * multiple of a generator, straight from the formulas. It refuses a witness that breaks a constraint, as the division by
 * the vanishing polynomial would.
 */

import { R } from "../../../src/math/field.js";
import { challengesOf, encodeKey, keyHash, type TwoRoundProof, type TwoRoundVerificationKey } from "../../../src/zk/keyEncoding.js";
import { Random } from "./random.js";
import { curve, type Curve, type Group } from "./toy.js";

/** Linear combination of wires: [wire, coefficient]. */
type Row = readonly (readonly [number, bigint])[];
interface Constraint {
  readonly a: Row;
  readonly b: Row;
  readonly c: Row;
}

interface ToyCircuit {
  readonly constraints: readonly Constraint[];
  /** Outputs, context, inputs, challenges; wire 0 is one, and the public wires follow it. */
  readonly publicCount: number;
  /** Private wires; those of round 0 come first. */
  readonly round0: readonly number[];
  readonly round1: readonly number[];
  readonly wireCount: number;
}

export interface TwoRoundFullProof {
  readonly proof: TwoRoundProof;
  /** The challenges included, as the prover chose them. */
  readonly publicSignals: readonly bigint[];
}

export type DrawChallenges = (c0: readonly [bigint, bigint]) => readonly bigint[];

export interface ProveOptions {
  /** How a cheating prover gets its challenges; by default as the verifier does. */
  readonly draw?: DrawChallenges;
  /** Commit to this multiple of the generator instead of to the first round, and make up for it in C1, as if delta0 = delta1. */
  readonly c0?: bigint;
}

export interface TwoRoundToy {
  readonly verificationKey: TwoRoundVerificationKey;
  /** Of the dev key. */
  readonly keyHash: string;
  /** Signals in public order, without challenges: output, context, inputs. */
  prove(signals: readonly bigint[], options?: ProveOptions): Promise<TwoRoundFullProof>;
}

export interface TwoRoundToyOptions {
  readonly inputs: number;
  readonly challenges?: 1 | 2;
  readonly seed?: number;
  /** A broken setup with delta0 = delta1. */
  readonly equalDeltas?: boolean;
}

export async function makeTwoRoundToy({ inputs, challenges = 1, seed = 1, equalDeltas = false }: TwoRoundToyOptions): Promise<TwoRoundToy> {
  const { G1, G2, Fr } = await curve();
  const g1 = (scalar: bigint): string[] => affine(G1, scalar, Fr).map(String);
  const g2 = (scalar: bigint): string[][] => affine(G2, scalar, Fr).map((pair) => pair.map(String));
  const random = new Random(seed);
  const [tau, alpha, beta, gamma, delta0, other] = Array.from({ length: 6 }, () => random.field());
  const delta1 = equalDeltas ? delta0 : other;

  const circuit = toyCircuit(inputs, challenges);
  const qap = evaluateQap(circuit, tau);
  const k = qap.a.map((a, i) => modulo(beta * a + alpha * qap.b[i] + qap.c[i]));
  const verificationKey: TwoRoundVerificationKey = {
    protocol: "two-round",
    curve: "bn128",
    nPublic: circuit.publicCount,
    challenges,
    vk_alpha_1: g1(alpha),
    vk_beta_2: g2(beta),
    vk_gamma_2: g2(gamma),
    vk_delta0_2: g2(delta0),
    vk_delta1_2: g2(delta1),
    IC: k.slice(0, circuit.publicCount + 1).map((value) => g1(value * inverse(gamma))),
  };
  const hash = keyHash(encodeKey(verificationKey, "dev"));

  const prove = (signals: readonly bigint[], options: ProveOptions = {}): TwoRoundFullProof => {
    const [r, s, r0] = [random.field(), random.field(), random.field()];
    const sum = (wires: readonly number[], witness: readonly bigint[]): bigint => wires.reduce((acc, i) => acc + witness[i] * k[i], 0n);
    const round0 = firstRound(signals, challenges);
    const honest = modulo(sum(circuit.round0, round0) * inverse(delta0) + r0 * delta1);
    const c0 = options.c0 ?? honest;
    const pi_c0 = g1(c0);
    const draw = options.draw ?? ((point) => challengesOf(hash, point, signals, challenges));
    const drawn = draw([BigInt(pi_c0[0]), BigInt(pi_c0[1])]);
    const witness = secondRound(round0, signals.length, drawn);
    assertSatisfied(circuit.constraints, witness);

    const [at, bt, ct] = [qap.a, qap.b, qap.c].map((column) => modulo(column.reduce((acc, value, i) => acc + value * witness[i], 0n)));
    const a = modulo(alpha + at + r * delta1);
    const b = modulo(beta + bt + s * delta1);
    // H(tau) Z(tau) = A(tau) B(tau) - C(tau), with alpha and beta left out.
    const c1 = (sum(circuit.round1, witness) + at * bt - ct) * inverse(delta1) + s * a + r * b - r * s * delta1 - r0 * delta0;
    const proof = { protocol: "two-round", curve: "bn128", pi_a: g1(a), pi_b: g2(b), pi_c0, pi_c1: g1(c1 + honest - c0) } as const;
    return { proof, publicSignals: [...signals, ...drawn] };
  };
  return { verificationKey, keyHash: hash, prove: (...args) => Promise.resolve(prove(...args)) };
}

/** Whether the pairing equation holds, challenges taken as given. */
export async function equationHolds(vk: TwoRoundVerificationKey, { proof, publicSignals }: TwoRoundFullProof): Promise<boolean> {
  const bn254 = await curve();
  const { G1, G2, Fr } = bn254;
  const p1 = (point: readonly string[]): Uint8Array => G1.fromObject(point.map(BigInt));
  const p2 = (point: readonly (readonly string[])[]): Uint8Array => G2.fromObject(point.map((pair) => pair.map(BigInt)));
  const ic = publicSignals.reduce((sum, signal, i) => G1.add(sum, G1.timesFr(p1(vk.IC[i + 1]), Fr.e(signal))), p1(vk.IC[0]));
  return bn254.pairingEq(
    ...[G1.neg(p1(proof.pi_a)), p2(proof.pi_b), p1(vk.vk_alpha_1), p2(vk.vk_beta_2), ic, p2(vk.vk_gamma_2)],
    ...[p1(proof.pi_c0), p2(vk.vk_delta0_2), p1(proof.pi_c1), p2(vk.vk_delta1_2)],
  );
}

/** x = output + 3 · first input and its square are of round 0; the inverse of challenge - x, as in a lookup, is of round 1. */
function toyCircuit(inputs: number, challenges: 1 | 2): ToyCircuit {
  const publicCount = 2 + inputs + challenges;
  const [one, output, firstInput, challenge] = [0, 1, 3, publicCount + 1 - challenges];
  const [x, square, inv, inv2] = [1, 2, 3, 4].map((i) => publicCount + i);
  const constraints: Constraint[] = [
    { a: [[x, 1n]], b: [[one, 1n]], c: [[output, 1n], [firstInput, 3n]] },
    { a: [[x, 1n]], b: [[x, 1n]], c: [[square, 1n]] },
    { a: [[inv, 1n]], b: [[challenge, 1n], [x, -1n]], c: [[one, 1n]] },
  ];
  if (challenges === 2) constraints.push({ a: [[inv2, 1n]], b: [[challenge + 1, 1n], [square, -1n]], c: [[inv, 1n]] });
  // A row of its own for every public wire, as snarkjs adds it.
  for (let wire = 0; wire <= publicCount; wire++) constraints.push({ a: [[wire, 1n]], b: [], c: [] });
  const round1 = challenges === 2 ? [inv, inv2] : [inv];
  return { constraints, publicCount, round0: [x, square], round1, wireCount: publicCount + 3 + round1.length };
}

/** The witness before the challenges, which are zero in it as everything of round 1. */
function firstRound(signals: readonly bigint[], challenges: number): bigint[] {
  const x = modulo(signals[0] + 3n * signals[2]);
  return [1n, ...signals, ...Array<bigint>(challenges).fill(0n), x, modulo(x * x), ...Array<bigint>(challenges).fill(0n)];
}

function secondRound(round0: readonly bigint[], signals: number, challenges: readonly bigint[]): bigint[] {
  const witness = [...round0];
  const x = 1 + signals + challenges.length;
  challenges.forEach((value, j) => (witness[1 + signals + j] = value));
  witness[x + 2] = inverse(challenges[0] - witness[x]);
  if (challenges.length === 2) witness[x + 3] = modulo(witness[x + 2] * inverse(challenges[1] - witness[x + 1]));
  return witness;
}

function assertSatisfied(constraints: readonly Constraint[], witness: readonly bigint[]): void {
  const value = (row: Row): bigint => row.reduce((sum, [wire, factor]) => sum + factor * witness[wire], 0n);
  constraints.forEach(({ a, b, c }, i) => {
    if (modulo(value(a) * value(b) - value(c)) !== 0n) throw new Error(`constraint ${i} is violated`);
  });
}

/** Every wire's A, B and C at tau; the constraints are interpolated at 1, 2, 3, ... */
function evaluateQap({ constraints, wireCount }: ToyCircuit, tau: bigint): Record<"a" | "b" | "c", bigint[]> {
  const columns = { a: Array<bigint>(wireCount).fill(0n), b: Array<bigint>(wireCount).fill(0n), c: Array<bigint>(wireCount).fill(0n) };
  const points = constraints.map((_, j) => BigInt(j + 1));
  constraints.forEach((constraint, j) => {
    const others = points.filter((_, m) => m !== j);
    const [above, below] = [tau, points[j]].map((at) => others.reduce((product, point) => modulo(product * (at - point)), 1n));
    const lagrange = above * inverse(below);
    for (const name of ["a", "b", "c"] as const) {
      for (const [wire, factor] of constraint[name]) columns[name][wire] = modulo(columns[name][wire] + factor * lagrange);
    }
  });
  return columns;
}

function affine<C>(group: Group<C>, scalar: bigint, field: Curve["Fr"]): C[] {
  return group.toObject(group.toAffine(group.timesFr(group.g, field.e(modulo(scalar)))));
}

function modulo(value: bigint): bigint {
  return ((value % R) + R) % R;
}

/** By Fermat's little theorem. */
function inverse(value: bigint): bigint {
  let result = 1n;
  for (let rest = R - 2n, base = modulo(value); rest > 0n; rest >>= 1n, base = (base * base) % R) {
    if (rest & 1n) result = (result * base) % R;
  }
  return result;
}
