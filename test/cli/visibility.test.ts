/** Hashed and private tensors: what is published, what is printed, and what stays in private.json. */
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { expectNoTrace, listing, mode, onlyObject, readJson, Workplace } from "./command.js";
import { linear, oneElement } from "./models.js";
import { type BundleFile, domainOf, type Proven, scaleOf } from "./reports.js";

const place = new Workplace();
const model = place.write("linear.onnx", linear());
afterAll(() => { place.remove(); });

interface Secret {
  readonly name: string;
  readonly data: string;
  readonly salt?: string;
}

describe("visibilities", () => {
  const kinds = ["public", "hashed", "private"] as const;
  const cases = kinds.flatMap((inputs) => kinds.map((outputs) => [inputs, outputs] as const)).filter((chosen) => chosen.join() !== "public,public");
  const values = [0.123456, -0.654321, 0.987654];
  const sample = place.json("secret.json", { x: values });
  const calibration = place.json("calibration.json", { x: [1, -1, 1] });

  it.each(cases)("input %s, output %s: proof holds, secrets stay in private.json", async (inputs, outputs) => {
    const name = `${inputs}-${outputs}`;
    const options = ["--calibration", calibration, "--input-visibility", inputs, "--output-visibility", outputs, "--input", sample];
    const run = await place.run(["prove", model, ...options, "-o", name, "--json"]);
    expect(run.code, run.stderr).toBe(0);
    const report = onlyObject(run) as unknown as Proven;
    const files = listing(place.path(name));
    const hidden = [...(inputs === "public" ? [] : ["x"]), ...(outputs === "public" ? [] : ["y"])];
    expect("quantized" in report.outputs.y || "dequantized" in report.outputs.y).toBe(outputs === "public");
    expect(report.publicSignals).toBe(1 + [inputs, outputs].filter((kind) => kind !== "private").length);
    expect(report.domain).toBe(domainOf(report.constraints, report.publicSignals));
    const bundle = readJson<BundleFile>(place.path(name), "bundle.json");
    for (const tensor of [...bundle.inputs, ...bundle.outputs]) {
      expect(tensor.data !== undefined, tensor.name).toBe(tensor.visibility === "public");
      expect(tensor.commitment !== undefined, tensor.name).toBe(tensor.visibility === "hashed");
    }
    const checked = inputs !== outputs ? run : await place.run(["check", model, ...options]);
    expect(checked.stdout).not.toMatch(/onnxruntime/);
    const secrets = readJson<Secret[]>(place.path(name), "private.json");
    expect(secrets.map((secret) => secret.name)).toEqual(hidden);
    expect(secrets.map(({ salt }) => salt !== undefined)).toEqual([inputs, outputs].filter((kind) => kind !== "public").map((kind) => kind === "hashed"));
    expect(mode(place.path(name, "private.json"))).toBe(0o600);
    const published = files.filter((file) => file !== "private.json").map((file) => readFileSync(place.path(name, file), "utf8"));
    for (const text of [run, checked].map(({ stdout, stderr }) => stdout + stderr).concat(published)) {
      for (const { data, salt } of secrets) {
        expect(text).not.toContain(data.slice(2));
        if (salt !== undefined) expect(text).not.toContain(salt);
      }
      if (inputs !== "public") for (const value of values) expect(text).not.toContain(String(Math.abs(value)));
    }
    expect(await place.report(["verify", name])).toMatchObject({ valid: true });
  });

  it("draw fresh salts of 248 bits or more, and so other commitments, for the same values", async () => {
    const options = ["--calibration", calibration, "--input-visibility", "hashed", "--output-visibility", "hashed", "--input", sample];
    const person = await place.run(["prove", model, ...options, "-o", "salts"]);
    expect(person.code, person.stderr).toBe(0);
    const [first, second] = ["hashed-hashed", "salts"].map((name) => readJson<Secret[]>(place.path(name), "private.json"));
    first.forEach(({ salt = "0" }, i) => {
      expect(salt).not.toBe(second[i].salt);
      expect(BigInt(salt) >> 200n).toBeGreaterThan(0n);
      expect(person.stdout + person.stderr).not.toContain(second[i].salt);
    });
    const commitments = ["hashed-hashed", "salts"].map((name) => readJson<BundleFile>(place.path(name), "bundle.json").inputs[0].commitment);
    expect(new Set(commitments).size).toBe(2);
  });

  it("a hidden input cannot be read off the scales of the bundle, calibration data or not", async () => {
    const secret = 0.3721;
    const small = place.write("one.onnx", oneElement());
    const sample = place.json("one.json", { x: [secret] });
    const run = await place.run(["prove", small, "--input", sample, "--input-visibility", "private", "--output-visibility", "private", "-o", "scales"]);
    expectNoTrace(run);
    expect(run.code, run.stderr).toBe(0);
    const { inputs, outputs } = readJson<BundleFile>(place.path("scales"), "bundle.json");
    // Calibrated with the input alone, the scale is the value over the largest integer.
    for (const highest of [127, 255, 32767, 65535]) {
      expect(Math.abs(scaleOf(inputs[0]) * highest - secret)).toBeGreaterThan(1e-6);
      expect(Math.abs(scaleOf(outputs[0]) * highest - secret / 2)).toBeGreaterThan(1e-6);
    }
  });

  it("a public proof into the same directory leaves no secrets of the last one", async () => {
    const options = ["--calibration", calibration, "--input", sample, "-o", "again"];
    await place.report(["prove", model, ...options, "--input-visibility", "private"]);
    await place.report(["prove", model, ...options]);
    expect(listing(place.path("again"))).not.toContain("private.json");
    expect((await place.run(["verify", "again"])).code).toBe(0);
  });
});
