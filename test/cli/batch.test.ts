/** `assay prove --inputs` as a user runs it, killed in the middle too (by Ctrl-C: test/zk/batch). */
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IndexEntry } from "../../src/zk/batch/index.js";
import { readProofDirectory } from "../../src/zk/bundle.js";
import { terminateCurve } from "../../src/zk/keys/index.js";
import { verifyDirectory } from "../../src/zk/verify.js";
import { finished, interrupted } from "./batches.js";
import { expectNoTrace, expectRefusal, listing, onlyObject, Workplace } from "./command.js";
import { convolution, idx, linear, npy, PIXELS } from "./models.js";

const place = new Workplace();
afterAll(async () => {
  place.remove();
  await terminateCurve();
});

const COUNT = 40;
const pixels = (n: number): number[] => PIXELS.map((value, i) => (value * ((n + i) % 7)) / 7);
const lines = place.write("many.jsonl", Array.from({ length: COUNT }, (_, n) => `${JSON.stringify({ input_data: [pixels(n)] })}\n`).join(""));

const rows = place.write("rows.npy", npy([4, 3], Array.from({ length: 12 }, (_, i) => i / 12)));

beforeAll(async () => {
  const calibration = place.json("calibration.json", { input_data: [PIXELS] });
  await place.report(["compile", place.write("conv.onnx", convolution()), "--calibration", calibration, "-o", "conv"]);
  await place.report(["compile", place.write("linear.onnx", linear()), "-o", "linear"]);
});

function index(directory: string): IndexEntry[] {
  return readFileSync(join(directory, "index.jsonl"), "utf8").trimEnd().split("\n").map((line) => JSON.parse(line) as IndexEntry);
}

const contents = (directory: string, names: readonly string[]): string[] => names.map((name) => readFileSync(join(directory, name, "proof.json"), "utf8"));

describe("prove --inputs", () => {
  it("goes on after a SIGKILL, and makes no finished proof again", async () => {
    const directory = place.path("killed");
    const run = await interrupted(place, ["conv", lines, directory], "SIGKILL", 3);
    expect(run.code).toBeNull();
    const before = finished(directory);
    expect(before.length).toBeGreaterThanOrEqual(3);
    expect(before.length).toBeLessThan(COUNT);
    // What is there under its name is complete.
    for (const name of before) await verifyDirectory(readProofDirectory(join(directory, name)));
    const kept = contents(directory, before);
    const report = await place.report(["prove", "conv", "--inputs", lines, "-o", directory]);
    expect(report).toMatchObject({ inputs: COUNT, resumed: before.length, proven: COUNT - before.length, failed: 0, failures: [] });
    // Each proof verified or made, and the key read.
    expect(report.pool).toMatchObject({ tasks: { done: COUNT + 1, failed: 0 }, died: 0 });
    expect(contents(directory, before)).toEqual(kept);
    expect(readdirSync(directory).sort()).toEqual([...Array.from({ length: COUNT }, (_, n) => String(n).padStart(6, "0")), "index.jsonl"]);
    expect(index(directory).map(({ input, origin }) => [input, origin])).toEqual(Array.from({ length: COUNT }, (_, n) => [n, `${lines}, line ${n + 1}`]));
    for (const name of finished(directory)) await verifyDirectory(readProofDirectory(join(directory, name)));
    expect(listing(place.scratch)).toEqual([]);
  });

  it("ends at SIGTERM with complete proofs alone", async () => {
    const directory = place.path("terminated");
    const run = await interrupted(place, ["conv", lines, directory], "SIGTERM", 2);
    expect(run.code).toBe(130);
    expect(run.stdout).toBe("");
    expect(run.stderr).toMatch(/^error ABORTED: aborted\n.*\n {2}try: the same command goes on from here: \d+ of 40 proofs are finished\n$/);
    const names = finished(directory);
    expect(readdirSync(directory).sort()).toEqual([...names, "index.jsonl"]);
    expect(index(directory).map(({ proof }) => proof)).toEqual(names);
    for (const name of names) await verifyDirectory(readProofDirectory(join(directory, name)));
  });

  it("reports bad inputs by number and line, proves the others, and exits with 2", async () => {
    const bad = ['{"x": [1, 2, 3]}', '{"x": [1, 2]}', "", "{", '{"y": [1]}', '{"x": [0.5, 1, -1]}'].join("\n");
    const file = place.write("bad.jsonl", bad);
    const run = await place.run(["prove", "linear", "--inputs", file, "-o", "some", "--json", "--workers", "1"]);
    expect(run.code).toBe(2);
    expectNoTrace(run);
    const report = onlyObject(run);
    expect(report).toMatchObject({ inputs: 5, proven: 2, failed: 3, pool: { workers: 1 } });
    const failures = (report.failures as IndexEntry[]).map(({ input, origin, error }) => [input, origin, error?.code]).sort();
    expect(failures).toEqual([
      [1, `${file}, line 2`, "INPUT_MISMATCH"],
      [2, `${file}, line 4`, "INPUT_MALFORMED"],
      [3, `${file}, line 5`, "INPUT_MISMATCH"],
    ]);
    expect(run.stderr).toMatch(/input 1 \(.*line 2, field x\): error INPUT_MISMATCH: 2 values where input x takes 3/);
    expect(finished(place.path("some"))).toEqual(["000000", "000004"]);
    expect(index(place.path("some")).map(({ input, proof, error }) => [input, proof ?? error?.code])).toEqual([
      [0, "000000"], [1, "INPUT_MISMATCH"], [2, "INPUT_MALFORMED"], [3, "INPUT_MISMATCH"], [4, "000004"],
    ]);
  });

  it("takes a directory, .npy and IDX, and an .onnx file without calibration; each proof verifies", async () => {
    for (const name of ["b.json", "a.json", "c.json"]) place.json(`inputs/${name}`, { x: [name.charCodeAt(0) / 100, 0.5, -0.5] });
    place.write("inputs/.hidden", "not an input");
    const sources = [
      ["linear.onnx", place.path("inputs"), 3],
      ["linear", rows, 4],
      ["conv", place.write("images.idx", idx([2, 5, 5], [...PIXELS, ...PIXELS].map((value) => Math.round(255 * value)))), 2],
    ] as const;
    for (const [model, source, inputs] of sources) {
      const directory = place.empty("sources");
      const report = await place.report(["prove", model, "--inputs", source, "-o", directory]);
      expect(report).toMatchObject({ inputs, proven: inputs });
      for (const name of finished(directory)) await verifyDirectory(readProofDirectory(join(directory, name)));
      if (source.endsWith("inputs")) expect(index(directory).map(({ origin }) => origin.slice(-6))).toEqual(["a.json", "b.json", "c.json"]);
    }
    expect((await place.run(["verify", join("sources", "000001")])).code).toBe(0);
    expect(await place.report(["verify", "sources"])).toMatchObject({ proofs: 2, valid: 2, invalid: [], pool: { tasks: { done: 2 } } });
    cpSync(place.path("sources", "000000"), place.path("sources", "000001"), { recursive: true });
    const twice = await place.run(["verify", "sources"]);
    expect(twice.code).toBe(1);
    expect(twice.stdout).toMatch(/^INVALID: 1 of 2\n {2}000001: the proof is for job 0, not 1\n/);
    expectRefusal(await place.run(["verify", "sources", "--chain"]), { error: "BAD_USAGE", says: [/one proof at a time/] });
  });

  it("goes on in a directory among the inputs, which is none", async () => {
    for (const n of [1, 2]) place.json(`around/${n}.json`, { x: [n / 2, 0.5, -0.5] });
    const prove = ["prove", "linear", "--inputs", "around", "-o", join("around", "proofs")];
    expect(await place.report(prove)).toMatchObject({ inputs: 2, proven: 2 });
    expect(await place.report(prove)).toMatchObject({ inputs: 2, proven: 0, resumed: 2 });
  });

  it("refuses what cannot be meant", async () => {
    place.json("names/a.json", { x: [1, 2, 3] });
    const target = `claim:0x${"1".repeat(64)}`;
    const cases: readonly (readonly [readonly string[], string | undefined, RegExp])[] = [
      [[], "BAD_USAGE", /--input FILE and --inputs/],
      [["--input", lines, "--inputs", lines], "BAD_USAGE", /--input FILE and --inputs/],
      [["--inputs", lines, "--for", target], "BAD_USAGE", /one proof/],
      [["--inputs", place.path("nowhere")], "FILE_NOT_READABLE", /no such file/],
      [["--inputs", place.empty("nothing")], "INPUT_MISMATCH", /no files/],
      [["--inputs", lines, "-o", lines], "FILE_NOT_WRITABLE", /many\.jsonl/],
      [["--inputs", place.path("names"), "-o", join("names", "..", "names")], "BAD_USAGE", /among the inputs/],
      [["--inputs", place.write("again/index.jsonl", '{"x": [1, 2, 3]}'), "-o", "again"], "BAD_USAGE", /among the inputs/],
      [["--inputs", lines, "--workers", "0"], undefined, /number of threads/],
      [["--inputs", lines, "--memory", "1"], undefined, /at least 64/],
    ];
    for (const [options, error, says] of cases) expectRefusal(await place.run(["prove", "conv", ...options]), { error, says: [says] });
  });

  it("proves by an external prover where one is given or configured", async () => {
    const prover = fileURLToPath(new URL("../support/provers/snarkjsProver.mjs", import.meta.url));
    await place.report(["compile", "linear.onnx", "--protocol", "groth16", "-o", "linear-plain"]);
    const prove = ["prove", "linear-plain", "--inputs", rows, "-o", "external"];
    const run = await place.run([...prove, "--json"], { env: { ASSAY_PROVER: prover } });
    expect(onlyObject(run)).toMatchObject({ proven: 4, prover });
    for (const name of finished(place.path("external"))) await verifyDirectory(readProofDirectory(join(place.path("external"), name)));
    expectRefusal(await place.run([...prove.slice(0, -1), "nowhere", "--prover", "/nowhere"]), { error: "PROVER_FAILED", says: [/cannot be run/] });
    expect(listing(place.scratch)).toEqual([]);
    // The witness is removed, too, where a second Ctrl-C or an end of patience ends the process.
    const exits = { ASSAY_TEST_EXIT: prover, NODE_OPTIONS: `--import=${new URL("../support/exitAtSpawn.mjs", import.meta.url).href}` };
    const ended = await place.run([...prove.slice(0, -1), "ended", "--prover", prover], { env: exits });
    expect([ended.code, ended.stderr]).toEqual([130, "beside the witness: witness.wtns\n"]);
    expect(listing(place.scratch)).toEqual([]);
  });

  it("names files, and obeys no name", async () => {
    place.write("hostile/a\x1b[2Jb.json", "{");
    const run = await place.run(["prove", "linear", "--inputs", "hostile", "-o", "named"]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("input 0 (hostile/a\\x1b[2Jb.json");
    expect(run.stdout + run.stderr).not.toMatch(/\x1b/);
    expect(run.stdout).toMatch(/\nrate +none: no input that is left can be proven\n/);
  });

  it("gives the workers the memory that is asked for", async () => {
    const report = await place.report(["prove", "linear", "--inputs", rows, "-o", "limited", "--memory", "64"]);
    expect(report.pool).toMatchObject({ memoryMiB: 64, died: 0 });
  });
});
