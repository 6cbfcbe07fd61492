import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { submitProof } from "../../src/chain/submitProof.js";
import { registerModel } from "../../src/chain/registerModel.js";
import { type Chain, startChain } from "./support/chain.js";
import * as s from "./support/scenario.js";
import { endCurve, makeToy } from "./support/toy.js";
import { makeTwoRoundToy } from "./support/twoRoundToy.js";

/** Zero bytes of calldata are cheaper, and how many a random proof has is chance. */
const TOLERANCE = 200n;
const SNAPSHOT = new URL("gas.snapshot.json", import.meta.url);
const UPDATE = process.env.UPDATE_GAS_SNAPSHOT === "1";

const snapshot = JSON.parse(readFileSync(SNAPSHOT, "utf8")) as Record<string, number>;

function check(name: string, gasUsed: bigint | undefined): void {
  if (gasUsed === undefined) throw new Error(`${name}: no gas`);
  if (UPDATE) snapshot[name] = Number(gasUsed);
  expect(gasUsed, name).toBeLessThanOrEqual(BigInt(snapshot[name]) + TOLERANCE);
}

describe("gas", () => {
  let chain: Chain;

  beforeAll(async () => {
    chain = await startChain();
  });

  afterAll(async () => {
    await chain.close();
    await endCurve();
    if (UPDATE) writeFileSync(SNAPSHOT, `${JSON.stringify(snapshot, null, 2)}\n`);
  });

  it("784 public pixels: 28 signals, at most 450k", async () => {
    const toy = await makeToy(26);
    const { entryId, gasUsed } = await registerModel(chain.connection, s.publicModel(toy));
    check("register, 28 signals", gasUsed);
    const job = { entryId, jobId: 1n, recipient: s.RECIPIENT };
    const proof = await s.proveJob(chain, toy, job, s.publicInputs);
    const result = await submitProof(chain.connection, s.submission(job, s.publicTensors, proof));
    expect(result.valid).toBe(true);
    expect(result.gasUsed).toBeLessThanOrEqual(450_000n);
    check("submit, 784 public u8, 10 public i16", result.gasUsed);
  });

  it("two rounds: at most 60k more than Groth16 for the same tensors", async () => {
    const toy = await makeTwoRoundToy({ inputs: 26 });
    const { entryId, gasUsed } = await registerModel(chain.connection, s.publicModel(toy));
    check("register, two-round, 29 signals", gasUsed);
    const job = { entryId, jobId: 1n, recipient: s.RECIPIENT };
    const proof = await s.proveJob(chain, toy, job, s.publicInputs);
    const result = await submitProof(chain.connection, s.submission(job, s.publicTensors, proof));
    expect(result.valid).toBe(true);
    expect(result.gasUsed).toBeLessThanOrEqual(BigInt(snapshot["submit, 784 public u8, 10 public i16"]) + 60_000n);
    check("submit, two-round, 784 public u8, 10 public i16", result.gasUsed);
  });

  it("hashed input: 3 signals, at most 280k", async () => {
    const toy = await makeToy(1);
    const { entryId, gasUsed } = await registerModel(chain.connection, s.hashedModel(toy));
    check("register, 3 signals", gasUsed);
    const job = { entryId, jobId: 1n, recipient: s.RECIPIENT };
    const proof = await s.proveJob(chain, toy, job, [s.commitment]);
    const result = await submitProof(chain.connection, s.submission(job, s.hashedTensors, proof));
    expect(result.valid).toBe(true);
    expect(result.gasUsed).toBeLessThanOrEqual(280_000n);
    check("submit, hashed input, 10 public i16", result.gasUsed);
  });
});
