/** What callers give in memory is checked like files: every wrong value has its documented code. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { check } from "../../src/api/check.js";
import { claim } from "../../src/api/claim.js";
import { prove } from "../../src/api/prove.js";
import { settle } from "../../src/api/settle.js";
import { verify } from "../../src/api/verify.js";
import { Stages } from "../../src/progress.js";
import { givenSample } from "../../src/samples/given.js";
import { readProofDirectory } from "../../src/zk/bundle.js";
import { compileTiny, type Compiled, proveTiny } from "../support/proofRig.js";
import { tinyLinear } from "../support/tinyModels.js";
import { PUBLIC, testPool } from "../support/zkRig.js";

const scratch = mkdtempSync(join(tmpdir(), "assay-given-"));
const session = { stages: new Stages(), signal: new AbortController().signal, pool: testPool, note: (): void => undefined };
const SAMPLE = [1, 0.5, 0.25, 0.75];
const own = process.env.ASSAY_CACHE;
let compiled: Compiled;
let proof: string;

beforeAll(async () => {
  process.env.ASSAY_CACHE = scratch;
  compiled = await compileTiny("given", tinyLinear([0.5, -0.25, 1, 0.125, 0.75, -1, 0.3, 0.6], 2), SAMPLE, { protocol: "groth16", visibilities: PUBLIC });
  proof = await proveTiny("given", compiled, SAMPLE);
});

afterAll(() => {
  if (own === undefined) delete process.env.ASSAY_CACHE;
  else process.env.ASSAY_CACHE = own;
  rmSync(scratch, { recursive: true, force: true });
});

const samples: readonly (readonly [what: string, code: string, input: unknown])[] = [
  ["no value", "INPUT_MALFORMED", undefined],
  ["a number", "INPUT_MALFORMED", 7],
  ["the values themselves", "INPUT_MISMATCH", SAMPLE],
  ["a number for an input", "INPUT_MALFORMED", [4]],
  ["no inputs", "INPUT_MISMATCH", []],
  ["too many inputs", "INPUT_MISMATCH", [SAMPLE, SAMPLE]],
  ["too few values", "INPUT_MISMATCH", [Float32Array.of(1, 2, 3)]],
  ["Infinity", "INPUT_NOT_FINITE", [Float32Array.of(1, 2, 3, Infinity)]],
  ["more than a float32 holds", "INPUT_NOT_FINITE", [Float64Array.of(1, 2, 3, 1e39)]],
  ["NaN", "INPUT_NOT_FINITE", [[1, 2, NaN, 3]]],
  ["a text", "INPUT_MALFORMED", [[1, 2, "3", 4]]],
  ["big integers", "INPUT_MALFORMED", [BigInt64Array.of(1n, 2n, 3n, 4n)]],
  ["a hole", "INPUT_MALFORMED", [[1, , 3, 4]]],
  ["bytes of something", "INPUT_MALFORMED", [new DataView(new ArrayBuffer(4))]],
];

describe("a sample in memory", () => {
  it.each(samples)("%s: %s", (_, code, input) => {
    expect(() => givenSample(input as never, [{ name: "x", shape: [1, 4] }])).toThrow(expect.objectContaining({ name: "AssayError", code, where: expect.stringContaining("input") as string }));
  });

  it("is taken as numbers of any kind", () => {
    const shapes = [{ name: "x", shape: [3] }, { name: "n", shape: [1], elementType: "int64" as const }];
    expect(givenSample([[1, 0.5, 0.1] as never, Float64Array.of(2 ** 40)], shapes)).toEqual([Float32Array.of(1, 0.5, 0.1), Float64Array.of(2 ** 40)]);
    expect(() => givenSample([[1, 0.5, 0.1] as never, Float64Array.of(0.5)], shapes)).toThrow(expect.objectContaining({ code: "INPUT_MISMATCH", where: "input[1], n" }));
    expect(givenSample([], [])).toEqual([]);
  });

  it("is checked by everything that takes one", async () => {
    const input = [Float32Array.of(1, 2, 3, Infinity)];
    const { directory } = compiled.model;
    for (const call of [prove, check, claim]) await expect(call(directory, { input, session })).rejects.toMatchObject({ code: "INPUT_NOT_FINITE", where: "input[0], x" });
  });
});

describe("a proof in memory", () => {
  it("is judged as its files are", async () => {
    const content = readProofDirectory(proof);
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
    const given = change(readProofDirectory(proof)) as never;
    await expect(verify(given, { session })).rejects.toMatchObject({ name: "AssayError", code: "PROOF_MALFORMED" });
  });

  it("is parsed before a claim is settled by it", async () => {
    await expect(settle(`0x${"1".repeat(64)}`, { proof: {} as never, rpc: ["http://127.0.0.1:1"], session })).rejects.toMatchObject({ code: "PROOF_MALFORMED" });
  });
});
