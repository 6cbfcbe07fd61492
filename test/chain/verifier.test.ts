import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keccak256 } from "ethers";
import { loadArtifact } from "../../src/chain/artifacts.js";
import { readContract, sendRequest } from "../../src/chain/call.js";
import { submitProof } from "../../src/chain/submitProof.js";
import { type AbiProof, toAbiProof } from "../../src/chain/verifyCall.js";
import { verifyProof } from "../../src/chain/verifyProof.js";
import { contextOf, type SnarkjsProof, type SnarkjsVerificationKey } from "../../src/zk/keyEncoding.js";
import { asAccount, type Chain, outcome, outcomesOfGas, P, R, send, startChain, steps, verifierCall } from "./support/chain.js";
import { Random } from "./support/random.js";
import * as s from "./support/scenario.js";
import { endCurve, type FullProof, makeToy, type Toy, verifyOffChain } from "./support/toy.js";

describe("Groth16 verifier", () => {
  let chain: Chain;
  let toy: Toy;
  let hashedToy: Toy;
  let job: s.Job;
  let hashedJob: s.Job;
  let full: FullProof;
  let hashedFull: FullProof;

  beforeAll(async () => {
    chain = await startChain();
    [toy, hashedToy] = [await makeToy(26), await makeToy(1)];
    job = { entryId: await s.registered(chain.connection, s.publicModel(toy)), jobId: 1n, recipient: s.RECIPIENT };
    hashedJob = { ...job, entryId: await s.registered(chain.connection, s.hashedModel(hashedToy)) };
    full = await s.proveJob(chain, toy, job, s.publicInputs);
    hashedFull = await s.proveJob(chain, hashedToy, hashedJob, [s.commitment]);
  }, 60_000);
  afterAll(async () => {
    await chain.close();
    await endCurve();
  });

  /** true, false, or the error that the contract reverts with. */
  const verdict = (of: s.Job, tensors: readonly Uint8Array[], proof: AbiProof, name = "verify"): Promise<unknown> =>
    outcome(chain.connection, verifierCall(chain, name, of.entryId, of.jobId, of.recipient, tensors, proof));

  const resultOf = (of: s.Job): Promise<unknown> =>
    outcome(chain.connection, verifierCall(chain, "resultOf", of.entryId, of.jobId, of.recipient));

  const changed = (tensors: readonly Uint8Array[], tensor: number, edit: (bytes: Uint8Array) => void) =>
    tensors.map((bytes, i) => {
      const copy = Uint8Array.from(bytes);
      if (i === tensor) edit(copy);
      return copy;
    });

  it("accepts a valid proof, off chain and on, and packs the same signals", async () => {
    expect(await verifyOffChain(toy.verificationKey, full.publicSignals, full.proof)).toBe(true);
    expect(await verdict(job, s.publicTensors, toAbiProof(full.proof))).toBe(true);
    expect(await verdict(hashedJob, s.hashedTensors, toAbiProof(hashedFull.proof))).toBe(true);
    const args = [job.entryId, job.jobId, job.recipient, s.publicTensors];
    const [signals] = await readContract(chain.connection, verifierCall(chain, "publicSignals", ...args));
    expect(Array.from(signals as Iterable<bigint>, String)).toEqual(full.publicSignals);
    expect(await verifyProof(chain.connection, s.submission(job, s.publicTensors, full))).toBe(true);
    const readOnly = { ...chain.connection, account: undefined };
    const estimated = await submitProof(readOnly, s.submission(job, s.publicTensors, full));
    expect(estimated).toMatchObject({ valid: true, transactionHash: undefined });
    expect(estimated.gasUsed).toBeGreaterThan(400_000n);
  });

  it("records a submitted result, once, with its outputs in the event", async () => {
    const once = { ...job, jobId: 77n };
    const proof = await s.proveJob(chain, toy, once, s.publicInputs);
    expect(await resultOf(once)).toBe(`0x${"00".repeat(32)}`);
    const call = verifierCall(chain, "submit", ...s.argumentsOf(s.submission(once, s.publicTensors, proof)));
    // Below what nodes accept of one transaction.
    expect(call.abi.encodeFunctionData(call.name, call.args).length / 2).toBeLessThan(128 * 1024);
    const receipt = await send(chain.connection, call);
    const event = call.abi.parseLog(receipt.logs[0]);
    expect(event?.name).toBe("Verified");
    expect(event?.args.toArray(true)).toEqual([
      once.entryId,
      once.jobId,
      once.recipient,
      [`0x${Buffer.from(s.publicTensors[1]).toString("hex")}`],
    ]);
    const encoded = call.abi.getAbiCoder().encode(["bytes[]"], [s.publicTensors]);
    expect(await resultOf(once)).toBe(keccak256(encoded));
    const again = submitProof(chain.connection, s.submission(once, s.publicTensors, proof));
    await expect(again).rejects.toMatchObject({ code: "RPC_REJECTED" });
    // (-A, -B, C) is another valid proof of the same statement, so nothing may hang on proof bytes.
    const other = toAbiProof(proof.proof);
    const negated = {
      a: [other.a[0], P - other.a[1]],
      b: [other.b[0], other.b[1].map((value) => P - value)],
      c: other.c,
    };
    expect(await verdict(once, s.publicTensors, negated)).toBe(true);
    expect(await verdict(once, s.publicTensors, negated, "submit")).toBe("JobDone");
  });

  it("an invalid proof reverts, records nothing and is reported as invalid", async () => {
    const wrong = { ...job, jobId: 2n };
    expect(await verdict(wrong, s.publicTensors, toAbiProof(full.proof), "submit")).toBe("ProofInvalid");
    expect(await submitProof(chain.connection, s.submission(wrong, s.publicTensors, full))).toMatchObject({
      valid: false,
      transactionHash: undefined,
    });
    expect(await resultOf(wrong)).toBe(`0x${"00".repeat(32)}`);
  });

  describe("attack ZK-20: replay and theft", () => {
    it("another job, another recipient, another sender's name", async () => {
      const proof = toAbiProof(full.proof);
      expect(await verdict({ ...job, jobId: 2n }, s.publicTensors, proof)).toBe(false);
      expect(await verdict({ ...job, recipient: s.OTHER_RECIPIENT }, s.publicTensors, proof)).toBe(false);
      // Whoever sees the proof in a mempool can only submit it for the recipient it names.
      const thief = await asAccount(chain, 3);
      const mine = { ...job, jobId: 20n };
      const seen = await s.proveJob(chain, toy, mine, s.publicInputs);
      expect((await submitProof(thief, s.submission(mine, s.publicTensors, seen))).valid).toBe(true);
      expect(await resultOf(mine)).not.toBe(`0x${"00".repeat(32)}`);
      expect(await resultOf({ ...mine, recipient: s.OTHER_RECIPIENT })).toBe(`0x${"00".repeat(32)}`);
    });

    it("another verifier contract, with the same registry", async () => {
      const { bytecode, abi } = loadArtifact("Groth16Verifier");
      const { registry, verifier } = chain.addresses;
      const data = bytecode + abi.encodeDeploy([registry]).slice(2);
      const receipt = await sendRequest(chain.connection, { to: null, data });
      const args = s.argumentsOf(s.submission(job, s.publicTensors, full));
      const elsewhere = { to: String(receipt.contractAddress), abi, name: "verify", args };
      expect(elsewhere.to).not.toBe(verifier);
      expect(await outcome(chain.connection, elsewhere)).toBe(false);
    });

    it("another chain, with the same addresses and entry", async () => {
      const other = await startChain({ chainId: 1337 });
      try {
        expect(other.addresses).toEqual(chain.addresses);
        const { connection } = other;
        expect(await s.registered(connection, s.publicModel(toy))).toBe(job.entryId);
        expect(await verifyProof(connection, s.submission(job, s.publicTensors, full))).toBe(false);
        const proof = await s.proveJob(other, toy, job, s.publicInputs);
        expect(await verifyProof(connection, s.submission(job, s.publicTensors, proof))).toBe(true);
      } finally {
        await other.close();
      }
    });
  });

  it("attack ZK-21: a stranger's key for the model never answers for the entry a consumer names", async () => {
    const stranger = await asAccount(chain, 2);
    const own = await makeToy(26);
    const theirs = { ...job, entryId: await s.registered(stranger, s.publicModel(own)) };
    const proof = await s.proveJob(chain, own, theirs, s.publicInputs);
    expect((await submitProof(stranger, s.submission(theirs, s.publicTensors, proof))).valid).toBe(true);
    expect(await verdict(job, s.publicTensors, toAbiProof(proof.proof))).toBe(false);
    expect(await resultOf(job)).toBe(`0x${"00".repeat(32)}`);
    // Not even with a context that names the consumer's entry.
    const aimed = await s.proveJob(chain, own, job, s.publicInputs);
    expect(await verdict(job, s.publicTensors, toAbiProof(aimed.proof))).toBe(false);
    // And a copy of the consumer's key, registered by the stranger, does not take the consumer's proofs.
    const copied = { ...job, entryId: await s.registered(stranger, s.publicModel(toy)) };
    expect(await verdict(copied, s.publicTensors, toAbiProof(full.proof))).toBe(false);
    const missing = { ...job, entryId: `0x${"77".repeat(32)}` };
    expect(await verdict(missing, s.publicTensors, toAbiProof(full.proof))).toBe("EntryMissing");
  });

  it("changing each public signal alone fails, off chain and on", async () => {
    const random = new Random(3);
    for (let i = 0; i < full.publicSignals.length; i++) {
      const bit = 1n << BigInt(random.below(240));
      const signals = full.publicSignals.map((v, j) => (i === j ? String(BigInt(v) ^ bit) : v));
      expect(await verifyOffChain(toy.verificationKey, signals, full.proof), `signal ${i}`).toBe(false);
    }
    const proof = toAbiProof(full.proof);
    for (let signal = 0; signal < 26; signal++) {
      const at = Math.min(31 * signal + random.below(31), 783);
      const tensors = changed(s.publicTensors, 0, (bytes) => (bytes[at] ^= 1 << random.below(8)));
      expect(await verdict(job, tensors, proof), `pixel ${at}`).toBe(false);
    }
    for (let i = 0; i < 20; i++) {
      const tensors = changed(s.publicTensors, 1, (bytes) => (bytes[i] ^= 1 << random.below(8)));
      expect(await verdict(job, tensors, proof), `byte ${i} of the scores`).toBe(false);
    }
    const other = changed(s.hashedTensors, 0, (bytes) => (bytes[31] ^= 1));
    expect(await verdict(hashedJob, other, toAbiProof(hashedFull.proof))).toBe(false);
  });

  it("swapped elements and tensors fail", async () => {
    const swap = (bytes: Uint8Array, a: number, b: number): void => {
      [bytes[a], bytes[b]] = [bytes[b], bytes[a]];
    };
    const proof = toAbiProof(full.proof);
    const different = s.pixels.findIndex((value) => value !== s.pixels[0]);
    expect(await verdict(job, changed(s.publicTensors, 0, (bytes) => { swap(bytes, 0, different); }), proof)).toBe(false);
    expect(await verdict(job, changed(s.publicTensors, 1, (bytes) => { swap(bytes, 0, 1); }), proof)).toBe(false);
    expect(await verdict(job, [s.publicTensors[1], s.publicTensors[0]], proof)).toBe("WrongTensorLength");
    const signals = [...full.publicSignals];
    [signals[2], signals[3]] = [signals[3], signals[2]];
    expect(await verifyOffChain(toy.verificationKey, signals, full.proof)).toBe(false);
  });

  describe("attack ZK-13: non-canonical values", () => {
    it("public signals and commitments not less than the modulus", async () => {
      for (let i = 0; i < full.publicSignals.length; i++) {
        const signals = full.publicSignals.map((v, j) => (i === j ? String(BigInt(v) + R) : v));
        expect(await verifyOffChain(toy.verificationKey, signals, full.proof), `signal ${i}`).toBe(false);
      }
      const tensors = [s.bytes32(s.commitment + R), s.hashedTensors[1]];
      expect(await verdict(hashedJob, tensors, toAbiProof(hashedFull.proof))).toBe("CommitmentTooLarge");
      const submission = { ...s.submission(hashedJob, tensors, hashedFull) };
      expect((await submitProof(chain.connection, submission)).valid).toBe(false);
    });

    it("proof coordinates plus the modulus", async () => {
      const words = flat(toAbiProof(full.proof));
      for (let i = 0; i < words.length; i++) {
        for (const value of [words[i] + P, P, 2n ** 256n - 1n]) {
          const proof = unflat(words.map((word, j) => (i === j ? value : word)));
          expect(await verdict(job, s.publicTensors, proof), `word ${i}`).toBe("ProofNotCanonical");
          expect(await verdict(job, s.publicTensors, proof, "submit"), `word ${i}`).toBe("ProofNotCanonical");
        }
      }
      const proof = { ...full.proof, pi_a: [String(words[0] + P), ...full.proof.pi_a.slice(1)] };
      // snarkjs alone takes it: what is verified off chain has to be canonical first.
      expect(await verifyOffChain(toy.verificationKey, full.publicSignals, proof)).toBe(true);
      const submission = s.submission(job, s.publicTensors, { ...full, proof });
      await expect(verifyProof(chain.connection, submission)).rejects.toMatchObject({ code: "PROOF_MALFORMED" });
    });

    it("dirty address bits revert; bytes after the arguments make no other job", async () => {
      const once = { ...job, jobId: 13n };
      const proof = await s.proveJob(chain, toy, once, s.publicInputs);
      const call = verifierCall(chain, "submit", ...s.argumentsOf(s.submission(once, s.publicTensors, proof)));
      const data = call.abi.encodeFunctionData(call.name, call.args);
      const address = 2 + 2 * (4 + 64);
      const dirty = `${data.slice(0, address)}01${data.slice(address + 2)}`;
      await expect(sendRequest(chain.connection, { to: call.to, data: dirty })).rejects.toThrow();
      await sendRequest(chain.connection, { to: call.to, data: `${data}deadbeef` });
      expect(await outcome(chain.connection, call)).toBe("JobDone");
    });
  });

  it("wrong numbers and lengths of tensors", async () => {
    const proof = toAbiProof(full.proof);
    const [image, scores] = s.publicTensors;
    expect(await verdict(job, [image], proof)).toBe("WrongTensorCount");
    expect(await verdict(job, [image, scores, new Uint8Array()], proof)).toBe("WrongTensorCount");
    for (const wrong of [image.subarray(1), Uint8Array.of(...image, 0), new Uint8Array(), new Uint8Array(32)]) {
      expect(await verdict(job, [wrong, scores], proof)).toBe("WrongTensorLength");
    }
    expect(await verdict(job, [image, scores.subarray(1)], proof)).toBe("WrongTensorLength");
    const short = verifyProof(chain.connection, s.submission(job, [image, scores.subarray(1)], full));
    await expect(short).rejects.toMatchObject({
      code: "PROOF_MALFORMED",
      message: expect.stringContaining("tensor 1") as string,
    });
  });

  describe("mutated proofs and keys", () => {
    it("flipped bits, off chain and on", async () => {
      const random = new Random(7);
      const words = flat(toAbiProof(full.proof));
      for (let i = 0; i < words.length; i++) {
        for (let round = 0; round < 6; round++) {
          const flipped = words.map((word, j) => (i === j ? word ^ (1n << BigInt(random.below(256))) : word));
          expect(s.REFUSED, `word ${i}`).toContain(await verdict(job, s.publicTensors, unflat(flipped)));
          if (flipped[i] < P) {
            expect(await offChain(toy.verificationKey, full, unflat(flipped)), `word ${i}`).toBe(false);
          }
        }
      }
    });

    it("swapped points, swapped halves, points at infinity and off the curve", async () => {
      const { a, b, c } = toAbiProof(full.proof);
      const swapped: readonly AbiProof[] = [
        { a: c, b, c: a },
        { a, b, c: a },
        { a: c, b, c },
        { a, b: [b[1], b[0]], c },
        { a, b: b.map(([imaginary, real]) => [real, imaginary]), c },
        { a: [a[1], a[0]], b, c },
        { a: [0n, 0n], b, c },
        { a, b: [[0n, 0n], [0n, 0n]], c },
        { a, b, c: [0n, 0n] },
        { a: [1n, 1n], b, c },
        { a: [0n, 0n], b: [[0n, 0n], [0n, 0n]], c: [0n, 0n] },
        { a: [a[0], P - a[1]], b, c },
      ];
      for (const [i, proof] of swapped.entries()) {
        expect(s.REFUSED, `swap ${i}`).toContain(await verdict(job, s.publicTensors, proof));
        expect(await offChain(toy.verificationKey, full, proof), `swap ${i}`).toBe(false);
      }
    });

    it("a key with swapped elements takes no proof of the right one", async () => {
      const key = toy.verificationKey;
      const swapIc = (x: number, y: number): SnarkjsVerificationKey => {
        const IC = [...key.IC];
        [IC[x], IC[y]] = [IC[y], IC[x]];
        return { ...key, IC };
      };
      const keys: readonly SnarkjsVerificationKey[] = [
        swapIc(0, 1),
        swapIc(2, 3),
        swapIc(1, 28),
        { ...key, vk_gamma_2: key.vk_delta_2, vk_delta_2: key.vk_gamma_2 },
        { ...key, vk_beta_2: key.vk_gamma_2, vk_gamma_2: key.vk_beta_2 },
        { ...key, vk_alpha_1: key.IC[0], IC: [key.vk_alpha_1, ...key.IC.slice(1)] },
      ];
      for (const [i, verificationKey] of keys.entries()) {
        const model = { ...s.publicModel(toy), verificationKey };
        const mutated = { ...job, entryId: await s.registered(chain.connection, model) };
        // The context names the mutated entry, so that the key alone decides.
        const proof = await s.proveJob(chain, toy, mutated, s.publicInputs);
        expect(await verdict(mutated, s.publicTensors, toAbiProof(proof.proof)), `key ${i}`).toBe(false);
        expect(await verifyOffChain(verificationKey, proof.publicSignals, proof.proof), `key ${i}`).toBe(false);
        expect(await verifyOffChain(key, proof.publicSignals, proof.proof)).toBe(true);
      }
    });
  });

  it("too little gas never makes a good proof look bad", async () => {
    const call = verifierCall(chain, "verify", ...s.argumentsOf(s.submission(hashedJob, s.hashedTensors, hashedFull)));
    expect(await outcomesOfGas(chain.connection, call, steps(40_000, 280_000, 1_777))).toEqual(new Set([true, "reverted"]));
  });

  it("computes the context as the contract does, and below the modulus", async () => {
    const random = new Random(17);
    for (let i = 0; i < 8; i++) {
      const entryId = `0x${Buffer.from(random.bytes(32)).toString("hex")}`;
      const recipient = `0x${Buffer.from(random.bytes(20)).toString("hex")}`;
      const jobId = random.field() << 8n;
      const expected = contextOf({ chainId: 31337, verifier: chain.addresses.verifier, entryId, jobId, recipient });
      const call = verifierCall(chain, "contextOf", entryId, jobId, recipient);
      expect(await outcome(chain.connection, call)).toBe(expected);
      expect(expected).toBeLessThan(1n << 248n);
    }
  });
});

function flat({ a, b, c }: AbiProof): bigint[] {
  return [...a, ...b.flat(), ...c];
}

function unflat(words: readonly bigint[]): AbiProof {
  return { a: words.slice(0, 2), b: [words.slice(2, 4), words.slice(4, 6)], c: words.slice(6) };
}

/** snarkjs' verdict; it throws on some malformed points. */
async function offChain(key: SnarkjsVerificationKey, full: FullProof, { a, b, c }: AbiProof): Promise<boolean> {
  const g1 = (point: readonly bigint[]): string[] => [...point.map(String), "1"];
  const proof: SnarkjsProof = {
    ...full.proof,
    pi_a: g1(a),
    pi_b: [...b.map(([imaginary, real]) => [String(real), String(imaginary)]), ["1", "0"]],
    pi_c: g1(c),
  };
  try {
    return await verifyOffChain(key, full.publicSignals, proof);
  } catch {
    return false;
  }
}
