/** What is refused before anything is computed: usage, models, samples. Each gives one message and leaves nothing. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { expectRefusal, listing, type Refusal, Workplace } from "./command.js";
import { dynamicWidth, hugeInput, hugeWeight, idx, linear, npy, twoByTwo, unsupported } from "./models.js";

const place = new Workplace();
const model = place.write("linear.onnx", linear());
const two = place.write("two.onnx", twoByTwo());
const input = place.json("x.json", { x: [0.5, -0.3, 0.8] });
const cwd = place.empty("cwd");

beforeAll(async () => {
  // One compiled directory for the refusals that concern inputs.
  expect((await place.run(["compile", model, "-o", "compiled"])).code).toBe(0);
});
afterEach(() => { expect(listing(cwd), "files left behind").toEqual([]); });
afterAll(() => { place.remove(); });

async function refused(arguments_: readonly string[], refusal: Refusal): Promise<void> {
  expectRefusal(await place.run([...arguments_, "--json"], { cwd }), refusal);
}

const id = `0x${"1".repeat(64)}`;
const address = `0x${"2".repeat(40)}`;

describe("usage", () => {
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["an unknown command", ["proof"], /unknown command 'proof'/],
    ["an unknown option", ["compile", model, "--fast"], /unknown option '--fast'/],
    ["a missing argument", ["compile"], /missing required argument/],
    ["too many arguments", ["compile", model, "b"], /too many arguments/],
    ["a missing --input", ["check", model], /required option '--input <file>'/],
    ["a missing --entry", ["audit", model, "--chain"], /required option '--entry <id>'/],
    ["a missing --rpc", ["register", model], /required option '--rpc <url>'/],
    ["an unknown visibility", ["compile", model, "--input-visibility", "secret"], /'secret' is invalid.*public, hashed, private/],
    ["a scale of 0", ["check", model, "--input", input, "--scale", "0"], /'0' is invalid.*positive/],
    ["a scale that is no number", ["check", model, "--input", input, "--scale", "big"], /'big' is invalid/],
    ["a fraction of three parts", ["check", model, "--input", input, "--scale", "1/2/3"], /'1\/2\/3' is invalid/],
    ["a --for of three parts", ["prove", model, "--input", input, "--for", `1:${address}:0`], /CHAIN:VERIFIER:JOB:RECIPIENT/],
    ["a --for with a short address", ["prove", model, "--input", input, "--for", `1:0x12:0:${address}`], /CHAIN:VERIFIER:JOB:RECIPIENT/],
    ["a --for with a negative job", ["prove", model, "--input", input, "--for", `1:${address}:-1:${address}`], /CHAIN:VERIFIER:JOB:RECIPIENT/],
    ["a --for with a job beyond 256 bits", ["prove", model, "--input", input, "--for", `1:${address}:${"9".repeat(78)}:${address}`], /CHAIN:VERIFIER:JOB:RECIPIENT/],
    ["a short --entry", ["verify", "proof", "--entry", "0x12"], /64 hexadecimal digits/],
    ["a short --registrant", ["prove", model, "--input", input, "--registrant", "0x12"], /40 hexadecimal digits/],
    ["an unknown proof system", ["compile", model, "--protocol", "plonk"], /'plonk' is invalid.*groth16/],
  ];

  it.each(cases)("%s", async (_, arguments_, says) => {
    await refused(arguments_, { says: [says] });
  });

  it("options that contradict each other", async () => {
    await refused(["verify", cwd, "--rpc", "http://127.0.0.1:1"], { error: "BAD_USAGE", says: [/--chain/] });
    await refused(["audit", model, "--entry", id], { error: "BAD_USAGE", says: [/--chain/] });
    await refused(["prove", place.path("compiled"), "--input", input, "--input-visibility", "hashed"], { error: "BAD_USAGE", says: [/inputVisibility|--input-visibility/, /compile it again/] });
  });

  it("prints help and version on stdout with exit code 0, and help on stderr without a command", async () => {
    for (const option of ["--help", "--version"]) expect(await place.run([option])).toMatchObject({ code: 0, stderr: "" });
    const help = await place.run(["--help"]);
    for (const name of ["inspect", "compile", "check", "prove", "verify", "audit", "evaluate", "export-verifier"]) expect(help.stdout).toContain(`  ${name} `);
    expect(await place.run([])).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("models", () => {
  const whole = linear();
  const files: readonly (readonly [string, Uint8Array | string, string, RegExp])[] = [
    ["text", "this is no model", "ONNX_MALFORMED", /not an ONNX model/],
    ["nothing", "", "ONNX_MALFORMED", /not an ONNX model/],
    ["a truncated file", whole.slice(0, whole.length - 20), "ONNX_MALFORMED", /truncated/],
    ["half of a file", whole.slice(0, whole.length / 2), "ONNX_MALFORMED", /truncated/],
    ["a weight of 2 GB in a tiny file", hugeWeight(), "MODEL_TOO_LARGE|ONNX_MALFORMED", /16384/],
    ["an activation of 2^40 elements", hugeInput(), "MODEL_TOO_LARGE", /1048576/],
    ["two dynamic dims beside the batch", dynamicWidth(), "ONNX_UNSUPPORTED|ONNX_SHAPE", /"width"[^]*"x"/],
  ];

  it.each(files)("%s", async (_, content, error, says) => {
    const path = place.write("bad.onnx", content);
    for (const arguments_ of [["inspect", path], ["prove", path, "--input", input]]) {
      const run = await place.run([...arguments_, "--json"], { cwd });
      const found = error.split("|").find((code) => run.stderr.includes(code));
      expectRefusal(run, { error: found ?? error, says: [says, /  at: /] });
    }
  });

  it("all unsupported operators at once, with node names", async () => {
    const path = place.write("unsupported.onnx", unsupported());
    const says = [/"wave" \(Bernoulli\)/, /"strange" \(Foo\).*com\.acme/, /"gauss" \(Unique\)/, /try: /];
    for (const arguments_ of [["compile", path], ["check", path, "--input", input]]) {
      await refused(arguments_, { error: "ONNX_UNSUPPORTED", says });
    }
  });

  it("a path that does not exist, or is a directory without a compiled model", async () => {
    await refused(["compile", "nowhere.onnx"], { error: "FILE_NOT_READABLE", says: [/nowhere\.onnx/] });
    await refused(["prove", "nowhere.onnx", "--input", input], { error: "FILE_NOT_READABLE", says: [/nowhere\.onnx/] });
    await refused(["compile", place.directory], { error: "FILE_NOT_READABLE", says: [/no regular file/] });
    await refused(["prove", cwd, "--input", input], { error: "ARTEFACT_MISSING", says: [/assay compile/] });
    await refused(["export-verifier", cwd], { error: "ARTEFACT_MISSING", says: [/assay compile/] });
  });
});

describe("samples", () => {
  const deep = `{"x":${"[".repeat(50_000)}1${"]".repeat(50_000)}}`;
  const cases: readonly (readonly [string, string, string | Uint8Array, string, RegExp])[] = [
    ["a wrong name", "a.json", '{"image":[1,2,3]}', "INPUT_MISMATCH", /no input "image"[^]*inputs: x/],
    ["an unknown name beside the right one", "a.json", '{"x":[1,2,3],"z":[1]}', "INPUT_MISMATCH", /no input "z"/],
    ["no values", "a.json", "{}", "INPUT_MISMATCH", /no values for input x/],
    ["too few values", "a.json", '{"x":[1,2]}', "INPUT_MISMATCH", /2 values[^]*x takes 3/],
    ["too many values", "a.json", '{"x":[1,2,3,4]}', "INPUT_MISMATCH", /4 values/],
    ["values that are text", "a.json", '{"x":[1,"2",3]}', "INPUT_MALFORMED", /element 1 is string/],
    ["null", "a.json", '{"x":[1,null,3]}', "INPUT_MALFORMED", /element 1 is null/],
    ["1e999", "a.json", '{"x":[1,1e999,3]}', "INPUT_NOT_FINITE", /element 1 is Infinity/],
    ["more than float32 holds", "a.json", '{"x":[1,2,-1e39]}', "INPUT_NOT_FINITE", /element 2 [^]*float32/],
    ["NaN in JSON", "a.json", '{"x":[NaN,2,3]}', "INPUT_MALFORMED", /JSON/],
    ["an array", "a.json", "[1,2,3]", "INPUT_MALFORMED", /input_data/],
    ["brackets nested 50,000 deep", "a.json", deep, "INPUT_MALFORMED|INPUT_MISMATCH", /a\.json/],
    ["an empty file", "a.json", "", "INPUT_MALFORMED", /a\.json/],
    ["NaN in .npy", "a.npy", npy([3], [1, NaN, 3]), "INPUT_NOT_FINITE", /element 1 is NaN/],
    ["infinity in .npy", "a.npy", npy([3], [1, 2, -Infinity]), "INPUT_NOT_FINITE", /element 2 is -Infinity/],
    [".npy of another shape", "a.npy", npy([4], [1, 2, 3, 4]), "INPUT_MISMATCH", /array of 4 /],
    ["a truncated .npy", "a.npy", npy([3], [1, 2, 3]).slice(0, -2), "INPUT_MALFORMED", /3[^]*a\.npy/],
    [".npy that declares 2^40 elements", "a.npy", npy([2 ** 20, 2 ** 20], [1]), "INPUT_MALFORMED", /1048576x1048576/],
    [".npy of objects", "a.npy", npy([3], [1, 2, 3], "|O"), "INPUT_MALFORMED", /a\.npy/],
    ["several samples", "a.npy", npy([2, 3], [1, 2, 3, 4, 5, 6]), "INPUT_MISMATCH", /2 samples, one is needed/],
    ["truncated IDX", "a.idx", idx([1, 3], [1, 2]), "INPUT_MALFORMED", /1x3/],
    ["damaged gzip", "a.gz", Uint8Array.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4]), "INPUT_MALFORMED", /gzip/],
  ];

  it.each(cases)("%s", async (_, name, content, error, says) => {
    const file = place.write(name, content);
    const run = await place.run(["prove", place.path("compiled"), "--input", file, "--json"], { cwd });
    const found = error.split("|").find((code) => run.stderr.includes(code));
    expectRefusal(run, { error: found ?? error, says: [says, name] });
  });

  it("the same as calibration, and for a model of two inputs", async () => {
    const bad = place.json("bad.json", { x: [1, 2] });
    await refused(["compile", model, "--calibration", bad, "-o", "out"], { error: "INPUT_MISMATCH", says: [/bad\.json/] });
    await refused(["compile", model, "--calibration", "nowhere.npy", "-o", "out"], { error: "FILE_NOT_READABLE", says: [/nowhere\.npy/] });
    await refused(["check", two, "--input", place.json("flat.json", { input_data: [[1, 2, 3]] })], { error: "INPUT_MISMATCH", says: [/1 arrays?, the model has 2 inputs/] });
    await refused(["check", two, "--input", place.json("half.json", { left: [1, 2, 3] })], { error: "INPUT_MISMATCH", says: [/no values for input right/] });
    await refused(["check", two, "--input", place.write("six.npy", npy([6], [1, 2, 3, 4, 5, 6]))], { error: "INPUT_MISMATCH", says: [/2 inputs/, /JSON/] });
    await refused(["check", model, "--input", "nowhere.json"], { error: "FILE_NOT_READABLE", says: [/nowhere\.json/] });
    await refused(["check", model, "--input", place.directory], { error: "FILE_NOT_READABLE", says: [/work/] });
  });

  it("labels and images that do not fit", async () => {
    const images = place.write("images.npy", npy([2, 3], [1, 2, 3, 4, 5, 6]));
    const evaluate = (labels: string, from = images): string[] => ["evaluate", place.path("compiled"), "--images", from, "--labels", labels];
    await refused(evaluate(place.write("three.idx", idx([3], [0, 1, 0]))), { error: "INPUT_MISMATCH", says: [/2 samples, but 3 labels/] });
    await refused(evaluate(place.write("half.npy", npy([2], [0, 0.5]))), { error: "INPUT_MALFORMED", says: [/label 1 is 0\.5/, /half\.npy/] });
    await refused(evaluate(place.json("labels.json", [0, 1])), { error: "INPUT_MALFORMED", says: [/IDX or \.npy/, /labels\.json/] });
    await refused(evaluate("three.idx"), { error: "FILE_NOT_READABLE", says: [/three\.idx/] });
    await refused(evaluate(place.path("three.idx"), place.write("wide.npy", npy([2, 4], [1, 2, 3, 4, 5, 6, 7, 8]))), { error: "INPUT_MISMATCH", says: [/wide\.npy/] });
  });
});
