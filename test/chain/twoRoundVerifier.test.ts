import fc from "fast-check";
import { keccak256 } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_ACCOUNT } from "../../src/chain/anvil.js";
import { loadArtifact } from "../../src/chain/artifacts.js";
import { readContract, sendRequest } from "../../src/chain/call.js";
import { readEntry } from "../../src/chain/readEntry.js";
import { submitProof } from "../../src/chain/submitProof.js";
import type { RegisteredTensor } from "../../src/chain/tensors.js";
import { type AbiTwoRoundProof, toAbiTwoRoundProof, verifierArguments } from "../../src/chain/verifyCall.js";
import { type ChainVerdict, verifyDirectoryOnChain } from "../../src/chain/verifyDirectory.js";
import { verifyProof } from "../../src/chain/verifyProof.js";
import { BUNDLE_FORMAT, type ProofDirectory } from "../../src/zk/bundle.js";
import { challengesOf, encodeKey, entryId, keyHash, pointG1, type TwoRoundProof } from "../../src/zk/keyEncoding.js";
import { asAccount, type Chain, outcome, outcomesOfGas, P, send, startChain, steps, twoRoundCall, verifierCall } from "./support/chain.js";
import { toBytes } from "./support/packing.js";
import { Random } from "./support/random.js";
import * as s from "./support/scenario.js";
import { endCurve, makeToy } from "./support/toy.js";
import { type DrawChallenges, equationHolds, makeTwoRoundToy, type TwoRoundFullProof, type TwoRoundToy } from "./support/twoRoundToy.js";

const NO_RESULT = `0x${"00".repeat(32)}`;

describe("two-round verifier", () => {
  let chain: Chain;
  let toy: TwoRoundToy;
  let job: s.Job;
  let full: TwoRoundFullProof;

  beforeAll(async () => {
    chain = await startChain();
    toy = await makeTwoRoundToy({ inputs: 26 });
    job = { entryId: await s.registered(chain.connection, s.publicModel(toy)), jobId: 1n, recipient: s.RECIPIENT };
    full = await s.proveJob(chain, toy, job, s.publicInputs);
  }, 60_000);
  afterAll(async () => {
    await chain.close();
    await endCurve();
  });

  /** true, false, or the error that the contract reverts with. */
  const verdict = (of: s.Job, tensors: readonly Uint8Array[], proof: AbiTwoRoundProof, name = "verify"): Promise<unknown> =>
    outcome(chain.connection, twoRoundCall(chain, name, of.entryId, of.jobId, of.recipient, tensors, proof));

  const verdictOf = (proof: AbiTwoRoundProof): Promise<unknown> => verdict(job, s.publicTensors, proof);

  const resultOf = (of: s.Job): Promise<unknown> =>
    outcome(chain.connection, twoRoundCall(chain, "resultOf", of.entryId, of.jobId, of.recipient));

  /** The job's signals without challenges. */
  const signalsOf = (of: s.Job): bigint[] => s.signalsOf(chain, toy, of, s.publicInputs);

  it("accepts a valid proof of one or two challenges", async () => {
    expect(await equationHolds(toy.verificationKey, full)).toBe(true);
    expect(await verdictOf(toAbiTwoRoundProof(full.proof))).toBe(true);
    expect(await verifyProof(chain.connection, s.submission(job, s.publicTensors, full))).toBe(true);
    expect((await readEntry(chain.connection, job.entryId)).protocol).toBe("two-round");

    const two = await makeTwoRoundToy({ inputs: 1, challenges: 2, seed: 2 });
    const hashed = { ...job, entryId: await s.registered(chain.connection, s.hashedModel(two)) };
    const proof = await s.proveJob(chain, two, hashed, [s.commitment]);
    expect(new Set(proof.publicSignals).size).toBe(5);
    expect(await verdict(hashed, s.hashedTensors, toAbiTwoRoundProof(proof.proof))).toBe(true);
  });

  it("packs the signals that precede the challenges, and takes 320 bytes of proof", async () => {
    const call = twoRoundCall(chain, "publicSignals", job.entryId, job.jobId, job.recipient, s.publicTensors);
    const [signals] = await readContract(chain.connection, call);
    expect(Array.from(signals as Iterable<bigint>)).toEqual(full.publicSignals.slice(0, -1));
    expect(flat(toAbiTwoRoundProof(full.proof))).toHaveLength(320 / 32);
  });

  it("takes a proof directory whose context names this verifier", async () => {
    const own = await makeTwoRoundToy({ inputs: 1, seed: 6 });
    const { modelId, inputs, outputs } = s.hashedModel(own);
    const entry = entryId(modelId, own.keyHash, DEFAULT_ACCOUNT);
    const context = { chainId: "31337", verifier: chain.addresses.twoRoundVerifier, entryId: entry, jobId: "4", recipient: s.RECIPIENT };
    const { proof, publicSignals } = await s.proveJob(chain, own, { ...job, entryId: entry, jobId: 4n }, [s.commitment]);
    const described = ({ name, shape, elementType, visibility, scale }: RegisteredTensor) =>
      ({ name, shape, type: elementType, visibility, scale: { mantissa: String(scale.mantissa), exponent: scale.exponent } });
    const bundle = {
      ...{ format: BUNDLE_FORMAT, protocol: "two-round", setup: "dev", modelId, keyHash: own.keyHash, context },
      inputs: inputs.map((tensor) => ({ ...described(tensor), commitment: String(s.commitment) })),
      outputs: outputs.map((tensor) => ({ ...described(tensor), data: `0x${Buffer.from(s.hashedTensors[1]).toString("hex")}` })),
    };
    const directory = { bundle, proof, publicSignals: publicSignals.map(String), verificationKey: own.verificationKey };
    const verdictOn = (part: object): Promise<ChainVerdict> =>
      verifyDirectoryOnChain(chain.connection, { ...directory, ...part } as unknown as ProofDirectory);
    const elsewhere = { ...bundle, context: { ...context, verifier: chain.addresses.verifier } };
    expect(await verdictOn({ bundle: elsewhere })).toMatchObject({ valid: false, reason: expect.stringContaining("is for verifier") as string });
    expect(await verdictOn({})).toMatchObject({ valid: true, entryId: entry, verifier: chain.addresses.twoRoundVerifier });
  });

  it("records a submitted result, once, with its outputs in the event", async () => {
    const once = { ...job, jobId: 77n };
    const proof = await s.proveJob(chain, toy, once, s.publicInputs);
    const call = twoRoundCall(chain, "submit", ...verifierArguments(s.submission(once, s.publicTensors, proof)));
    const receipt = await send(chain.connection, call);
    const event = call.abi.parseLog(receipt.logs[0]);
    const outputs = [`0x${Buffer.from(s.publicTensors[1]).toString("hex")}`];
    expect(event?.args.toArray(true)).toEqual([once.entryId, once.jobId, once.recipient, outputs]);
    expect(await resultOf(once)).toBe(keccak256(call.abi.getAbiCoder().encode(["bytes[]"], [s.publicTensors])));
    const { a, b, ...rest } = toAbiTwoRoundProof(proof.proof);
    const negated = { ...rest, a: [a[0], P - a[1]], b: [b[0], b[1].map((value) => P - value)] };
    expect(await verdict(once, s.publicTensors, negated)).toBe(true);
    expect(await verdict(once, s.publicTensors, negated, "submit")).toBe("JobDone");
  });

  it("computes the challenges as TypeScript does", async () => {
    const two = await makeTwoRoundToy({ inputs: 26, challenges: 2, seed: 3 });
    const twoEntry = await s.registered(chain.connection, s.publicModel(two));
    const coordinate = fc.bigInt({ min: 0n, max: P - 1n });
    const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
    const jobs = fc.tuple(fc.tuple(coordinate, coordinate), bytes(784), bytes(20), fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }));
    const property = fc.asyncProperty(jobs, async ([c0, image, scores, jobId]) => {
      for (const [key, id, count] of [[toy, job.entryId, 1], [two, twoEntry, 2]] as const) {
        const args = [id, jobId, s.OTHER_RECIPIENT, [image, scores]];
        const [signals] = await readContract(chain.connection, twoRoundCall(chain, "publicSignals", ...args));
        const [found] = await readContract(chain.connection, twoRoundCall(chain, "challengesOf", ...args, c0));
        const expected = challengesOf(key.keyHash, c0, Array.from(signals as Iterable<bigint>), count);
        expect(Array.from(found as Iterable<bigint>)).toEqual(expected);
      }
    });
    await fc.assert(property, { seed: 42, numRuns: 10 });
  });

  describe("(19) challenges that do not depend on everything before them", () => {
    /** The prover's own challenge satisfies the equation, and the contract's is another. */
    const expectForged = async (draw: DrawChallenges): Promise<void> => {
      const forged = await toy.prove(signalsOf(job), { draw });
      expect(await equationHolds(toy.verificationKey, forged)).toBe(true);
      expect(await verdictOf(toAbiTwoRoundProof(forged.proof))).toBe(false);
      expect(await verifyProof(chain.connection, s.submission(job, s.publicTensors, forged))).toBe(false);
    };

    it("a number of the prover's choice", () => expectForged(() => [123_456_789n]));

    it("without C0, or only half of it", async () => {
      const signals = signalsOf(job);
      await expectForged(() => challengesOf(toy.keyHash, [0n, 0n], signals, 1));
      await expectForged(([x]) => challengesOf(toy.keyHash, [x, 0n], signals, 1));
      await expectForged(([, y]) => challengesOf(toy.keyHash, [0n, y], signals, 1));
      await expectForged(([x, y]) => challengesOf(toy.keyHash, [y, x], signals, 1));
    });

    it("without each public signal: left out, zero, or in another place", async () => {
      const signals = signalsOf(job);
      for (let i = 0; i < signals.length; i++) {
        await expectForged((c0) => challengesOf(toy.keyHash, c0, signals.filter((_, j) => j !== i), 1));
        await expectForged((c0) => challengesOf(toy.keyHash, c0, signals.map((value, j) => (j === i ? 0n : value)), 1));
      }
      await expectForged((c0) => challengesOf(toy.keyHash, c0, [...signals].reverse(), 1));
      await expectForged((c0) => challengesOf(toy.keyHash, c0, [...signals, 0n], 1));
    });

    it("of another key, of another index", async () => {
      const other = keyHash(encodeKey(toy.verificationKey, "ceremony"));
      await expectForged((c0) => challengesOf(other, c0, signalsOf(job), 1));
      await expectForged((c0) => challengesOf(toy.keyHash, c0, signalsOf(job), 2).slice(1));
    });

    it("two challenges: the same twice, or swapped", async () => {
      const two = await makeTwoRoundToy({ inputs: 26, challenges: 2, seed: 4 });
      const theirs = { ...job, entryId: await s.registered(chain.connection, s.publicModel(two)) };
      const signals = signalsOf(theirs);
      const cheat = (pick: (drawn: readonly bigint[]) => bigint[]) => two.prove(signals, { draw: (c0) => pick(challengesOf(two.keyHash, c0, signals, 2)) });
      for (const forged of [await cheat(([first]) => [first, first]), await cheat(([first, second]) => [second, first])]) {
        expect(await equationHolds(two.verificationKey, forged)).toBe(true);
        expect(await verdict(theirs, s.publicTensors, toAbiTwoRoundProof(forged.proof))).toBe(false);
      }
    });
  });

  it("C0 of another proof, of the same statement or another", async () => {
    const again = await s.proveJob(chain, toy, job, s.publicInputs);
    const other = await s.proveJob(chain, toy, { ...job, jobId: 2n }, s.publicInputs);
    const proof = toAbiTwoRoundProof(full.proof);
    for (const { c0 } of [again, other].map((found) => toAbiTwoRoundProof(found.proof))) {
      expect(c0).not.toEqual(proof.c0);
      expect(await verdictOf({ ...proof, c0 })).toBe(false);
    }
    expect(await verdictOf(toAbiTwoRoundProof(again.proof))).toBe(true);
  });

  it("C0 and C1 swapped, also when the challenge is drawn from C1", async () => {
    const { a, b, c0, c1 } = toAbiTwoRoundProof(full.proof);
    expect(await verdictOf({ a, b, c0: c1, c1: c0 })).toBe(false);
    expect(await verdictOf({ a, b, c0, c1: c0 })).toBe(false);
    expect(await verdictOf({ a, b, c0: c1, c1 })).toBe(false);
    const drawn = challengesOf(toy.keyHash, pointG1(full.proof.pi_c1, "pi_c1"), signalsOf(job), 1);
    const aimed = await toy.prove(signalsOf(job), { draw: () => drawn });
    expect(await verdictOf({ ...toAbiTwoRoundProof(aimed.proof), c0: c1 })).toBe(false);
  });

  it("delta0 = delta1 would free the first round, so the registry refuses it", async () => {
    const broken = await makeTwoRoundToy({ inputs: 26, seed: 5, equalDeltas: true });
    const forged = await broken.prove(signalsOf(job), { c0: 42n });
    expect(await equationHolds(broken.verificationKey, forged)).toBe(true);
    const vain = await toy.prove(signalsOf(job), { c0: 42n });
    expect(await equationHolds(toy.verificationKey, vain)).toBe(false);
    expect(await verdictOf(toAbiTwoRoundProof(vain.proof))).toBe(false);
    await expect(s.registered(chain.connection, s.publicModel(broken))).rejects.toMatchObject({
      code: "RPC_REJECTED",
      message: expect.stringContaining("KeyForgeable") as string,
    });
  });

  describe("the other system's verifier", () => {
    it("refuses the key by name, both ways", async () => {
      const plain = await makeToy(26);
      const plainJob = { ...job, entryId: await s.registered(chain.connection, s.publicModel(plain)) };
      const { proof } = await s.proveJob(chain, plain, plainJob, s.publicInputs);
      const { a, b, c0, c1 } = toAbiTwoRoundProof(full.proof);
      expect(await verdict(plainJob, s.publicTensors, { a, b, c0, c1 })).toBe("WrongProtocol");
      expect(await verdict(plainJob, s.publicTensors, { a, b, c0, c1 }, "submit")).toBe("WrongProtocol");
      for (const name of ["verify", "submit"]) {
        const call = verifierCall(chain, name, job.entryId, job.jobId, job.recipient, s.publicTensors, { a, b, c: c1 });
        expect(await outcome(chain.connection, call)).toBe("WrongProtocol");
      }
      const message = expect.stringContaining("another proof system") as string;
      for (const submission of [s.submission(plainJob, s.publicTensors, full), s.submission(job, s.publicTensors, { proof })]) {
        await expect(verifyProof(chain.connection, submission)).rejects.toMatchObject({ code: "PROOF_MALFORMED", message });
        await expect(submitProof(chain.connection, submission)).rejects.toMatchObject({ code: "PROOF_MALFORMED", message });
      }
    });

    it("a proof that names no known system", async () => {
      const proof = { ...full.proof, protocol: "plonk" } as unknown as TwoRoundProof;
      const submission = s.submission(job, s.publicTensors, { proof });
      await expect(verifyProof(chain.connection, submission)).rejects.toMatchObject({ code: "PROOF_MALFORMED" });
    });
  });

  describe("attack ZK-20: replay and theft", () => {
    it("another job, another recipient; a thief submits for the recipient that the proof names", async () => {
      const proof = toAbiTwoRoundProof(full.proof);
      expect(await verdict({ ...job, jobId: 2n }, s.publicTensors, proof)).toBe(false);
      expect(await verdict({ ...job, recipient: s.OTHER_RECIPIENT }, s.publicTensors, proof)).toBe(false);
      const mine = { ...job, jobId: 20n };
      const seen = await s.proveJob(chain, toy, mine, s.publicInputs);
      expect((await submitProof(await asAccount(chain, 3), s.submission(mine, s.publicTensors, seen))).valid).toBe(true);
      expect(await resultOf(mine)).not.toBe(NO_RESULT);
      expect(await resultOf({ ...mine, recipient: s.OTHER_RECIPIENT })).toBe(NO_RESULT);
      const wrong = { ...job, jobId: 21n };
      expect(await submitProof(chain.connection, s.submission(wrong, s.publicTensors, full))).toMatchObject({ valid: false });
      expect(await resultOf(wrong)).toBe(NO_RESULT);
    });

    it("another verifier contract, with the same registry", async () => {
      const { bytecode, abi } = loadArtifact("TwoRoundVerifier");
      const data = bytecode + abi.encodeDeploy([chain.addresses.registry]).slice(2);
      const receipt = await sendRequest(chain.connection, { to: null, data });
      const args = s.argumentsOf(s.submission(job, s.publicTensors, full));
      expect(await outcome(chain.connection, { to: String(receipt.contractAddress), abi, name: "verify", args })).toBe(false);
    });

    it("another registrant's entry with the same key", async () => {
      const copied = { ...job, entryId: await s.registered(await asAccount(chain, 2), s.publicModel(toy)) };
      expect(await verdict(copied, s.publicTensors, toAbiTwoRoundProof(full.proof))).toBe(false);
    });
  });

  it("changing any tensor fails", async () => {
    const random = new Random(3);
    const proof = toAbiTwoRoundProof(full.proof);
    const changed = (tensor: number, at: number): Uint8Array[] =>
      s.publicTensors.map((bytes, i) => (i === tensor ? bytes.map((byte, j) => (j === at ? byte ^ (1 << random.below(8)) : byte)) : bytes));
    for (let signal = 0; signal < 26; signal++) {
      expect(await verdict(job, changed(0, Math.min(31 * signal + random.below(31), 783)), proof), `signal ${signal}`).toBe(false);
    }
    for (let i = 0; i < 20; i++) expect(await verdict(job, changed(1, i), proof), `byte ${i} of the scores`).toBe(false);
    expect(await verdict(job, [toBytes("u8", s.pixels.slice(1)), s.publicTensors[1]], proof)).toBe("WrongTensorLength");
    expect(await verdict(job, s.publicTensors.slice(1), proof)).toBe("WrongTensorCount");
  });

  describe("attack ZK-13: malformed points", () => {
    const words = (): bigint[] => flat(toAbiTwoRoundProof(full.proof));
    const replaced = (index: number, value: bigint): AbiTwoRoundProof => unflat(words().map((word, i) => (i === index ? value : word)));

    it("coordinates plus the modulus", async () => {
      for (const [i, word] of words().entries()) {
        for (const value of [word + P, P, 2n ** 256n - 1n]) {
          expect(await verdictOf(replaced(i, value)), `word ${i}`).toBe("ProofNotCanonical");
          expect(await verdict(job, s.publicTensors, replaced(i, value), "submit"), `word ${i}`).toBe("ProofNotCanonical");
        }
      }
      for (const pi_c0 of [[String(words()[6] + P), full.proof.pi_c0[1], "1"], [full.proof.pi_c0[0], String(words()[7] + P), "1"]]) {
        const submission = s.submission(job, s.publicTensors, { proof: { ...full.proof, pi_c0 } });
        await expect(verifyProof(chain.connection, submission)).rejects.toMatchObject({ code: "PROOF_MALFORMED" });
      }
      const view = twoRoundCall(chain, "challengesOf", job.entryId, job.jobId, job.recipient, s.publicTensors, [words()[6] + P, words()[7]]);
      expect(await outcome(chain.connection, view)).toBe("ProofNotCanonical");
    });

    it("off the curve", async () => {
      for (const [i, word] of words().entries()) {
        expect(await verdictOf(replaced(i, (word + 1n) % P)), `word ${i}`).toBe("PointInvalid");
        expect(await verdict(job, s.publicTensors, replaced(i, (word + 1n) % P), "submit"), `word ${i}`).toBe("PointInvalid");
      }
    });

    it("flipped bits", async () => {
      const random = new Random(7);
      for (const [i, word] of words().entries()) {
        for (let round = 0; round < 6; round++) {
          const bit = random.below(256);
          expect(s.REFUSED, `word ${i}, bit ${bit}`).toContain(await verdictOf(replaced(i, word ^ (1n << BigInt(bit)))));
        }
      }
    });

    it("negated, swapped and at infinity", async () => {
      const proof = toAbiTwoRoundProof(full.proof);
      const { a, b, c0, c1 } = proof;
      const mutations: readonly AbiTwoRoundProof[] = [
        { ...proof, a: [a[0], P - a[1]] },
        { ...proof, b: [b[0], b[1].map((value) => P - value)] },
        { ...proof, c0: [c0[0], P - c0[1]] },
        { ...proof, c1: [c1[0], P - c1[1]] },
        { ...proof, a: c0, c0: a },
        { ...proof, b: [b[1], b[0]] },
        { ...proof, a: [0n, 0n] },
        { ...proof, b: [[0n, 0n], [0n, 0n]] },
        { ...proof, c0: [0n, 0n] },
        { ...proof, c1: [0n, 0n] },
        unflat(Array<bigint>(10).fill(0n)),
      ];
      for (const [i, mutation] of mutations.entries()) expect(s.REFUSED, `mutation ${i}`).toContain(await verdictOf(mutation));
    });
  });

  it("too little gas never makes a good proof look bad", async () => {
    const call = twoRoundCall(chain, "verify", ...s.argumentsOf(s.submission(job, s.publicTensors, full)));
    expect(await outcomesOfGas(chain.connection, call, steps(80_000, 520_000, 7_777))).toEqual(new Set([true, "reverted"]));
  });
});

function flat({ a, b, c0, c1 }: AbiTwoRoundProof): bigint[] {
  return [...a, ...b.flat(), ...c0, ...c1];
}

function unflat(words: readonly bigint[]): AbiTwoRoundProof {
  return { a: words.slice(0, 2), b: [words.slice(2, 4), words.slice(4, 6)], c0: words.slice(6, 8), c1: words.slice(8) };
}
