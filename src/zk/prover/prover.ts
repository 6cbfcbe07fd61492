/**
 * Assay's own prover for both proof systems, on ffjavascript's curve: multi-exponentiations by width class, transforms in
 * parallel with them, key sections cut once and kept.
 *
 * two-round is MIRAGE's construction (Kosba, Papadopoulos, Papamanthou, Song, "MIRAGE: Succinct Arguments for Randomized
 * Algorithms with Applications to Universal zk-SNARKs", USENIX Security 2020; Bionetta calls its form UltraGroth). With
 * K_i = beta·A_i + alpha·B_i + C_i at tau:
 *
 *   round 0:  C0 = Σ_round0 w_i K_i/delta0 + r0·delta1
 *   challenge = keccak(domain, key hash, C0, public signals before the challenge) mod r     (keyEncoding.ts)
 *   round 1:  A = alpha + Σ w_i A_i + r·delta1,  B = beta + Σ w_i B_i + s·delta1,
 *             C1 = Σ_round1 w_i K_i/delta1 + H + s·A + r·B − r·s·delta1 − r0·delta0
 *   accept iff e(A, B) = e(alpha, beta)·e(IC, gamma)·e(C0, delta0)·e(C1, delta1)
 *
 * MIRAGE's terms and ours: its separated argument's first witness part is round 0, its second part round 1; its commitment to
 * the first part is C0, hiding by r0; its verifier's randomness is the challenge, made non-interactive by keccak over the
 * commitment and the statement. The argument: what C0 commits to is fixed before the challenge (K_i/delta0 are independent for
 * distinct wires in the generic group, and no key element holds a round-1 wire over delta0 or a round-0 wire over delta1), so
 * LogUp's identities hold for values that were chosen before it (Schwartz-Zippel, error (lookups + entries)/r), and products of
 * matrices are what their entries say (circuit/matrixCheck.ts, error (entries of the product)/r).
 *
 * gamma: in Groth16's knowledge argument gamma keeps public wires apart from private ones, and it stays sound with gamma = 1
 * (as in keys from a .ptau) as long as the deltas are independent of it: a prover holds public wires' K_i over gamma only, and
 * moving one into C0 or C1 would need it over a delta. Dev keys draw gamma, delta0 and delta1 independently; the registry, the
 * audit and canonical.ts refuse keys in which two of them are equal.
 */
import type { Curve, WasmGroup } from "ffjavascript";
import { AssayError } from "../../errors.js";
import { FIELD_BYTES, R, toField, writeFieldLE } from "../../math/field.js";
import type { Circuit } from "../circuit/circuit.js";
import { ConstraintEvaluator } from "../constraintValues.js";
import { challengesOf, type Proof } from "../keyEncoding.js";
import type { KeyHeader, ProvingKey } from "../keys/index.js";
import { domainPower } from "../r1cs.js";
import { randomScalar } from "../keys/scalars.js";
import { publicSignals, type RoundZero, roundOne, roundZero, type WitnessInputs } from "../witness.js";
import type { WitnessValues } from "../witnessValues.js";
import { proofJson } from "./proofJson.js";
import { quotientScalars } from "./quotient.js";
import { cutSection, runScalars, type SectionRun, widthRanges } from "./sections.js";

const G1_BYTES = 64;
const G2_BYTES = 128;

/** Stages of one proof, in order. */
export const PROVER_STAGES = ["witness", "commitment", "constraints", "quotient", "multiexp"] as const;
export type ProverStage = (typeof PROVER_STAGES)[number];

export interface ProverOptions {
  readonly signal?: AbortSignal;
  /** Called when a stage begins. */
  readonly onStage?: (stage: ProverStage) => void;
}

export interface Proven {
  readonly proof: Proof;
  /** Decimal strings in the order of public.json. */
  readonly publicSignals: readonly string[];
  readonly witness: WitnessValues;
}

/** The sections that depend on the witness, as multi-exponentiations take them. */
export interface CutKey {
  readonly a: readonly SectionRun[];
  readonly b1: readonly SectionRun[];
  readonly b2: readonly SectionRun[];
  readonly k0: readonly SectionRun[];
  readonly k1: readonly SectionRun[];
}

/** A key whose sections were cut before; all that is large in it lies in shared memory. */
export interface PreparedKey extends KeyHeader {
  readonly h: Uint8Array;
  readonly cut: CutKey;
}

interface Commitment {
  /** Σ_round0 w_i K_i/delta0, unblinded. */
  readonly k0: Uint8Array;
  readonly c0: Uint8Array;
  readonly r0: bigint;
}

/** What makes proofs of executions: {@link Prover}, or a program of somebody else's (externalProver.ts). */
export interface ProofMaker {
  prove(given: WitnessInputs, options?: ProverOptions): Promise<Proven>;
}

/** A circuit and its key, ready for any number of proofs. */
export class Prover implements ProofMaker {
  readonly #cut: CutKey;
  readonly #evaluator: ConstraintEvaluator;

  /**
   * @param keyHash of the verification key, which the challenge depends on
   * @throws AssayError KEY_MISMATCH when the key is of another circuit's sizes
   */
  constructor(
    private readonly curve: Curve,
    private readonly circuit: Circuit,
    private readonly key: ProvingKey | PreparedKey,
    private readonly keyHash: string,
  ) {
    assertFits(circuit, key);
    this.#evaluator = new ConstraintEvaluator(circuit.r1cs);
    this.#cut = "cut" in key ? key.cut : cutKey(circuit, key);
  }

  /** Proves one execution. The proof is not verified here (prove.ts does). @throws AssayError CONSTRAINT_UNSATISFIED, ABORTED */
  async prove(given: WitnessInputs, options: ProverOptions = {}): Promise<Proven> {
    const begin = (stage: ProverStage): void => {
      if (options.signal?.aborted === true) throw new AssayError("ABORTED", "aborted", { where: stage });
      options.onStage?.(stage);
    };
    begin("witness");
    const first = roundZero(this.circuit, given);
    begin("commitment");
    const commitment = await this.#commit(first);
    const witness = roundOne(this.circuit, first, this.#challenge(commitment.c0, first.values));
    begin("constraints");
    const evaluations = this.#evaluator.evaluations(witness, this.circuit.labels);
    begin("quotient");
    const sums = this.#witnessSums(witness.bytes);
    // Both halves keep the threads busy; if the first fails, the second's failure must not go unheard.
    sums.catch(() => undefined);
    const h = await quotientScalars(this.curve, evaluations);
    begin("multiexp");
    const quotient = await this.curve.G1.multiExpAffine(this.key.h, h);
    const points = this.#blind(await sums, quotient, commitment);
    const proof = proofJson(this.curve, this.key.protocol, points);
    return { proof, publicSignals: publicSignals(this.circuit, witness).map(String), witness };
  }

  /** Commits to round 0; without a second round the sum is part of C and r0 is 0. */
  async #commit(first: RoundZero): Promise<Commitment> {
    const { G1 } = this.curve;
    const k0 = await this.#sum(G1, this.#cut.k0, first.values.bytes);
    if (this.key.delta0 === undefined) return { k0, c0: k0, r0: 0n };
    const r0 = randomScalar();
    return { k0, c0: G1.add(k0, times(G1, this.key.delta1.g1, r0)), r0 };
  }

  #challenge(c0: Uint8Array, values: WitnessValues): bigint {
    if (this.key.delta0 === undefined) return 0n;
    const { G1 } = this.curve;
    const [x, y] = G1.toObject(G1.toAffine(c0));
    return challengesOf(this.keyHash, [x, y], publicSignals(this.circuit, values).slice(0, this.circuit.layout.boundSignals), 1)[0];
  }

  async #witnessSums(witness: Uint8Array): Promise<{ a: Uint8Array; b1: Uint8Array; b2: Uint8Array; k1: Uint8Array }> {
    const { G1, G2 } = this.curve;
    const [a, b1, b2, k1] = await Promise.all([
      this.#sum(G1, this.#cut.a, witness),
      this.#sum(G1, this.#cut.b1, witness),
      this.#sum(G2, this.#cut.b2, witness),
      this.#sum(G1, this.#cut.k1, witness),
    ]);
    return { a, b1, b2, k1 };
  }

  /** Adds alpha, beta and the blinding. */
  #blind(
    sums: { readonly a: Uint8Array; readonly b1: Uint8Array; readonly b2: Uint8Array; readonly k1: Uint8Array },
    quotient: Uint8Array,
    { k0, c0, r0 }: Commitment,
  ): { a: Uint8Array; b: Uint8Array; c: Uint8Array; c0: Uint8Array | undefined } {
    const { G1, G2 } = this.curve;
    const { alpha1, beta1, beta2, delta1, delta0 } = this.key;
    const [r, s] = [randomScalar(), randomScalar()];
    const a = G1.add(G1.add(sums.a, alpha1), times(G1, delta1.g1, r));
    const b1 = G1.add(G1.add(sums.b1, beta1), times(G1, delta1.g1, s));
    const b = G2.add(G2.add(sums.b2, beta2), times(G2, delta1.g2, s));
    const blinding = G1.sub(G1.add(times(G1, a, s), times(G1, b1, r)), times(G1, delta1.g1, (r * s) % R));
    const c = G1.add(G1.add(sums.k1, quotient), blinding);
    if (delta0 === undefined) return { a, b, c: G1.add(c, k0), c0: undefined };
    return { a, b, c: G1.sub(c, times(G1, delta0.g1, r0)), c0 };
  }

  async #sum<C>(group: WasmGroup<C>, runs: readonly SectionRun[], witness: Uint8Array): Promise<Uint8Array> {
    const parts = await Promise.all(runs.map((run) => group.multiExpAffine(run.points, runScalars(run, witness))));
    // ffjavascript's sum of nothing but zeros is a point that its own isZero does not recognise.
    return parts.reduce((sum, part) => (group.isZero(group.toAffine(part)) ? sum : group.add(sum, part)), group.zero);
  }
}

function times<C>(group: WasmGroup<C>, point: Uint8Array, scalar: bigint): Uint8Array {
  const bytes = new Uint8Array(FIELD_BYTES);
  writeFieldLE(bytes, 0, toField(scalar));
  return group.timesScalar(point, bytes);
}

/** @throws AssayError KEY_MISMATCH when the key is of another circuit's sizes */
export function prepareKey(circuit: Circuit, key: ProvingKey): PreparedKey {
  assertFits(circuit, key);
  const { protocol, wireCount, publicCount, challengeCount, domainPower, firstRoundOneWire, alpha1, beta1, beta2, gamma2, delta1, delta0, h } = key;
  const header = { protocol, wireCount, publicCount, challengeCount, domainPower, firstRoundOneWire, alpha1, beta1, beta2, gamma2, delta1, delta0 };
  return { ...header, h, cut: cutKey(circuit, key) };
}

function cutKey(circuit: Circuit, key: ProvingKey): CutKey {
  const ranges = widthRanges(key.publicCount, circuit.order.segments);
  return {
    a: cutSection(key.a, 0, G1_BYTES, ranges),
    b1: cutSection(key.b1, 0, G1_BYTES, ranges),
    b2: cutSection(key.b2, 0, G2_BYTES, ranges),
    k0: cutSection(key.k0, key.publicCount + 1, G1_BYTES, ranges),
    k1: cutSection(key.k1, key.firstRoundOneWire, G1_BYTES, ranges),
  };
}

function assertFits({ r1cs, layout, choices, order }: Circuit, key: KeyHeader): void {
  const firstRoundOne = order.segments.find((segment) => segment.round === 1)?.firstWire ?? r1cs.wireCount;
  const fits =
    key.protocol === choices.protocol &&
    key.wireCount === r1cs.wireCount &&
    key.domainPower === domainPower(r1cs) &&
    key.challengeCount === layout.signalCount - layout.boundSignals &&
    key.publicCount === layout.signalCount &&
    key.firstRoundOneWire === firstRoundOne;
  if (!fits) throw new AssayError("KEY_MISMATCH", "the proving key is of another circuit", { hint: "compile the model again" });
}
