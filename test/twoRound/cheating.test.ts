/**
 * Proofs by a prover written to cheat. Where it can, it first shows that its proof would hold if the verifier believed it: the
 * pairing equation does, for a challenge of its own. Then the verifiers, off chain and on, refuse it.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { withChain } from "../../src/chain/node.js";
import { verifyDirectoryOnChain } from "../../src/chain/verifyDirectory.js";
import { R, toField } from "../../src/math/field.js";
import type { ProofDirectory } from "../../src/zk/bundle.js";
import { challengesOf, pointG1, type TwoRoundProof, type TwoRoundVerificationKey } from "../../src/zk/keyEncoding.js";
import { threadedCurve } from "../../src/zk/keys/index.js";
import { Forger } from "../support/forge.js";
import { SeededRandom } from "../support/random.js";
import { valuesOf } from "../support/rowAlgebra.js";
import { givenFor } from "../support/zkRig.js";
import { CheatingProver, type Commitment, times } from "./support/cheatingProver.js";
import { limbGadgets } from "./support/layout.js";
import { type Keyed, keyedTiny, PIXELS } from "./support/rig.js";
import { proofDirectory, verdicts, withProof } from "./support/statement.js";
import { roundZero } from "../../src/zk/witness.js";

const REJECTED = ["PROOF_INVALID", "PROOF_INVALID"];
const random = new SeededRandom(77);

let tiny: Keyed;
let cheater: CheatingProver;
let forger: Forger;
let honest: ProofDirectory;
/** Round 0 of the honest witness; its signals without the challenge. */
let values: bigint[];
let bound: bigint[];

beforeAll(async () => {
  tiny = await keyedTiny("cheating", "two-round");
  honest = await proofDirectory(tiny, 1n);
  cheater = new CheatingProver(await threadedCurve(), tiny.circuit, tiny.key, tiny.model.verificationKey as TwoRoundVerificationKey, 5);
  forger = new Forger(tiny.circuit, { challengeWire: tiny.circuit.layout.signalCount });
  bound = honest.publicSignals.slice(0, -1).map(BigInt);
  const given = givenFor(tiny.circuit, [PIXELS], bound[tiny.circuit.layout.contextSignal]);
  values = valuesOf(roundZero(tiny.circuit, given).values);
  expect(values.slice(1, 1 + bound.length)).toEqual(bound);
});

const signalsOf = (witness: readonly bigint[]): bigint[] => witness.slice(1, 1 + tiny.circuit.layout.signalCount);
const boundOf = (witness: readonly bigint[]): bigint[] => witness.slice(1, 1 + tiny.circuit.layout.boundSignals);

/** Round 1 for a challenge, all of round 0 kept: multiplicities too. */
function completed(witness: readonly bigint[], challenge: bigint): bigint[] {
  const result = [...witness];
  forger.closeTables(result, new Set(cheater.roundZero), challenge);
  return result;
}

/** Another first logit for the same image: what only a value outside its table gives. */
function falseStatement(): bigint[] {
  // The first logit's rescaling: 16 bits out, no excess.
  const logit = limbGadgets(forger.steps, "RequantizeLimbs").find(({ signals: { excess } }) => excess.length === 0);
  if (logit === undefined) throw new Error("no rescaling without saturation");
  const { outLimb, remainder } = logit.signals;
  const up = values[outLimb[0]] < 255n ? 1n : -1n;
  const changes = new Map([[outLimb[0], values[outLimb[0]] + up], [remainder[0], values[remainder[0]] - up * 256n]]);
  const { values: forged, violated } = forger.forge(values, changes, { random, pinned: [2, 3] });
  expect(violated).toEqual([tiny.circuit.r1cs.constraintCount - 1]);
  expect(forged[1]).not.toBe(values[1]);
  return forged;
}

interface Cheat {
  readonly proof: TwoRoundProof;
  readonly signals: readonly bigint[];
}

async function expectRejected({ proof, signals }: Cheat): Promise<void> {
  expect(await verdicts(withProof(honest, proof, signals))).toEqual(REJECTED);
  // Nor with the challenge that the verifier computes.
  const right = challengesOf(cheater.hash, pointG1(proof.pi_c0, "pi_c0"), signals.slice(0, -1), 1);
  expect(await verdicts(withProof(honest, proof, [...signals.slice(0, -1), ...right]))).toEqual(REJECTED);
}

/** Holds for whoever believes the prover's challenge, and is refused. */
async function expectForged(cheat: Cheat): Promise<void> {
  expect(await cheater.equationHolds(cheat.proof, cheat.signals)).toBe(true);
  await expectRejected(cheat);
}

/** A false statement proven with a challenge that is known before anything is committed. */
async function withKnownChallenge(known: bigint): Promise<Cheat> {
  const witness = falseStatement();
  forger.balance(witness, known);
  expect(forger.violations(witness)).toEqual([]);
  return { proof: await cheater.respond(witness, await cheater.commit(witness)), signals: signalsOf(witness) };
}

it("its equations are the prover's: what it proves honestly is accepted", async () => {
  const commitment = await cheater.commit(values);
  const witness = completed(values, cheater.challenge(commitment, bound));
  const directory = withProof(honest, await cheater.respond(witness, commitment), signalsOf(witness));
  expect(await verdicts(directory)).toEqual(["accepted", "accepted"]);
  expect(await verdicts(honest)).toEqual(["accepted", "accepted"]);
});

describe("attack ZK-19: a challenge that does not depend on everything", () => {
  it("taken from the caller: any output is proven", async () => {
    await expectForged(await withKnownChallenge(123_456_789n));
  });

  it("without C0: a function of the statement, known before anything is committed", async () => {
    const statement = boundOf(falseStatement());
    for (const c0 of [[0n, 0n], [1n, 2n]] as const) await expectForged(await withKnownChallenge(challengesOf(cheater.hash, c0, statement, 1)[0]));
  });

  it("without the context: the proof is for anyone", async () => {
    const commitment = await cheater.commit(values);
    const { contextSignal } = tiny.circuit.layout;
    const without = bound.map((signal, i) => (i === contextSignal ? 0n : signal));
    const witness = completed(values, cheater.challenge(commitment, without));
    // Chosen after the challenge: the context is in no constraint.
    witness[1 + contextSignal] = 999n;
    await expectForged({ proof: await cheater.respond(witness, commitment), signals: signalsOf(witness) });
  });

  it("without each public signal, with them in another order, of another key or index", async () => {
    const commitment = await cheater.commit(values);
    const c0 = cheater.coordinates(commitment.c0);
    const lists = [...bound.map((_, i) => bound.filter((__, j) => j !== i)), [...bound].reverse(), [...bound, 0n], []];
    const drawn = [
      ...lists.map((list) => challengesOf(cheater.hash, c0, list, 1)[0]),
      challengesOf(`0x${"00".repeat(32)}`, c0, bound, 1)[0],
      challengesOf(cheater.hash, c0, bound, 2)[1],
      challengesOf(cheater.hash, [c0[0], 0n], bound, 1)[0],
    ];
    for (const challenge of drawn) {
      const witness = completed(values, challenge);
      await expectForged({ proof: await cheater.respond(witness, commitment), signals: signalsOf(witness) });
    }
  });
});

describe("commitments", () => {
  it("C0 of another proof, of the same statement or another, with its challenge or its own", async () => {
    const own = honest.proof as TwoRoundProof;
    for (const other of [await proofDirectory(tiny, 1n), await proofDirectory(tiny, 2n)]) {
      const theirs = other.proof as TwoRoundProof;
      expect(theirs.pi_c0).not.toEqual(own.pi_c0);
      for (const signals of [honest.publicSignals, other.publicSignals]) {
        await expectRejected({ proof: { ...own, pi_c0: theirs.pi_c0 }, signals: signals.map(BigInt) });
        await expectRejected({ proof: { ...theirs, pi_c0: own.pi_c0 }, signals: signals.map(BigInt) });
      }
      // The whole proof made for the other's challenge.
      const commitment = await cheater.commit(values);
      const witness = completed(values, challengesOf(cheater.hash, pointG1(theirs.pi_c0, "pi_c0"), bound, 1)[0]);
      await expectRejected({ proof: { ...(await cheater.respond(witness, commitment)), pi_c0: theirs.pi_c0 }, signals: signalsOf(witness) });
    }
  });

  it("C0 and C1 swapped, also with the challenge drawn from C1", async () => {
    const proof = honest.proof as TwoRoundProof;
    const signals = honest.publicSignals.map(BigInt);
    for (const [pi_c0, pi_c1] of [[proof.pi_c1, proof.pi_c0], [proof.pi_c0, proof.pi_c0], [proof.pi_c1, proof.pi_c1]]) {
      await expectRejected({ proof: { ...proof, pi_c0, pi_c1 }, signals });
    }
    const drawn = challengesOf(cheater.hash, pointG1(proof.pi_c1, "pi_c1"), bound, 1)[0];
    const commitment = await cheater.commit(values);
    const { pi_c0, pi_c1, ...rest } = await cheater.respond(completed(values, drawn), commitment);
    await expectRejected({ proof: { ...rest, pi_c0: pi_c1, pi_c1: pi_c0 }, signals: [...bound, drawn] });
  });

  it("a round-0 wire chosen in round 1: C1 has no room for it, and C0 changes the challenge", async () => {
    const witness = falseStatement();
    const [{ firstMultiplicity }] = forger.tables;
    const early = cheater.roundZero.filter((wire) => wire !== firstMultiplicity);
    const commitment = await cheater.commit(witness, { inC0: early });
    const challenge = cheater.challenge(commitment, boundOf(witness));
    // With the challenge known, the multiplicity that was left out makes up for the value outside the table.
    forger.balance(witness, challenge);
    expect(forger.violations(witness)).toEqual([]);
    const late = await cheater.respond(witness, commitment, { inC1: [...cheater.roundOne, firstMultiplicity] });
    expect(await cheater.equationHolds(late, signalsOf(witness))).toBe(false);
    await expectRejected({ proof: late, signals: signalsOf(witness) });
    // The same wire added to C0 after all: the equation holds, for a challenge that is no longer that of C0.
    const moved: Commitment = await cheater.commit(witness, {}, commitment.r0);
    expect(moved.c0).not.toEqual(commitment.c0);
    await expectForged({ proof: await cheater.respond(witness, moved), signals: signalsOf(witness) });
  });

  it("a round-1 wire committed in round 0: the equation does not even hold for a challenge that was guessed right", async () => {
    const guess = random.field();
    const witness = completed(values, guess);
    for (const wire of [cheater.roundOne[0], cheater.roundOne[cheater.roundOne.length - 1]]) {
      expect(witness[wire]).not.toBe(0n);
      const commitment = await cheater.commit(witness, { inC0: [...cheater.roundZero, wire] });
      const proof = await cheater.respond(witness, commitment, { inC1: cheater.roundOne.filter((other) => other !== wire) });
      expect(await cheater.equationHolds(proof, signalsOf(witness))).toBe(false);
      await expectRejected({ proof, signals: signalsOf(witness) });
    }
  });

  it("a public wire's term moved into C0 or C1", async () => {
    const { G1 } = cheater.curve;
    const proof = honest.proof as TwoRoundProof;
    const signals = honest.publicSignals.map(BigInt);
    // The output signal claimed one more; its point over gamma taken out of C0 or C1.
    const ic = cheater.verificationKey.IC[1];
    const delta = G1.fromObject([BigInt(ic[0]), BigInt(ic[1]), 1n]);
    for (const field of ["pi_c0", "pi_c1"] as const) {
      const [x, y] = pointG1(proof[field], field);
      const moved = G1.toObject(G1.toAffine(G1.sub(G1.fromObject([x, y, 1n]), delta))).map(String);
      await expectRejected({ proof: { ...proof, [field]: moved }, signals: [signals[0] + 1n, ...signals.slice(1)] });
    }
  });
});

describe("values and multiplicities, the challenge drawn as it should be", () => {
  async function proveAnyway(witness: bigint[]): Promise<Cheat> {
    const commitment = await cheater.commit(witness);
    const whole = completed(witness, cheater.challenge(commitment, boundOf(witness)));
    expect(forger.violations(whole)).not.toEqual([]);
    return { proof: await cheater.respond(whole, commitment), signals: signalsOf(whole) };
  }

  it("a value outside its table", async () => {
    await expectRejected(await proveAnyway(falseStatement()));
  });

  it("a value outside its table, with a multiplicity that suits another challenge", async () => {
    const witness = falseStatement();
    forger.balance(witness, random.field());
    await expectRejected(await proveAnyway(witness));
  });

  it("packed lanes out of range: 12,345,678,901 made up for by the next lane", async () => {
    const [first, second] = [...tiny.circuit.external.inputs[0].firstWires].map((wire) => tiny.circuit.order.position[wire]);
    const lane = 12_345_678_901n;
    const inverse256 = ((R + 1n) / 2n) ** 8n % R;
    const changes = new Map([[first, lane], [second, toField(values[second] - (lane - values[first]) * inverse256)]]);
    const { values: witness, violated } = forger.forge(values, changes, { random, pinned: [2, 3] });
    expect(violated).toEqual([tiny.circuit.r1cs.constraintCount - 1]);
    expect(boundOf(witness).slice(1)).toEqual(bound.slice(1));
    await expectRejected(await proveAnyway(witness));
    // The same for a prover that is believed its challenge.
    forger.balance(witness, 42n);
    await expectForged({ proof: await cheater.respond(witness, await cheater.commit(witness)), signals: signalsOf(witness) });
  });

  it("wrong multiplicities: one too many, moved, 2^32, negative, any field element", async () => {
    const [{ firstMultiplicity }] = forger.tables;
    for (const change of [1n, 1n << 32n, (1n << 64n) + 1n, -1n, R - 2n, random.field()]) {
      const witness = [...values];
      witness[firstMultiplicity] = toField(witness[firstMultiplicity] + change);
      await expectRejected(await proveAnyway(witness));
      witness[firstMultiplicity + 1] = toField(witness[firstMultiplicity + 1] - change);
      await expectRejected(await proveAnyway(witness));
    }
  });

  it("a multiplicity of m + r is m: the same scalar, the same proof", async () => {
    const [{ firstMultiplicity }] = forger.tables;
    const witness = [...values];
    witness[firstMultiplicity] += R;
    const [plain, wrapped] = [await cheater.commit(values, {}, 7n), await cheater.commit(witness, {}, 7n)];
    expect(cheater.coordinates(wrapped.c0)).toEqual(cheater.coordinates(plain.c0));
  });
});

describe("zero knowledge", () => {
  it("two proofs of one witness share no element, the first commitment included", async () => {
    const proofs = [await proofDirectory(tiny, 5n), await proofDirectory(tiny, 5n)].map(({ proof }) => proof as TwoRoundProof);
    for (const field of ["pi_a", "pi_c0", "pi_c1"] as const) {
      expect(proofs[0][field][0]).not.toBe(proofs[1][field][0]);
      expect(proofs[0][field][1]).not.toBe(proofs[1][field][1]);
    }
    const numbers = proofs.map(({ pi_a, pi_b, pi_c0, pi_c1 }) => [pi_a, ...pi_b, pi_c0, pi_c1].flat().filter((text) => text.length > 1));
    expect(numbers[0].filter((text) => numbers[1].includes(text))).toEqual([]);
  });

  it("C0 is not the commitment without its blinding: a guessed input cannot be tried out on it", async () => {
    const point = pointG1((honest.proof as TwoRoundProof).pi_c0, "pi_c0");
    const bare = cheater.coordinates((await cheater.commit(values, {}, 0n)).c0);
    expect(bare).not.toEqual(point);
    // The guess is right and the bare commitment deterministic: only r0 stands between the two.
    expect(cheater.coordinates((await cheater.commit(values, {}, 0n)).c0)).toEqual(bare);
    const seen = new Set<bigint>([point[0], bare[0]]);
    for (let i = 0; i < 6; i++) seen.add(pointG1(((await proofDirectory(tiny, 1n)).proof as TwoRoundProof).pi_c0, "pi_c0")[0]);
    expect(seen.size).toBe(8);
    // The difference to the bare commitment is r0·delta1, and r0 no number that could be guessed.
    const { G1 } = cheater.curve;
    const difference = G1.sub(G1.fromObject([...point, 1n]), G1.fromObject([...bare, 1n]));
    for (let r0 = 0n; r0 < 300n; r0++) expect(G1.eq(difference, times(G1, tiny.key.delta1.g1, r0))).toBe(false);
  });
});

describe("on chain", () => {
  it("the contract takes the honest proof, and no forged one", async () => {
    const known = await withKnownChallenge(123_456_789n);
    const other = (await proofDirectory(tiny, 2n)).proof as TwoRoundProof;
    const forged = [
      withProof(honest, known.proof, known.signals),
      withProof(honest, { ...(honest.proof as TwoRoundProof), pi_c0: other.pi_c0 }, honest.publicSignals.map(BigInt)),
      withProof(honest, honest.proof, [honest.publicSignals[0], ...honest.publicSignals.slice(1)].map((signal, i) => BigInt(signal) + (i === 0 ? 1n : 0n))),
    ];
    await withChain(undefined, async (connection) => {
      for (const directory of forged) expect(await verifyDirectoryOnChain(connection, directory)).toMatchObject({ valid: false, reason: "the contract rejects the proof" });
      expect(await verifyDirectoryOnChain(connection, honest)).toMatchObject({ valid: true });
    });
  });
});
