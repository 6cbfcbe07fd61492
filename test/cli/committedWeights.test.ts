/** `--weights committed`: what is written, printed, pinned and refused, and variants that share a key. */
import { copyFileSync, cpSync, readFileSync, rmSync } from "node:fs";
import { groth16 } from "snarkjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAnvil, type EmbeddedNode } from "../../src/chain/anvil.js";
import { terminateCurve } from "../../src/zk/keys/index.js";
import { editJson, expectRefusal, type Json, listing, mode, readJson, Workplace } from "./command.js";
import { convolution, linear, PIXELS } from "./models.js";
import type { BundleFile, Compiled, Proven } from "./reports.js";

const place = new Workplace();
const image = place.json("image.json", { input_data: [PIXELS] });
let dev: EmbeddedNode;

interface Committed extends Compiled {
  readonly weightsCommitment: string;
  readonly setup: string;
}

interface PrivateFile {
  readonly salt: string;
  readonly weights: string;
}

interface OpenBundle extends BundleFile {
  readonly weightsCommitment?: string;
  readonly context: { readonly entryId: string };
}

const base = place.write("base.onnx", convolution(0));
const PROTOCOLS = ["groth16", "two-round"] as const;

beforeAll(async () => {
  dev = await startAnvil();
  for (const protocol of PROTOCOLS) {
    const run = await place.run(["compile", base, "--weights", "committed", "--calibration", image, "--protocol", protocol, "-o", protocol]);
    expect(run.code, run.stderr).toBe(0);
    // The cost is said before the work starts, by kind. The convolution is 16 positions by 4 terms by 3 outputs.
    const products = protocol === "groth16" ? 16 * 4 * 3 + 36 : 4 * (16 + 3 + 1) + 16 * 3 + 1 + 2 + 36;
    expect(run.stderr).toMatch(new RegExp(`constraints, domain 2\\^\\d+: .*committed weights [\\d,]+.*products ${String(products)},`));
    await place.report(["prove", protocol, "--input", image, "-o", `${protocol}-proof`]);
  }
});

afterAll(async () => {
  await terminateCurve();
  await dev.stop();
  place.remove();
});

describe.each(PROTOCOLS)("committed weights in %s", (protocol) => {
  const proof = `${protocol}-proof`;
  const commitment = (): string => readJson<Committed>(place.path(protocol), "manifest.json").weightsCommitment;

  it("hold every constraint, prove, and verify off chain and on chain", async () => {
    expect(await place.report(["check", protocol, "--input", image])).toMatchObject({ satisfied: true });
    const verdict = await place.report(["verify", proof, "--chain"]);
    expect(verdict).toMatchObject({ valid: true, weightsCommitment: commitment() });
    const shown = await place.run(["verify", proof]);
    expect(shown.stdout).toContain(commitment());
  });

  it("are pinned by their commitment", async () => {
    expect((await place.run(["verify", proof, "--weights-commitment", commitment()])).code).toBe(0);
    const other = await place.run(["verify", proof, "--weights-commitment", `0x${"1".repeat(64)}`]);
    expect(other.code).toBe(1);
    expect(other.stdout).toMatch(/^INVALID: the proof is for weights 0x/);
    expectRefusal(await place.run(["verify", proof, "--weights-commitment", "12"]), { says: [/64 hexadecimal digits/] });
  });

  it("and their salt stand in files of their owner, and nowhere else", () => {
    const secret = readJson<PrivateFile>(place.path(protocol), "private_weights.json");
    expect(BigInt(secret.salt) >> 200n).toBeGreaterThan(0n);
    const hidden = ["model.onnx", "private_weights.json", "quantization.json"];
    for (const file of hidden) expect(mode(place.path(protocol, file)), file).toBe(0o600);
    const published = [...listing(place.path(protocol)).filter((file) => !hidden.includes(file)).map((file) => [protocol, file]), ...listing(place.path(proof)).map((file) => [proof, file])];
    for (const names of published) {
      const text = readFileSync(place.path(...names), "latin1");
      for (const value of [secret.salt, BigInt(secret.salt).toString(16), secret.weights.slice(2)]) expect(text.includes(value), names.join("/")).toBe(false);
    }
    expect(listing(place.path(proof))).not.toContain("private.json");
  });

  it("attack ZK-12: a proof for other weights than it says is rejected, off chain and by the contract", async () => {
    const forged = `${protocol}-forged`;
    cpSync(place.path(proof), place.path(forged), { recursive: true });
    const bundle = place.path(forged, "bundle.json");
    const honest = readJson<OpenBundle>(bundle);
    const claims = [`0x${(BigInt(commitment()) ^ 1n).toString(16).padStart(64, "0")}`, undefined, `0x${"f".repeat(64)}`, `0x${"0".repeat(64)}`];
    for (const weightsCommitment of claims) {
      editJson<OpenBundle>(bundle, () => ({ ...honest, weightsCommitment }));
      expect((await place.run(["verify", forged])).code, weightsCommitment).toBe(1);
    }
    editJson<OpenBundle>(bundle, () => ({ ...honest, weightsCommitment: claims[0] }));
    const onChain = await place.run(["verify", forged, "--chain"]);
    expect(onChain.code, onChain.stderr).toBe(1);
    // The signal changed with the claim: now the proof fails.
    editJson<string[]>(place.path(forged, "public.json"), (signals) => signals.map((signal) => (BigInt(signal) === BigInt(commitment()) ? BigInt(claims[0] ?? 0).toString() : signal)));
    expect((await place.run(["verify", forged])).code).toBe(1);
  });

  it("check and prove refuse weights that do not open the commitment", async () => {
    const damaged = `${protocol}-damaged`;
    cpSync(place.path(protocol), place.path(damaged), { recursive: true });
    const path = place.path(damaged, "private_weights.json");
    const honest = readJson<PrivateFile>(path);
    const flipped = `0x${honest.weights.slice(2, 4) === "01" ? "02" : "01"}${honest.weights.slice(4)}`;
    const cases = [
      [{ ...honest, weights: flipped }, "ARTEFACT_STALE"],
      [{ ...honest, salt: "12345" }, "ARTEFACT_STALE"],
      [{ salt: honest.salt }, "ARTEFACT_STALE"],
      // Missing bytes are missed before the commitment is computed.
      [{ ...honest, weights: honest.weights.slice(0, -2) }, "PROGRAM_INVALID"],
    ] as const;
    for (const [content, error] of cases) {
      editJson(path, () => content);
      for (const verb of ["check", "prove"]) expectRefusal(await place.run([verb, damaged, "--input", image]), { error });
    }
    rmSync(path);
    for (const verb of ["check", "prove"]) expectRefusal(await place.run([verb, damaged, "--input", image]), { error: "ARTEFACT_MISSING", says: [/committed/, /private_weights\.json/] });
  });

  it("an audit needs no weights, and says what it cannot tell", async () => {
    const { context } = readJson<OpenBundle>(place.path(proof), "bundle.json");
    const shared = `${protocol}-shared`;
    cpSync(place.path(protocol), place.path(shared), { recursive: true });
    for (const file of ["model.onnx", "private_weights.json", "quantization.json"]) rmSync(place.path(shared, file));
    for (const directory of [protocol, shared]) {
      const audit = await place.run(["audit", directory, "--chain", "--entry", context.entryId]);
      expect(audit.code, audit.stdout + audit.stderr).toBe(0);
      expect(audit.stdout).toMatch(/weights are committed: the key is good for any weights/);
      expect(audit.stdout).toContain(commitment());
      expect(/ok +the directory's weights open its weights commitment/.test(audit.stdout)).toBe(directory === protocol);
    }
  });
});

describe("attack ZK-15: an unsalted commitment to weights", () => {
  it("two compilations of the same weights have different commitments, salts and hashes", async () => {
    const names = ["groth16", "second"];
    await place.report(["compile", base, "--weights", "committed", "--calibration", image, "--protocol", "groth16", "-o", "second"]);
    const [first, second] = names.map((name) => readJson<Json>(place.path(name), "manifest.json"));
    expect(second.modelId).toBe(first.modelId);
    for (const field of ["weightsCommitment", "contentHash"]) expect(second[field], field).not.toBe(first[field]);
    const salts = names.map((name) => readJson<PrivateFile>(place.path(name), "private_weights.json").salt);
    expect(new Set(salts).size).toBe(2);
    // Made again in the same place it is the same model.
    expect(await place.report(["compile", base, "--weights", "committed", "--calibration", image, "--protocol", "groth16", "-o", "second"])).toMatchObject({ reused: true, weightsCommitment: second.weightsCommitment });
  });
});

describe("a choice of weights", () => {
  it("by node or tensor; inspect estimates what it costs", async () => {
    const estimate = async (...weights: string[]): Promise<Readonly<Record<string, number>>> =>
      (await place.report<{ readonly estimate: { readonly byKind: Record<string, number> } }>(["inspect", base, "--calibration", image, "--protocol", "groth16", ...weights])).estimate.byKind;
    expect(await estimate()).not.toHaveProperty("committed weights");
    expect((await estimate("--weights", "committed")).products).toBe(3 * 16 * 4 + 12 * 3);
    expect((await estimate("--weights", "committed:gemm")).products).toBe(36);
    expect((await estimate("--weights", "committed:kernel,gemm")).products).toBe((await estimate("--weights", "committed")).products);
    for (const [name, says] of [["nothing", /no node or weight/], ["relu", /no weights to commit/]] as const) {
      expectRefusal(await place.run(["inspect", base, "--weights", `committed:${name}`]), { error: "BAD_USAGE", says: [says, new RegExp(name)] });
    }
    expectRefusal(await place.run(["inspect", base, "--weights", "secret"]), { says: [/fixed, committed/] });
  });
});

describe.each(PROTOCOLS)("a variant, %s", (protocol) => {
  const variant = `${protocol}-variant`;
  let compiled: Committed;

  beforeAll(async () => {
    const onnx = place.write(`${variant}.onnx`, convolution(0.05));
    compiled = await place.report<Committed>(["compile", onnx, "--weights", "committed", "--like", protocol, "-o", variant]);
  });

  it("has the base's program and keys, and a commitment of its own", () => {
    const manifests = [protocol, variant].map((name) => readJson<Committed>(place.path(name), "manifest.json"));
    expect(compiled.modelId).toBe(manifests[0].modelId);
    expect(compiled.weightsCommitment).not.toBe(manifests[0].weightsCommitment);
    for (const file of ["program.json", "verification_key.json", "circuit.r1cs", "weights.bin", "tables.bin"]) {
      expect(readFileSync(place.path(variant, file)).equals(readFileSync(place.path(protocol, file))), file).toBe(true);
    }
  });

  it("is proven under the base's key and entry; the proof says which weights it used", async () => {
    expect(await place.report(["check", variant, "--input", image])).toMatchObject({ satisfied: true });
    const proof = `${variant}-proof`;
    const proven = await place.report<Proven>(["prove", variant, "--input", image, "-o", proof]);
    const ours = readJson<OpenBundle>(place.path(proof), "bundle.json");
    const theirs = readJson<OpenBundle>(place.path(`${protocol}-proof`), "bundle.json");
    expect(ours.context.entryId).toBe(theirs.context.entryId);
    expect(ours.weightsCommitment).toBe(compiled.weightsCommitment);
    expect(proven.outputs.logits.quantized).not.toEqual(theirs.outputs);
    // Under the base's key, whatever the directory holds; the base's weights are not these.
    copyFileSync(place.path(protocol, "verification_key.json"), place.path(proof, "verification_key.json"));
    expect((await place.run(["verify", proof, "--weights-commitment", compiled.weightsCommitment])).code).toBe(0);
    expect((await place.run(["verify", proof, "--weights-commitment", theirs.weightsCommitment ?? ""])).code).toBe(1);
  });

  it("is verified by the contract under the entry that the base registered", async () => {
    const rpc = ["--rpc", dev.rpcUrl];
    await place.report(["deploy", ...rpc]);
    const { entryId } = await place.report(["register", protocol, ...rpc]);
    for (const [job, name] of [[1, protocol], [2, variant]] as const) {
      const { context } = readJson<{ context: { verifier: string; recipient: string } }>(place.path(`${protocol}-proof`), "bundle.json");
      const target = `31337:${context.verifier}:${String(job)}:${context.recipient}`;
      await place.report(["prove", name, "--input", image, "--for", target, "-o", `${name}-chain`]);
      expect(await place.report(["verify", `${name}-chain`, "--chain", ...rpc])).toMatchObject({ valid: true, entryId });
    }
  });
});

describe("a model that is no variant", () => {
  it.each([["of another width", () => convolution(0, 4)], ["of another graph", () => linear()]])("%s is refused", async (name, model) => {
    const path = place.write(`${name}.onnx`, model());
    expectRefusal(await place.run(["compile", path, "--like", "groth16", "-o", "none"]), { error: "BAD_USAGE", says: [/no variant of the base/] });
  });

  it("a base with fixed weights, its own place, and choices that the base has made are refused", async () => {
    await place.report(["compile", base, "--calibration", image, "-o", "fixed"]);
    expectRefusal(await place.run(["compile", base, "--like", "fixed", "-o", "none"]), { error: "BAD_USAGE", says: [/fixed weights/] });
    expectRefusal(await place.run(["compile", base, "--like", "groth16", "-o", "groth16"]), { error: "BAD_USAGE", says: [/another -o/] });
    expectRefusal(await place.run(["compile", base, "--like", "groth16", "--protocol", "two-round", "-o", "none"]), { error: "BAD_USAGE", says: [/protocol/] });
  });

  it("weights that the base's types have no room for are clamped and counted", async () => {
    const path = place.write("large.onnx", convolution(3));
    const report = await place.report<{ readonly clampedWeights: Record<string, number> }>(["compile", path, "--like", "groth16", "-o", "large"]);
    expect(report.clampedWeights.conv + report.clampedWeights.gemm).toBeGreaterThan(0);
    expect(await place.report(["check", "large", "--input", image])).toMatchObject({ satisfied: true });
  });
});

describe("snarkjs", () => {
  it("accepts a variant's proof under the base's key", async () => {
    const read = (directory: string, file: string): unknown => readJson(place.path(directory), file);
    const key = read("groth16", "verification_key.json") as Parameters<typeof groth16.verify>[0];
    const proof = read("groth16-variant-proof", "proof.json") as Parameters<typeof groth16.verify>[2];
    expect(await groth16.verify(key, read("groth16-variant-proof", "public.json") as string[], proof)).toBe(true);
  });
});
