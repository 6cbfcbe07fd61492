/**
 * What the library is given to verify: a directory of many proofs, where whatever is wrong with one is found and the others are
 * judged all the same; a proof in memory, which is judged as its files are. Samples in memory are checked, too.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { check } from "../../src/api/check.js";
import { claim } from "../../src/api/claim.js";
import { prove as proveOne } from "../../src/api/prove.js";
import { settle } from "../../src/api/settle.js";
import { verify } from "../../src/api/verify.js";
import { verifyMany } from "../../src/api/verifyMany.js";
import { Stages } from "../../src/progress.js";
import { proveBatch } from "../../src/zk/batch/index.js";
import { readProofDirectory } from "../../src/zk/bundle.js";
import { type Compiled, compileTiny, DESTINATION } from "../support/proofRig.js";
import { tinyLinear } from "../support/tinyModels.js";
import { PUBLIC, testPool } from "../support/zkRig.js";

const scratch = mkdtempSync(join(tmpdir(), "assay-verify-many-"));
const cache = process.env.ASSAY_CACHE;
afterAll(() => {
  if (cache === undefined) delete process.env.ASSAY_CACHE;
  else process.env.ASSAY_CACHE = cache;
  rmSync(scratch, { recursive: true, force: true });
});

const COUNT = 3;
let compiled: Compiled;
const session = { stages: new Stages(), signal: new AbortController().signal, pool: testPool, note: (): void => undefined };

async function prove(name: string, jobId = DESTINATION.jobId): Promise<string> {
  const directory = join(scratch, name);
  const source = { count: COUNT, origin: (n: number): string => `sample ${n}`, read: (n: number): Float32Array[] => [Float32Array.of(n / 4, 0.5, 0.25, 0.75)] };
  await proveBatch(compiled.model, source, { directory, destination: { ...DESTINATION, jobId }, pool: testPool(), progress: new Stages() });
  return directory;
}

let whole: string;
let later: string;

beforeAll(async () => {
  compiled = await compileTiny("many", tinyLinear([0.5, -0.25, 1, 0.125, 0.75, -1, 0.3, 0.6], 2), [1, 0.5, 0.25, 0.75], { protocol: "groth16", visibilities: PUBLIC });
  whole = await prove("whole");
  later = await prove("later", DESTINATION.jobId + 100n);
});

let copies = 0;

/** A copy of the directory, spoiled. */
function spoiled(change: (directory: string) => void): string {
  const directory = join(scratch, `copy-${copies++}`);
  cpSync(whole, directory, { recursive: true });
  change(directory);
  return directory;
}

it("finds nothing wrong with what was proven", async () => {
  const verified = await verifyMany(whole, { session });
  expect(verified).toMatchObject({ directory: whole, proofs: COUNT, valid: COUNT, invalid: [], claims: { modelId: compiled.model.manifest.modelId, setup: "dev" } });
  expect(verified.claims?.context.jobId).toBe(DESTINATION.jobId.toString());
});

it("compares with what the user expects, a job for each input", async () => {
  const { chainId, verifier, jobId, recipient } = DESTINATION;
  const target = { chainId, verifier, jobId, recipient };
  expect(await verifyMany(whole, { session, for: target })).toMatchObject({ valid: COUNT });
  const wrong = await verifyMany(whole, { session, for: { ...target, jobId: jobId + 1n } });
  expect(wrong.invalid.map(({ input, reason }) => [input, reason])).toEqual([0, 1, 2].map((n) => [n, `the proof is for job ${jobId + BigInt(n)}, not ${jobId + BigInt(n) + 1n}`]));
  const entry = `0x${"1".repeat(64)}`;
  expect((await verifyMany(whole, { session, entry })).invalid.map(({ reason }) => reason)).toEqual(Array(COUNT).fill(expect.stringContaining(`not ${entry}`)));
});

function changeOutput(directory: string): void {
  const path = join(directory, "000001", "bundle.json");
  const bundle = JSON.parse(readFileSync(path, "utf8")) as { outputs: { data: string }[] };
  const [{ data }] = bundle.outputs;
  bundle.outputs[0].data = `${data.slice(0, -1)}${data.endsWith("0") ? "1" : "0"}`;
  writeFileSync(path, JSON.stringify(bundle));
}

it.each<[what: string, change: (directory: string) => void, reason: RegExp]>([
  ["a changed output", changeOutput, /public signal/],
  ["another proof's signals", (directory) => cpSync(join(directory, "000000", "public.json"), join(directory, "000001", "public.json")), /does not verify/],
  ["a proof that passes for two", (directory) => cpSync(join(directory, "000000"), join(directory, "000001"), { recursive: true }), /for job/],
  ["a proof of another batch", (directory) => cpSync(join(later, "000001"), join(directory, "000001"), { recursive: true }), /for job/],
  ["a file that is gone", (directory) => rmSync(join(directory, "000001", "proof.json")), /proof\.json|missing/],
  ["a file that is no JSON", (directory) => writeFileSync(join(directory, "000001", "proof.json"), "{"), /JSON/],
])("finds %s, and judges the others", async (_, change, reason) => {
  const { proofs, valid, invalid } = await verifyMany(spoiled(change), { session });
  expect({ proofs, valid, invalid }).toEqual({ proofs: COUNT, valid: COUNT - 1, invalid: [{ input: 1, proof: "000001", reason: expect.stringMatching(reason) as string }] });
});

it("says where there is nothing to verify", async () => {
  const directory = join(scratch, "empty");
  mkdirSync(directory);
  await expect(verifyMany(directory, { session })).rejects.toMatchObject({ code: "ARTEFACT_MISSING" });
});

it("a sample in memory is checked by everything that takes one", async () => {
  process.env.ASSAY_CACHE = join(scratch, "cache");
  const input = [Float32Array.of(1, 2, 3, Infinity)];
  const { directory } = compiled.model;
  for (const call of [proveOne, check, claim]) await expect(call(directory, { input, session })).rejects.toMatchObject({ code: "INPUT_NOT_FINITE", where: "input[0], x" });
});

describe("a proof in memory", () => {
  it("is judged as its files are", async () => {
    const content = readProofDirectory(join(whole, "000000"));
    expect(await verify(content, { session })).toMatchObject({ valid: true });
    expect(await verify({ ...content, publicSignals: [...content.publicSignals].reverse() }, { session })).toMatchObject({ valid: false });
  });

  it.each<[string, (content: object) => unknown]>([
    ["no value", () => undefined],
    ["null", () => null],
    ["an empty object", () => ({})],
    ["an array", () => []],
    ["what no JSON holds", (content) => ({ ...content, proof: { x: 1n } })],
    ["no bundle", (content) => ({ ...content, bundle: null })],
    ["a bundle of another format", (content) => ({ ...content, bundle: { format: "other" } })],
    ["no proof", (content) => ({ ...content, proof: undefined })],
    ["no key", (content) => ({ ...content, verificationKey: [] })],
    ["no signals", (content) => ({ ...content, publicSignals: undefined })],
  ])("%s: PROOF_MALFORMED", async (_, change) => {
    const given = change(readProofDirectory(join(whole, "000000"))) as never;
    await expect(verify(given, { session })).rejects.toMatchObject({ name: "AssayError", code: "PROOF_MALFORMED" });
  });

  it("is parsed before a claim is settled by it", async () => {
    await expect(settle(`0x${"1".repeat(64)}`, { proof: {} as never, rpc: ["http://127.0.0.1:1"], session })).rejects.toMatchObject({ code: "PROOF_MALFORMED" });
  });
});
