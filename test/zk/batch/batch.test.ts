/** Many inputs proven by a pool: all of them, once, each as the single `prove` proves it, whatever ends a run in the middle. */
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { groth16 } from "snarkjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { proveMany } from "../../../src/api/proveMany.js";
import type { ErrorCode } from "../../../src/errors.js";
import { taskModule, WorkerPool } from "../../../src/pool/index.js";
import { Stages } from "../../../src/progress.js";
import type { SampleSource } from "../../../src/samples/source.js";
import { type BatchOptions, type BatchReport, proveBatch } from "../../../src/zk/batch/index.js";
import { type Bundle, type BundleTensor, readProofDirectory } from "../../../src/zk/bundle.js";
import { prove } from "../../../src/zk/prove.js";
import { challengeCount } from "../../../src/zk/protocol.js";
import { verifyDirectory } from "../../../src/zk/verify.js";
import { finished, interrupted } from "../../cli/batches.js";
import { listing, Workplace } from "../../cli/command.js";
import { DyingPool, index, Inputs, names, numbered, proofs, SAMPLE, thrown, upTo, values } from "../../support/batchRig.js";
import { type Compiled, compileTiny, DESTINATION } from "../../support/proofRig.js";
import { tinyLinear } from "../../support/tinyModels.js";
import { PUBLIC, testPool } from "../../support/zkRig.js";

const scratch = mkdtempSync(join(tmpdir(), "assay-batch-"));
afterAll(() => { rmSync(scratch, { recursive: true, force: true }); });

const MATRIX = [0.5, -0.25, 1, 0.125, 0.75, -1, 0.3, 0.6];

let plain: Compiled;
let lookups: Compiled;
let hidden: Compiled;
let other: Compiled;

beforeAll(async () => {
  const compiled = (name: string, protocol: "groth16" | "two-round", matrix = MATRIX, visibilities: Compiled["model"]["manifest"]["choices"]["visibilities"] = PUBLIC): Promise<Compiled> =>
    compileTiny(name, tinyLinear(matrix, 2), SAMPLE, { protocol, visibilities });
  plain = await compiled("plain", "groth16");
  lookups = await compiled("lookups", "two-round");
  hidden = await compiled("hidden", "groth16", MATRIX, { inputs: "hashed", outputs: "public" });
  other = await compiled("other", "groth16", [...MATRIX.slice(1), 0.9]);
});

let directories = 0;

function fresh(): string {
  return join(scratch, `batch-${directories++}`);
}

function run(compiled: Compiled, source: SampleSource, directory: string, options: Partial<BatchOptions> = {}): Promise<BatchReport> {
  return proveBatch(compiled.model, source, { directory, destination: DESTINATION, pool: testPool(), progress: new Stages(), ...options });
}

describe("a batch", () => {
  it.each([
    ["groth16", (): Compiled => plain],
    ["two-round", (): Compiled => lookups],
  ] as const)("proves every input as a single proof does: %s", async (protocol, compiledOf) => {
    const compiled = compiledOf();
    const directory = fresh();
    const entered: number[] = [];
    const report = await run(compiled, new Inputs(7), directory, { onEntry: ({ input }) => entered.push(input) });
    expect(report).toMatchObject({ inputs: 7, proven: 7, resumed: 0, failed: 0 });
    expect(report.proofsPerSecond).toBeGreaterThan(0);
    expect([...entered].sort()).toEqual(upTo(7));
    expect(names(directory)).toEqual([...numbered(...upTo(7)), "index.jsonl"]);
    expect(index(directory).map(({ input, origin, proof }) => [input, origin, proof])).toEqual(upTo(7).map((n) => [n, `sample ${n}`, numbered(n)[0]]));
    const { model, circuit, prover } = compiled;
    for (const n of upTo(7)) {
      const content = readProofDirectory(join(directory, numbered(n)[0]));
      await verifyDirectory(content);
      const single = await prove(model, circuit, prover, [Float32Array.from(values(n))], { ...DESTINATION, jobId: DESTINATION.jobId + BigInt(n) }, new Stages());
      // A challenge depends on the proof's own randomness.
      const bound = content.publicSignals.length - challengeCount(protocol);
      expect(content.publicSignals.slice(0, bound)).toEqual(single.content.publicSignals.slice(0, bound));
      expect(content.bundle).toEqual(JSON.parse(JSON.stringify(single.content.bundle)));
    }
  });

  it("makes proofs that snarkjs accepts", async () => {
    const directory = fresh();
    await run(plain, new Inputs(2), directory);
    for (const name of numbered(0, 1)) {
      const [key, signals, proof] = ["verification_key.json", "public.json", "proof.json"].map((file) => JSON.parse(readFileSync(join(directory, name, file), "utf8")) as never);
      expect(await groth16.verify(key, signals, proof)).toBe(true);
    }
  });

  it("reports a bad input by its number, and proves the others", async () => {
    const directory = fresh();
    const report = await run(plain, new Inputs(5, new Set([0, 3])), directory);
    expect(report).toMatchObject({ inputs: 5, proven: 3, failed: 2 });
    expect(names(directory)).toEqual([...numbered(1, 2, 4), "index.jsonl"]);
    const entries = index(directory);
    expect(entries.map((entry) => entry.input)).toEqual(upTo(5));
    for (const n of [0, 3]) expect(entries[n]).toEqual({ input: n, origin: `sample ${n}`, error: { code: "INPUT_NOT_FINITE", message: "element 2 is NaN", where: `sample ${n}` } });
    // Mended, they are proven by the next run, and nothing else is.
    expect(await run(plain, new Inputs(5), directory)).toMatchObject({ proven: 2, resumed: 3, failed: 0 });
    expect(index(directory).filter(({ error }) => error !== undefined)).toEqual([]);
  });

  it("reads inputs only as fast as they are proven", async () => {
    const source = new Inputs(16);
    let done = 0;
    const ahead: number[] = [];
    const pool = new WorkerPool({ size: 2, queue: 1 });
    await run(plain, source, fresh(), { pool, onEntry: () => ahead.push(source.reads - done++) });
    expect(Math.max(...ahead)).toBeLessThanOrEqual(3);
    expect(pool.report().queue).toEqual({ limit: 1, peak: 1 });
    await pool.close();
  });

  it("goes on after a bad first run, whatever it left behind", async () => {
    const directory = fresh();
    await run(plain, new Inputs(4), directory);
    const kept = proofs(directory, 0, 2);
    for (const name of numbered(1, 3)) rmSync(join(directory, name), { recursive: true });
    // A killed process leaves a lock, a half-written proof and a half-written line.
    mkdirSync(join(directory, ".0123456789ab.tmp"));
    writeFileSync(join(directory, ".0123456789ab.tmp", "proof.json"), "{");
    writeFileSync(join(directory, ".lock"), "999999999");
    appendFileSync(join(directory, "index.jsonl"), '{"input":3,"ori');
    const entered: number[] = [];
    expect(await run(plain, new Inputs(4), directory, { onEntry: ({ input }) => entered.push(input) })).toMatchObject({ proven: 2, resumed: 2 });
    expect(entered.sort()).toEqual([1, 3]);
    expect(proofs(directory, 0, 2)).toEqual(kept);
    expect(names(directory)).toEqual([...numbered(...upTo(4)), "index.jsonl"]);
    expect(index(directory).map(({ input }) => input)).toEqual(upTo(4));
    const before = proofs(directory, ...upTo(4));
    expect(await run(plain, new Inputs(4), directory)).toMatchObject({ proven: 0, resumed: 4, proofsPerSecond: 0 });
    expect(proofs(directory, ...upTo(4))).toEqual(before);
  });

  it("ends when it is aborted, with complete proofs only, and goes on later", async () => {
    const directory = fresh();
    const controller = new AbortController();
    let entered = 0;
    const abortAtTwo = (): void => {
      if (++entered === 2) controller.abort();
    };
    const error = await thrown(run(plain, new Inputs(12), directory, { signal: controller.signal, onEntry: abortAtTwo }));
    const finished = names(directory).filter((name) => /^\d+$/.test(name));
    expect(error).toMatchObject({ code: "ABORTED", hint: expect.stringContaining(`${finished.length} of 12 proofs are finished`) as string });
    expect(names(directory)).toEqual([...finished, "index.jsonl"]);
    // Those that the workers had handed over by then.
    expect(finished.length).toBeGreaterThanOrEqual(2);
    expect(finished.length).toBeLessThan(5);
    for (const name of finished) await verifyDirectory(readProofDirectory(join(directory, name)));
    expect(await run(plain, new Inputs(12), directory)).toMatchObject({ proven: 12 - finished.length, resumed: finished.length });
  });

  it("ends at Ctrl-C with complete proofs alone; the same command goes on", async () => {
    const place = new Workplace();
    const inputs = place.write("many.jsonl", upTo(30).map((n) => `{"x": [${values(n).join()}]}\n`).join(""));
    const [model, output] = [plain.model.directory, place.path("proofs")];
    const stopped = await interrupted(place, [model, inputs, output], "SIGINT", 1);
    expect([stopped.code, stopped.stdout]).toEqual([130, ""]);
    expect(stopped.stderr).toMatch(/^error ABORTED: aborted\n.*\n {2}try: the same command goes on from here: \d+ of 30 proofs are finished\n$/);
    const kept = finished(output).map(Number);
    expect(kept.length).toBeLessThan(30);
    expect([names(output), listing(place.scratch)]).toEqual([[...numbered(...kept), "index.jsonl"], []]);
    const before = proofs(output, ...kept);
    const session = { stages: new Stages(), signal: new AbortController().signal, pool: testPool, note: (): void => undefined };
    expect(await proveMany(model, { inputs, output, session })).toMatchObject({ resumed: kept.length, proven: 30 - kept.length, failed: 0 });
    expect(proofs(output, ...kept)).toEqual(before);
    place.remove();
  });

  it("ends when it is aborted while it reads what is bad, or what is finished", async () => {
    const directory = fresh();
    const controller = new AbortController();
    const bad = new Inputs(50, new Set(upTo(50)));
    const error = await thrown(run(plain, bad, directory, { signal: controller.signal, onEntry: ({ input }) => { if (input === 3) controller.abort(); } }));
    expect(error.code).toBe("ABORTED");
    expect(bad.reads).toBeLessThan(50);
    await run(plain, new Inputs(3), directory);
    const source = new Inputs(3);
    expect(await thrown(run(plain, source, directory, { signal: AbortSignal.abort() }))).toMatchObject({ code: "ABORTED" });
    expect(source.reads).toBe(0);
  });

  it("ends with a clear error when a worker dies, keeps what is proven, and goes on later", async () => {
    const directory = fresh();
    const pool = new DyingPool({ size: 2 }, 3);
    const error = await thrown(run(plain, new Inputs(8), directory, { pool }));
    expect(error).toMatchObject({ code: "WORKER_FAILED", message: expect.stringContaining("exit code 3") as string, hint: expect.stringContaining("--workers 1") as string });
    expect(pool.report().died).toBe(1);
    const { proven, resumed } = await run(plain, new Inputs(8), directory, { pool });
    expect(proven + resumed).toBe(8);
    expect(resumed).toBeGreaterThan(0);
    for (const name of numbered(...upTo(8))) await verifyDirectory(readProofDirectory(join(directory, name)));
    await pool.close();
  });

  it("takes a job for each input", async () => {
    const last = { ...DESTINATION, jobId: 2n ** 256n - 2n };
    const directory = fresh();
    await run(plain, new Inputs(2), directory, { destination: last });
    expect(readProofDirectory(join(directory, "000001")).bundle.context.jobId).toBe((2n ** 256n - 1n).toString());
    expect(await thrown(run(plain, new Inputs(3), fresh(), { destination: last }))).toMatchObject({ code: "BAD_USAGE" });
  });
});

describe("an external prover", () => {
  const prover = (name: string): string => fileURLToPath(new URL(`../../support/provers/${name}`, import.meta.url));
  afterAll(() => {
    delete process.env.ASSAY_TEST_LIE;
    delete process.env.ASSAY_TEST_TRUTH;
  });

  it("makes the proofs, one after another; what it repeats ends the batch, which goes on later", async () => {
    const directory = fresh();
    const pool = new WorkerPool({ size: 1 });
    expect(await run(plain, new Inputs(2), directory, { pool, prover: prover("snarkjsProver.mjs") })).toMatchObject({ proven: 2, failed: 0 });
    // The circuit was assembled without the pool, and nothing was proven on it.
    expect(pool.report().tasks.done).toBe(0);
    await pool.close();
    for (const name of numbered(0, 1)) await verifyDirectory(readProofDirectory(join(directory, name)));

    const [proof, publicSignals] = ["proof.json", "public.json"].map((file) => JSON.parse(readFileSync(join(directory, "000000", file), "utf8")) as unknown);
    process.env.ASSAY_TEST_LIE = "as it is";
    process.env.ASSAY_TEST_TRUTH = join(scratch, "truth.json");
    writeFileSync(process.env.ASSAY_TEST_TRUTH, JSON.stringify({ proof, publicSignals }));
    const again = fresh();
    expect(await thrown(run(plain, new Inputs(3), again, { prover: prover("lyingProver.mjs") }))).toMatchObject({ code: "PROOF_INVALID" });
    expect(names(again)).toEqual([...numbered(0), "index.jsonl"]);
    expect(await run(plain, new Inputs(3), again)).toMatchObject({ proven: 2, resumed: 1 });
  });

  it("is for plain proofs only", async () => {
    const directory = fresh();
    expect(await thrown(run(lookups, new Inputs(1), directory, { prover: prover("snarkjsProver.mjs") }))).toMatchObject({ code: "BAD_USAGE" });
    expect(names(directory)).toEqual(["index.jsonl"]);
  });
});

describe("a directory of another batch", () => {
  const made = fresh();
  beforeAll(async () => { await run(plain, new Inputs(3), made); });

  const cases: readonly (readonly [what: string, says: RegExp, again: () => Promise<unknown>])[] = [
    ["model", /of another model/, () => run(other, new Inputs(3), made)],
    ["input", /of another input/, () => run(plain, new Inputs(3, new Set(), 1), made)],
    ["number of inputs", /only 2 inputs/, () => run(plain, new Inputs(2), made)],
    ["recipient", /for another destination/, () => run(plain, new Inputs(3), made, { destination: { ...DESTINATION, recipient: DESTINATION.verifier } })],
    ["chain", /for another destination/, () => run(plain, new Inputs(3), made, { destination: { ...DESTINATION, chainId: 1n } })],
    ["job", /for another destination/, () => run(plain, new Inputs(3), made, { destination: { ...DESTINATION, jobId: 8n } })],
    ["registrant", /another registrant's/, () => run(plain, new Inputs(3), made, { destination: { ...DESTINATION, registrant: DESTINATION.verifier } })],
  ];

  it.each(cases)("is refused: %s", async (_, says, again) => {
    const before = proofs(made, 0, 1, 2);
    const error = await thrown(again());
    expect(error).toMatchObject({ code: "BAD_USAGE", message: expect.stringMatching(says) as string, hint: expect.stringContaining("-o") as string, where: expect.stringContaining(made) as string });
    expect(proofs(made, 0, 1, 2)).toEqual(before);
    expect(existsSync(join(made, ".lock"))).toBe(false);
  });

  it("is refused while another process works there", async () => {
    const directory = fresh();
    mkdirSync(directory);
    writeFileSync(join(directory, ".lock"), String(process.ppid));
    expect(await thrown(run(plain, new Inputs(1), directory))).toMatchObject({ code: "BAD_USAGE", message: `process ${process.ppid} is proving into this directory` });
    expect(names(directory)).toEqual([".lock"]);
  });

});

describe("a finished proof that somebody changed", () => {
  const made = fresh();
  beforeAll(async () => { await run(plain, new Inputs(3), made); });

  const json = (directory: string, file: string): unknown => JSON.parse(readFileSync(join(directory, "000001", file), "utf8"));
  const put = (file: string, value: unknown) => (directory: string): void => { writeFileSync(join(directory, "000001", file), JSON.stringify(value)); };
  const copy = (...files: string[]) => (directory: string): void => { for (const file of files) cpSync(join(directory, "000000", file), join(directory, "000001", file)); };
  const edit = (change: (bundle: Bundle) => object) => (directory: string): void => { put("bundle.json", change(json(directory, "bundle.json") as Bundle))(directory); };
  const flip = (tensors: readonly BundleTensor[]): BundleTensor[] => tensors.map(({ data = "", ...tensor }) => ({ ...tensor, data: `${data.slice(0, -1)}${data.endsWith("0") ? "1" : "0"}` }));
  const changes: readonly (readonly [what: string, code: ErrorCode, change: (directory: string) => void])[] = [
    ["outputs", "PROOF_INVALID", edit((bundle) => ({ ...bundle, outputs: flip(bundle.outputs) }))],
    ["an output's scale", "PROOF_INVALID", edit((bundle) => ({ ...bundle, outputs: bundle.outputs.map((tensor) => ({ ...tensor, scale: { mantissa: "1", exponent: 9 } })) }))],
    ["outputs and signals, of another input", "PROOF_INVALID", (directory) => {
      copy("public.json")(directory);
      const { outputs } = JSON.parse(readFileSync(join(directory, "000000", "bundle.json"), "utf8")) as Bundle;
      edit((bundle) => ({ ...bundle, outputs }))(directory);
    }],
    ["another input's proof", "PROOF_INVALID", copy("proof.json")],
    ["another input's proof and signals", "PROOF_INVALID", copy("proof.json", "public.json")],
    ["a key of nothing", "PROOF_INVALID", put("verification_key.json", {})],
    ["no signals", "PROOF_INVALID", put("public.json", [])],
    ["signals that are none", "PROOF_MALFORMED", put("public.json", null)],
    ["a proof of nothing", "PROOF_MALFORMED", put("proof.json", {})],
    ["a ceremony that was none", "PROOF_MALFORMED", edit((bundle) => ({ ...bundle, ceremony: { contributions: 3 } }))],
    ["an empty bundle, as after a power cut", "PROOF_MALFORMED", (directory) => { writeFileSync(join(directory, "000001", "bundle.json"), ""); }],
    ["a missing file", "ARTEFACT_MISSING", (directory) => { rmSync(join(directory, "000001", "proof.json")); }],
    ["a directory that is a file", "ARTEFACT_MISSING", (directory) => {
      rmSync(join(directory, "000001"), { recursive: true });
      writeFileSync(join(directory, "000001"), "");
    }],
  ];

  it.each(changes)("is refused: %s", async (_, code, change) => {
    const directory = fresh();
    cpSync(made, directory, { recursive: true });
    change(directory);
    const before = readFileSync(join(directory, "index.jsonl"), "utf8");
    const hint = expect.stringMatching(/^remove 000001 from .* and run the same command again/) as string;
    expect(await thrown(run(plain, new Inputs(3), directory))).toMatchObject({ code, where: expect.stringContaining(join(directory, "000001")) as string, hint });
    expect(readFileSync(join(directory, "index.jsonl"), "utf8")).toBe(before);
    if (code !== "ARTEFACT_MISSING") return;
    // What the hint says helps.
    rmSync(join(directory, "000001"), { recursive: true });
    expect(await run(plain, new Inputs(3), directory)).toMatchObject({ proven: 1, resumed: 2 });
  });

  it("is refused in two-round, too", async () => {
    const directory = fresh();
    await run(lookups, new Inputs(2), directory);
    copy("proof.json", "public.json")(directory);
    expect(await thrown(run(lookups, new Inputs(2), directory))).toMatchObject({ code: "PROOF_INVALID", message: expect.stringContaining("public signal") as string });
  });

  it("is refused: forged under a key that came along", async () => {
    const directory = fresh();
    await run(plain, new Inputs(1), directory);
    // Keys of the same program, made by somebody else: all is consistent but for whose key it is.
    const { model } = await compileTiny("own", tinyLinear(MATRIX, 2), SAMPLE, { protocol: "groth16", visibilities: PUBLIC });
    const foreign = fresh();
    await run({ ...plain, model }, new Inputs(1), foreign);
    rmSync(join(directory, "000000"), { recursive: true });
    renameSync(join(foreign, "000000"), join(directory, "000000"));
    expect(await thrown(run(plain, new Inputs(1), directory))).toMatchObject({ code: "BAD_USAGE", message: expect.stringContaining("under another key") as string });
    // With the entry of the right key: the key beside it is another all the same.
    const path = join(directory, "000000", "bundle.json");
    const bundle = JSON.parse(readFileSync(path, "utf8")) as Bundle;
    const right = JSON.parse(readFileSync(join(made, "000000", "bundle.json"), "utf8")) as Bundle;
    writeFileSync(path, JSON.stringify({ ...bundle, context: right.context, keyHash: right.keyHash }));
    expect(await thrown(run(plain, new Inputs(1), directory))).toMatchObject({ code: "PROOF_INVALID", message: expect.stringContaining("key is not the model's") as string });
    cpSync(join(made, "000000", "verification_key.json"), join(directory, "000000", "verification_key.json"));
    expect(await thrown(run(plain, new Inputs(1), directory))).toMatchObject({ code: "PROOF_INVALID", message: expect.stringContaining("does not verify") as string });
  });

  it("is named with all others, and the sound ones are verified meanwhile", async () => {
    const directory = fresh();
    cpSync(made, directory, { recursive: true });
    for (const name of numbered(0, 2)) writeFileSync(join(directory, name, "proof.json"), "");
    const ticks: string[] = [];
    const error = await thrown(run(plain, new Inputs(3), directory, { progress: new Stages((stage, done, total) => ticks.push(`${stage} ${done}/${total}`)) }));
    expect(error).toMatchObject({ code: "PROOF_MALFORMED", message: "2 finished proofs do not hold, the first: the file is no JSON", where: join(directory, "000000", "proof.json") });
    expect(error.hint).toContain("remove 000000, 000002 from");
    expect(ticks).toEqual(["resume 1/3", "resume 2/3", "resume 3/3"]);
  });
});

describe("hidden inputs", () => {
  it("stay in private files; a batch goes on by these", async () => {
    const directory = fresh();
    await run(hidden, new Inputs(3, new Set([1])), directory);
    const [first, bad] = index(directory);
    // The message may quote an element.
    expect(bad.error).toEqual({ code: "INPUT_NOT_FINITE", message: "not shown, as the input is not public", where: "sample 1" });
    expect(first.saturated).toEqual({});
    expect(Object.keys(first.outputs ?? {})).toEqual(["y"]);
    expect(statSync(join(directory, "000000", "private.json")).mode & 0o077).toBe(0);
    await verifyDirectory(readProofDirectory(join(directory, "000000")));
    expect(await run(hidden, new Inputs(3), directory)).toMatchObject({ proven: 1, resumed: 2 });
    expect(await thrown(run(hidden, new Inputs(3, new Set(), 1), directory))).toMatchObject({ message: expect.stringContaining("of another input") as string });
    const secrets = join(directory, "000001", "private.json");
    const kept = readFileSync(secrets, "utf8");
    for (const [changed, code] of [[kept.replace(/"salt": "\d/, '"salt": "99'), "PROOF_INVALID"], ["[{}]", "PROOF_MALFORMED"], ["", "PROOF_MALFORMED"]] as const) {
      writeFileSync(secrets, changed);
      expect(await thrown(run(hidden, new Inputs(3), directory))).toMatchObject({ code, where: expect.stringContaining("000001") as string, hint: expect.stringContaining("remove 000001") as string });
    }
    writeFileSync(secrets, kept);
    renameSync(join(directory, "000002", "private.json"), join(scratch, "taken-away.json"));
    expect(await thrown(run(hidden, new Inputs(3), directory))).toMatchObject({ code: "BAD_USAGE", message: expect.stringContaining("private.json is gone") as string });
  });
});

describe("the built task module", () => {
  it("is there", () => {
    expect(taskModule(import.meta.url, "../../../src/zk/batch/tasks.ts").url).toMatch(/dist\/zk\/batch\/tasks\.js$/);
  });
});
