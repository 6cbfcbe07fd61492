/**
 * The two-round prover's equations once more, written to cheat with: it commits to whatever wires it likes, takes its
 * challenge from anywhere, and proves witnesses that break constraints. No width classes, no checks. prover/prover.ts states
 * the equations; the point at which it lies is chosen by the caller.
 */
import type { Curve, G1Coordinates, G2Coordinates, WasmGroup } from "ffjavascript";
import { FIELD_BYTES, R, readFieldLE, toField, writeFieldLE } from "../../../src/math/field.js";
import type { AssembledConstraints } from "../../../src/zk/circuit/assembler.js";
import { challengesOf, encodeKey, keyHash, type TwoRoundProof, type TwoRoundVerificationKey } from "../../../src/zk/keyEncoding.js";
import type { ProvingKey } from "../../../src/zk/keys/index.js";
import { publicCount } from "../../../src/zk/r1cs.js";
import { SeededRandom } from "../../support/random.js";
import { dot, type Row, rowsOf } from "../../support/rowAlgebra.js";

export interface Commitment {
  readonly c0: Uint8Array;
  readonly r0: bigint;
}

/** Where the cheater puts the wires. Each wire has one point in the key: K/delta0 up to round 1, K/delta1 from there on. */
export interface Placement {
  /** Wires in C0; default: round 0. */
  readonly inC0?: readonly number[];
  /** Wires in C1; default: round 1. */
  readonly inC1?: readonly number[];
}

export class CheatingProver {
  readonly hash: string;
  readonly #rows: readonly Row[];
  readonly #random: SeededRandom;

  constructor(
    readonly curve: Curve,
    circuit: Pick<AssembledConstraints, "r1cs">,
    private readonly key: ProvingKey,
    readonly verificationKey: TwoRoundVerificationKey,
    seed: number,
  ) {
    this.hash = keyHash(encodeKey(verificationKey, "dev"));
    this.#rows = rowsOf(circuit.r1cs);
    this.#random = new SeededRandom(seed);
    if (publicCount(circuit.r1cs) !== key.publicCount) throw new Error("the key is of another circuit");
  }

  get roundZero(): number[] {
    return wiresFrom(this.key.publicCount + 1, this.key.firstRoundOneWire);
  }

  get roundOne(): number[] {
    return wiresFrom(this.key.firstRoundOneWire, this.key.wireCount);
  }

  /** C0 of these values, blinded. */
  async commit(values: readonly bigint[], { inC0 = this.roundZero }: Placement = {}, r0 = this.#random.field()): Promise<Commitment> {
    const { G1 } = this.curve;
    return { r0, c0: G1.add(await this.#committed(inC0, values), times(G1, this.key.delta1.g1, r0)) };
  }

  /** The verifier's challenge. */
  challenge({ c0 }: Commitment, bound: readonly bigint[]): bigint {
    return challengesOf(this.hash, this.coordinates(c0), bound, 1)[0];
  }

  coordinates(point: Uint8Array): [bigint, bigint] {
    const { G1 } = this.curve;
    const [x, y] = G1.toObject(G1.toAffine(point));
    return [x, y];
  }

  /** The rest of the proof for a whole witness, valid or not. */
  async respond(values: readonly bigint[], { c0, r0 }: Commitment, { inC1 = this.roundOne }: Placement = {}): Promise<TwoRoundProof> {
    const { G1, G2 } = this.curve;
    const { alpha1, beta1, beta2, delta0, delta1 } = this.key;
    if (delta0 === undefined) throw new Error("not a two-round key");
    const [r, s] = [this.#random.field(), this.#random.field()];
    const all = wiresFrom(0, this.key.wireCount);
    const a = G1.add(G1.add(await sum(G1, this.key.a, 64, 0, all, values), alpha1), times(G1, delta1.g1, r));
    const b1 = G1.add(G1.add(await sum(G1, this.key.b1, 64, 0, all, values), beta1), times(G1, delta1.g1, s));
    const b = G2.add(G2.add(await sum(G2, this.key.b2, 128, 0, all, values), beta2), times(G2, delta1.g2, s));
    const h = await this.#quotient(values);
    const parts = [
      await this.#committed(inC1, values),
      await sum(G1, this.key.h, 64, 0, wiresFrom(0, h.length), h),
      times(G1, a, s), times(G1, b1, r), times(G1, delta1.g1, -r * s), times(G1, delta0.g1, -r0),
    ];
    return this.proof({ a, b, c0, c1: parts.reduce((total, part) => G1.add(total, part)) });
  }

  proof({ a, b, c0, c1 }: { readonly a: Uint8Array; readonly b: Uint8Array; readonly c0: Uint8Array; readonly c1: Uint8Array }): TwoRoundProof {
    const { G1, G2 } = this.curve;
    const g1 = (point: Uint8Array): string[] => G1.toObject(G1.toAffine(point)).map(String);
    const g2 = G2.toObject(G2.toAffine(b)).map((pair) => pair.map(String));
    return { protocol: "two-round", curve: "bn128", pi_a: g1(a), pi_b: g2, pi_c0: g1(c0), pi_c1: g1(c1) };
  }

  /** The pairing equation alone, the challenge taken as it is given: what a verifier that believed the prover would check. */
  async equationHolds(proof: TwoRoundProof, signals: readonly bigint[]): Promise<boolean> {
    const { G1, G2 } = this.curve;
    const vk = this.verificationKey;
    const g1 = (point: readonly string[]): Uint8Array => G1.fromObject(point.map(BigInt) as G1Coordinates);
    const g2 = (point: readonly (readonly string[])[]): Uint8Array => G2.fromObject(point.map((pair) => pair.map(BigInt)) as G2Coordinates);
    const ic = signals.reduce((total, signal, i) => G1.add(total, times(G1, g1(vk.IC[i + 1]), signal)), g1(vk.IC[0]));
    return this.curve.pairingEq(
      ...[G1.neg(g1(proof.pi_a)), g2(proof.pi_b), g1(vk.vk_alpha_1), g2(vk.vk_beta_2), ic, g2(vk.vk_gamma_2)],
      ...[g1(proof.pi_c0), g2(vk.vk_delta0_2), g1(proof.pi_c1), g2(vk.vk_delta1_2)],
    );
  }

  /** Σ w·K over the delta that the key has it over. */
  async #committed(wires: readonly number[], values: readonly bigint[]): Promise<Uint8Array> {
    const { publicCount: publics, firstRoundOneWire, k0, k1 } = this.key;
    const { G1 } = this.curve;
    const early = wires.filter((wire) => wire < firstRoundOneWire);
    const late = wires.filter((wire) => wire >= firstRoundOneWire);
    return G1.add(await sum(G1, k0, 64, publics + 1, early, values), await sum(G1, k1, 64, firstRoundOneWire, late, values));
  }

  /** A·B − C on the odd coset. For a witness that breaks a constraint this is no multiple of the vanishing polynomial. */
  async #quotient(values: readonly bigint[]): Promise<bigint[]> {
    const { Fr } = this.curve;
    const { domainPower, publicCount: publics } = this.key;
    const onCoset = async (evaluations: readonly bigint[]): Promise<bigint[]> => {
      const bytes = new Uint8Array(2 ** domainPower * FIELD_BYTES);
      evaluations.forEach((value, i) => writeFieldLE(bytes, i * FIELD_BYTES, toField(value)));
      const coefficients = await Fr.ifft(await Fr.batchToMontgomery(bytes));
      const moved = await Fr.batchFromMontgomery(await Fr.fft(await Fr.batchApplyKey(coefficients, Fr.e(1n), Fr.w[domainPower + 1])));
      return Array.from({ length: 2 ** domainPower }, (_, i) => readFieldLE(moved, i * FIELD_BYTES));
    };
    const a = await onCoset([...this.#rows.map((row) => dot(row.a, values)), ...values.slice(0, publics + 1)]);
    const b = await onCoset(this.#rows.map((row) => dot(row.b, values)));
    const c = await onCoset(this.#rows.map((row) => dot(row.c, values)));
    return a.map((value, i) => toField(value * b[i] - c[i]));
  }
}

function wiresFrom(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

export function times<C>(group: WasmGroup<C>, point: Uint8Array, scalar: bigint): Uint8Array {
  const bytes = new Uint8Array(FIELD_BYTES);
  writeFieldLE(bytes, 0, toField(((scalar % R) + R) % R));
  return group.timesScalar(point, bytes);
}

/** Σ values · points over the wires, full-size scalars; points of zero scalars are left out. */
async function sum<C>(group: WasmGroup<C>, section: Uint8Array, size: number, first: number, wires: readonly number[], values: readonly bigint[]): Promise<Uint8Array> {
  const isPoint = (wire: number): boolean => section.subarray((wire - first) * size, (wire - first + 1) * size).some((byte) => byte !== 0);
  const used = wires.filter((wire) => values[wire] !== 0n && isPoint(wire));
  if (used.length === 0) return group.zero;
  const points = new Uint8Array(used.length * size);
  const scalars = new Uint8Array(used.length * FIELD_BYTES);
  used.forEach((wire, i) => {
    points.set(section.subarray((wire - first) * size, (wire - first + 1) * size), i * size);
    writeFieldLE(scalars, i * FIELD_BYTES, toField(values[wire]));
  });
  return group.multiExpAffine(points, scalars);
}
