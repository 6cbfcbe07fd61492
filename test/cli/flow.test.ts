/** What a user does, step by step, and what each command prints and leaves behind. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ACCOUNT_0, editJson, expectNoTrace, type Json, listing, onlyObject, readJson, Workplace } from "./command.js";
import { convolution, idx, linear, linearOf, npy, openLength, PIXELS, twoByTwo, unsupported } from "./models.js";
import { type BundleFile, type Checked, type Compiled, domainOf, integersOf, type Proven, scaleOf } from "./reports.js";

const place = new Workplace();
afterAll(() => { place.remove(); });

const X = [0.5, -0.3, 0.8];
const LEFT = [1, 2, 3];
const RIGHT = [0.5, -1, 0];
const model = place.write("linear.onnx", linear());
const input = place.json("x.json", { x: X });
const conv = place.write("conv.onnx", convolution());
const image = place.json("image.json", { input_data: [PIXELS] });
const two = place.write("two.onnx", twoByTwo());
const pair = place.json("pair.json", { left: LEFT, right: RIGHT });

/** Constraints in the header of an .r1cs file. */
function constraintsIn(path: string): number {
  const file = readFileSync(path);
  for (let at = 12; at < file.length;) {
    const [type, size] = [file.readUInt32LE(at), Number(file.readBigUInt64LE(at + 4))];
    if (type === 1) return file.readUInt32LE(at + 12 + 4 + 32 + 16 + 8);
    at += 12 + size;
  }
  throw new Error("no header");
}

describe("two commands in an empty directory", () => {
  it("prove and verify, with a result a person can read", async () => {
    const cwd = place.empty("fresh");
    const proven = await place.run(["prove", conv, "--input", image], { cwd });
    expect(proven.code, proven.stderr).toBe(0);
    expect(proven.stdout).toMatch(/output logits +-?\d/);
    expect(proven.stdout).toMatch(/dev: whoever made it could forge/);
    expect(proven.stderr).toMatch(/no calibration data/);
    expect(listing(cwd)).toEqual(["proof", ...["bundle.json", "proof.json", "public.json", "verification_key.json"].map((name) => join("proof", name))]);
    const verified = await place.run(["verify", "proof"], { cwd });
    expect(verified).toMatchObject({ code: 0, stderr: "" });
    expect(verified.stdout).toMatch(/^valid\n/);
  });

  it("prints one object with --json, whose numbers are those of the files", async () => {
    const cwd = place.empty("numbers");
    const proven = await place.report<Proven>(["prove", conv, "--input", image], { cwd });
    const bundle = readJson<BundleFile>(cwd, "proof", "bundle.json");
    const signals = readJson<string[]>(cwd, "proof", "public.json");
    expect(proven).toMatchObject({ modelId: bundle.modelId, proofDirectory: join(cwd, "proof"), publicSignals: signals.length });
    expect(proven.domain).toBe(domainOf(proven.constraints, signals.length));
    for (const stage of ["proof", "verify"]) expect(proven.timingsMs[stage]).toBeGreaterThan(0);
    const [logits] = bundle.outputs;
    expect(Object.keys(proven.outputs)).toEqual(["logits"]);
    expect(proven.outputs.logits).toMatchObject({ shape: [1, 3], quantized: integersOf(logits) });
    proven.outputs.logits.dequantized?.forEach((value, i) => { expect(value).toBeCloseTo(integersOf(logits)[i] * scaleOf(logits), 10); });
    const pixels = bundle.inputs[0];
    integersOf(pixels).forEach((integer, i) => { expect(Math.abs(integer * scaleOf(pixels) - PIXELS[i])).toBeLessThanOrEqual(scaleOf(pixels) * 0.51); });
    const verdict = await place.report(["verify", "proof"], { cwd });
    expect(verdict).toMatchObject({ valid: true, modelId: bundle.modelId, setup: "dev", context: { chainId: "31337", jobId: "0", recipient: ACCOUNT_0 } });
  });
});

describe("dims that a model leaves open", () => {
  it("follow from the input, and may be said for what the input is not there", async () => {
    const path = place.write("open.onnx", openLength());
    const file = place.json("open.json", { input_data: [[0.5, -0.3, 0.8, 0.1, 0.2, 0.9]] });
    const run = await place.run(["check", path, "--input", file, "--json"]);
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).toMatch(/input x, which the model leaves open, is 1x2x3/);
    expect(JSON.parse(run.stdout)).toMatchObject({ satisfied: true, outputs: { y: { shape: [1, 2, 2] } } });
    expect(await place.report(["inspect", path, "--shape", "1,2,3"])).toMatchObject({ supported: true });
    expect((await place.run(["inspect", path])).stderr).toMatch(/"length"[^]*--shape/);
  });
});

describe("inspect", () => {
  it("lists operators, shapes, parameters and an estimate that the compiled circuit keeps", async () => {
    const report = await place.report(["inspect", conv]);
    expect(report).toMatchObject({ opset: 17, parameters: 12 + 3 + 36 + 3, supported: true, problems: [] });
    expect((report.nodes as Json[]).map(({ name, operator, outputShape }) => [name, operator, outputShape])).toEqual([
      ["conv", "Conv", [1, 3, 4, 4]], ["relu", "Relu", [1, 3, 4, 4]], ["pool", "MaxPool", [1, 3, 2, 2]], ["flatten", "Flatten", [1, 12]], ["gemm", "Gemm", [1, 3]],
    ]);
    const { constraints, domain, publicSignals } = await place.report<Compiled>(["compile", conv]);
    expect(report.estimate).toMatchObject({ constraints, domain, publicSignals });
    const shown = await place.run(["inspect", conv]);
    expect(shown.stdout).toMatch(/Conv +1x3x4x4 +15 +conv +ok/);
    expect(shown.stdout).toMatch(/estimated [^\n]*\d+ constraints/);
  });

  it("names each node that is not supported, and why", async () => {
    const path = place.write("unsupported.onnx", unsupported());
    const report = await place.report(["inspect", path]);
    expect(report).toMatchObject({ supported: false });
    expect((report.nodes as Json[]).filter(({ supported }) => supported === false).map(({ name }) => name)).toEqual(["wave", "strange", "gauss"]);
    const { stdout } = await place.run(["inspect", path]);
    for (const name of ["wave", "strange", "gauss"]) expect(stdout).toMatch(new RegExp(`${name} +NOT SUPPORTED: \\w`));
  });
});

describe("compile", () => {
  it("writes a directory with everything, and says what it is", async () => {
    const compiled = await place.report<Compiled>(["compile", model, "-o", "compiled"]);
    expect(compiled).toMatchObject({ reused: false, setup: "dev", visibilities: { inputs: "public", outputs: "public" } });
    expect(constraintsIn(place.path("compiled", "circuit.r1cs"))).toBe(compiled.constraints);
    expect(compiled.domain).toBe(domainOf(compiled.constraints, compiled.publicSignals));
    expect(readJson<{ nPublic: number }>(place.path("compiled", "verification_key.json")).nPublic).toBe(compiled.publicSignals);
    expect(listing(place.path("compiled")).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("reuses by content hash; other content makes another directory", async () => {
    const first = await place.report<Compiled>(["compile", two]);
    const again = await place.run(["compile", two]);
    expect(again.stdout).toMatch(/reused/);
    expect(again.stdout).not.toMatch(/keys +\d/);
    expect(await place.report<Compiled>(["compile", two])).toMatchObject({ reused: true, directory: first.directory });
    const samples = place.write("pairs.json", JSON.stringify({ left: LEFT, right: RIGHT }));
    const others = [["--output-visibility", "private"], ["--calibration", samples]];
    const directories = [first.directory];
    for (const options of others) {
      const { directory, reused } = await place.report<Compiled>(["compile", two, ...options]);
      expect(reused).toBe(false);
      directories.push(directory);
    }
    expect(new Set(directories).size).toBe(3);
    expect(listing(join(place.cache, "models")).filter((name) => name.includes(".tmp"))).toEqual([]);
  });

  it("replaces a compiled directory of other content", async () => {
    const before = await place.report<Compiled>(["compile", model, "-o", "replaced"]);
    const after = await place.report<Compiled>(["compile", place.write("other.onnx", linear(2)), "-o", "replaced"]);
    expect(after.modelId).not.toBe(before.modelId);
    expect(await place.report(["prove", "replaced", "--input", input, "-o", "replaced-proof"])).toMatchObject({ modelId: after.modelId });
  });

  it("of the same model from several processes into one cache", async () => {
    const env = { ASSAY_CACHE: join(place.base, "shared cache") };
    const runs = await Promise.all([1, 2].map(() => place.run(["compile", conv, "--json"], { env })));
    const reports = runs.map((run) => {
      expect(run.code, run.stderr).toBe(0);
      return onlyObject(run);
    });
    expect(new Set(reports.map(({ directory }) => directory)).size).toBe(1);
    expect(listing(env.ASSAY_CACHE).filter((name) => name.includes(".tmp"))).toEqual([]);
    expect(await place.report(["compile", conv], { env })).toMatchObject({ reused: true });
    expect((await place.run(["prove", conv, "--input", image, "-o", "shared-proof"], { env })).code).toBe(0);
  });

  it("takes relative paths, spaces and letters beyond ASCII", async () => {
    const cwd = place.empty("mö del 模型");
    place.write("mö del 模型/net 1.onnx", linear());
    place.write("mö del 模型/x.json", JSON.stringify({ x: X }));
    await place.report(["compile", "net 1.onnx", "-o", "./über/ça"], { cwd });
    await place.report(["prove", "über/ça", "--input", "x.json", "-o", "a b/прооф"], { cwd });
    expect(await place.report(["verify", "a b/прооф"], { cwd })).toMatchObject({ valid: true });
  });
});

describe("check", () => {
  it("compares with the float model; both errors follow from the printed values", async () => {
    const report = await place.report<Checked>(["check", two, "--input", pair]);
    expect(report).toMatchObject({ satisfied: true, saturated: { left: 0, right: 0 } });
    const sum = LEFT.map((value, i) => value + RIGHT[i]);
    const truth: Readonly<Record<string, number[]>> = { sum, product: linearOf(sum) };
    expect(Object.keys(report.float)).toEqual(["sum", "product"]);
    const percentages: number[] = [];
    const ranges = Object.entries(truth).map(([name, expected]) => {
      const { quantized = [], dequantized = [], shape } = report.outputs[name];
      expect(shape).toEqual([1, expected.length]);
      expect(quantized.every(Number.isInteger)).toBe(true);
      expected.forEach((value, i) => { expect(report.float[name][i]).toBeCloseTo(value, 5); });
      const errors = report.float[name].map((value, i) => Math.abs(dequantized[i] - value));
      report.float[name].forEach((value, i) => percentages.push(value === 0 ? (errors[i] === 0 ? 0 : 100) : (100 * errors[i]) / Math.abs(value)));
      return (100 * errors.reduce((a, b) => a + b)) / errors.length / Math.max(...report.float[name].map(Math.abs));
    });
    expect(report.meanAbsolutePercentageError).toBeCloseTo(percentages.reduce((a, b) => a + b) / percentages.length, 9);
    expect(report.errorOfRange).toBeCloseTo(Math.max(...ranges), 9);
    expect(report.errorOfRange).toBeLessThan(3);
    const { constraints } = await place.report<Compiled>(["prove", two, "--input", pair, "-o", "two-proof"]);
    expect(report.constraints).toBe(constraints);
  });

  it("makes no proof, no keys and no files", async () => {
    const cwd = place.empty("only-check");
    const env = { ASSAY_CACHE: join(place.base, "check cache") };
    const run = await place.run(["check", model, "--input", input], { cwd, env });
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout).toMatch(/all hold/);
    expect(listing(cwd)).toEqual([]);
    expect(existsSync(join(env.ASSAY_CACHE, "models"))).toBe(false);
  });

  it("counts zeros: 0 % where both are 0", async () => {
    const report = await place.report<Checked>(["check", model, "--input", place.json("zeros.json", { x: [0, 0, 0] })]);
    expect(report).toMatchObject({ satisfied: true, meanAbsolutePercentageError: 0, errorOfRange: 0, float: { y: [0, 0] } });
  });

  it("counts values far outside the calibration, says so, and goes on", async () => {
    const calibrated = ["--calibration", place.write("small.npy", npy([2, 3], [0.1, -0.1, 0.1, -0.1, 0.1, 0.05]))];
    const far = place.json("far.json", { x: [1e6, 0.01, -1e6] });
    const run = await place.run(["check", model, ...calibrated, "--input", far, "--json"]);
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(/2 elements of input x .*clamped/);
    expect(onlyObject(run)).toMatchObject({ satisfied: true, saturated: { x: 2 } });
    const proven = await place.run(["prove", model, ...calibrated, "--input", far, "-o", "far", "--json"]);
    expect(proven.stderr).toMatch(/2 elements of input x .*clamped/);
    expect(onlyObject(proven)).toMatchObject({ saturated: { x: 2 } });
    expect((await place.run(["verify", "far"])).code).toBe(0);
  });
});

describe("inputs", () => {
  it("are JSON by position or name, .npy as it is, and IDX bytes over 255 or by --scale", async () => {
    const outputs = async (file: string, ...options: string[]): Promise<unknown> => (await place.report<Checked>(["check", "inputs-compiled", "--input", file, ...options])).float;
    await place.report(["compile", model, "-o", "inputs-compiled"]);
    const bytes = [255, 0, 51];
    const floats = bytes.map((value) => value / 255);
    const named = await outputs(place.json("named.json", { x: floats }));
    expect(await outputs(place.json("positional.json", { input_data: [floats] }))).toEqual(named);
    expect(await outputs(place.json("nested.json", { x: [[floats]] }))).toEqual(named);
    expect(await outputs(place.write("x.npy", npy([1, 3], floats)))).toEqual(named);
    expect(await outputs(place.write("x.idx", idx([1, 3], bytes)))).toEqual(named);
    expect(await outputs("x.npy", "--scale", "7")).toEqual(named);
    const whole = await outputs(place.json("whole.json", { x: bytes }));
    expect(await outputs("x.idx", "--scale", "1")).toEqual(whole);
    expect(await outputs("x.idx", "--scale", "1/255")).toEqual(named);
  });
});

describe("evaluate", () => {
  it("counts what it says it counts", async () => {
    const samples = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1], [-1, 0.5, 0.25]];
    const classes = samples.map((sample) => (linearOf(sample)[1] > linearOf(sample)[0] ? 1 : 0));
    const labels = classes.map((value, i) => (i < 2 ? 1 - value : value));
    const images = place.write("images.npy", npy([5, 3], samples.flat()));
    const report = await place.report(["evaluate", model, "--images", images, "--labels", place.write("labels.idx", idx([5], labels)), "--workers", "2"]);
    expect(report).toMatchObject({ samples: 5, floatAccuracy: 0.6, quantizedAccuracy: 0.6, agreement: 1, pool: { workers: 2, tasks: { done: 5, failed: 0 } } });
    const shown = await place.run(["evaluate", model, "--images", images, "--labels", "labels.idx", "--workers", "1"]);
    expect(shown.stdout).toMatch(/float accuracy +60\.00 %/);
  });
});

describe("prove --for", () => {
  const recipient = "0x00000000000000000000000000000000000a11ce";
  const verifier = "0x00000000000000000000000000000000000000b0";

  it("binds chain, verifier, job and recipient; verify compares with what the user expects", async () => {
    const target = `5:${verifier}:77:${recipient}`;
    await place.report(["compile", model, "-o", "for-compiled"]);
    const report = await place.report(["prove", "for-compiled", "--input", input, "--for", target, "-o", "bound"]);
    expect(report.context).toMatchObject({ chainId: "5", verifier, jobId: "77", recipient });
    expect(await place.report(["verify", "bound", "--for", target])).toMatchObject({ valid: true });
    const others = [`6:${verifier}:77:${recipient}`, `5:${recipient}:77:${recipient}`, `5:${verifier}:78:${recipient}`, `5:${verifier}:77:${verifier}`];
    for (const other of others) {
      const run = await place.run(["verify", "bound", "--for", other, "--json"]);
      expect(run.code, other).toBe(1);
      expect(onlyObject(run)).toMatchObject({ valid: false, reason: expect.stringMatching(/the proof is for/) as unknown });
    }
    expect((await place.run(["verify", "bound", "--entry", `0x${"1".repeat(64)}`])).code).toBe(1);
  });

  it("a bundle that claims another context than the proof's is invalid", async () => {
    await place.report(["prove", model, "--input", input, "-o", "claimed"]);
    for (const [field, value] of Object.entries({ chainId: "5", jobId: "9", verifier, recipient, entryId: `0x${"2".repeat(64)}` })) {
      const copy = place.empty("claimed-copy");
      for (const file of listing(place.path("claimed"))) place.write(`claimed-copy/${basename(file)}`, readFileSync(place.path("claimed", file)));
      editJson<{ context: Json }>(join(copy, "bundle.json"), (bundle) => ({ ...bundle, context: { ...bundle.context, [field]: value } }));
      const run = await place.run(["verify", "claimed-copy"]);
      expect(run.code, field).toBe(1);
      expect(run.stdout).toMatch(/^INVALID: /);
      expectNoTrace(run);
    }
  });
});
