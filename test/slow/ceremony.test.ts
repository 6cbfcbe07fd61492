/** Real keys by the command line: three contributors, a beacon, a finished key that proves; on the embedded node too. */
import { copyFileSync, cpSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedNode, startAnvil } from "../../src/chain/anvil.js";
import { deployedAddresses } from "../../src/chain/deploy.js";
import { WorkerPool } from "../../src/pool/index.js";
import { groth16 } from "snarkjs";
import { terminateCurve } from "../../src/zk/keys/index.js";
import { writeQuickPtau } from "../support/quickPtau.js";
import { editJson, expectRefusal, type Json, readJson, Workplace } from "../cli/command.js";
import { linear } from "../cli/models.js";

const work = new Workplace();
const ptau = work.path("pot.ptau");
let node: EmbeddedNode;
const POWER = { groth16: 8, "two-round": 10 } as const;

beforeAll(async () => {
  const pool = new WorkerPool({ size: 2 });
  await writeQuickPtau(ptau, 10, pool);
  await pool.close();
  node = await startAnvil();
  work.write("linear.onnx", linear());
  work.json("x.json", { input_data: [[1, 0.5, -0.25]] });
});

afterAll(async () => {
  await node.stop();
  await terminateCurve();
  work.remove();
});

describe.each(["groth16", "two-round"] as const)("a ceremony for a %s key", (protocol) => {
  const [model, ceremony] = [`m-${protocol}`, `c-${protocol}`];
  const of = ["--model", model, "--ptau", ptau];

  it("starts from a compiled model, takes contributions and a beacon, and verifies", async () => {
    await work.report(["compile", "linear.onnx", "--protocol", protocol, "--calibration", "x.json", "-o", model]);
    expect(readJson<{ domain: number }>(work.path(model, "manifest.json")).domain).toBeLessThanOrEqual(2 ** POWER[protocol]);
    await work.report(["ceremony", "start", model, "--ptau", ptau, "-o", ceremony]);
    expectRefusal(await work.run(["ceremony", "finish", ceremony, ...of]), { code: 1, error: "CEREMONY_INVALID", says: ["0 contributions, 1 are needed"] });
    for (const name of ["alice", "bob", "carol"]) await work.report(["ceremony", "contribute", ceremony, "--name", name]);
    await work.report(["ceremony", "beacon", ceremony, "--value", "0xc0ffee"]);
    const report = await work.report<Json & { checks: { passed: boolean }[] }>(["ceremony", "verify", ceremony, ...of]);
    expect(report).toMatchObject({ passed: true, contributions: 3 });
    expect(report.checks.every(({ passed }) => passed)).toBe(true);
  });

  it("a finish that is killed leaves the dev key or the ceremony's, whole", async () => {
    const preload = pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), "..", "support", "killAtRename.mjs")).href;
    // Before the change, amid the moves of files, and before that of the manifest.
    const kills = [[2, "ceremony"], [0, "dev"], [4, "ceremony"]] as const;
    for (const [rename, setup] of protocol === "groth16" ? kills : kills.slice(0, 1)) {
      const copy = `killed-${protocol}-${rename.toString()}`;
      cpSync(work.path(model), work.path(copy), { recursive: true });
      const finish = ["ceremony", "finish", ceremony, "--model", copy, "--ptau", ptau];
      const run = await work.run(finish, { env: { NODE_OPTIONS: `--import=${preload}`, ASSAY_TEST_KILL: `${rename.toString()}:${work.path(copy)}/` } });
      expect(run.code).toBeNull();
      expect(existsSync(work.path(copy, ".filling"))).toBe(setup === "ceremony");
      expect(await work.report(["prove", copy, "--input", "x.json", "-o", `${copy}-proof`])).toMatchObject({ setup });
      await work.report(["verify", `${copy}-proof`]);
      await work.report(finish);
      expect(existsSync(work.path(copy, ".filling"))).toBe(false);
      expect(readJson(work.path(copy, "manifest.json"))).toMatchObject({ setup: "ceremony" });
      expect(readdirSync(work.path(copy)).filter((name) => name.endsWith(".audit"))).toEqual([]);
    }
  });

  it("finishes into the model's directory, whose proofs verify everywhere", async () => {
    expectRefusal(await work.run(["ceremony", "finish", ceremony, ...of, "--contributions", "4"]), { code: 1, error: "CEREMONY_INVALID", says: ["3 contributions, 4"] });
    const { transcript } = await work.report<{ transcript: string }>(["ceremony", "finish", ceremony, ...of]);
    expect(readJson(work.path(model, "manifest.json"))).toMatchObject({ setup: "ceremony", ceremony: { transcript, contributions: 3 } });
    expect(readdirSync(work.path(model)).filter((name) => name.endsWith(".audit"))).toEqual([]);
    await work.report(["prove", model, "--input", "x.json", "-o", `p-${protocol}`]);
    await work.report(["verify", `p-${protocol}`]);
    expect(await work.report(["verify", `p-${protocol}`, "--chain"])).toMatchObject({ setup: "ceremony", transcript });
    if (protocol === "groth16") {
      const [key, signals, proof] = ["verification_key.json", "public.json", "proof.json"].map((name) => work.path(`p-${protocol}`, name));
      expect(await groth16.verify(readJson(key), readJson(signals), readJson(proof))).toBe(true);
    }
    const { context } = readJson<{ context: { entryId: string } }>(work.path(`p-${protocol}`, "bundle.json"));
    expect(await work.report(["audit", model, "--chain", "--entry", context.entryId, "--ptau", ptau])).toMatchObject({ passed: true, setup: "ceremony", ceremony: { transcript, contributions: 3 } });
  });

  it("proves by an external prover where one is configured and can serve", async () => {
    const prover = join(dirname(fileURLToPath(import.meta.url)), "..", "support", "provers", "snarkjsProver.mjs");
    const prove = ["prove", model, "--input", "x.json", "-o", `e-${protocol}`];
    const run = await work.run([...prove, "--json"], { env: { ASSAY_PROVER: prover } });
    expect(run.code, run.stderr).toBe(0);
    expect((JSON.parse(run.stdout) as Json).prover).toBe(protocol === "groth16" ? prover : undefined);
    expect(run.stderr.includes("ASSAY_PROVER is for groth16")).toBe(protocol === "two-round");
    await work.report(["verify", `e-${protocol}`]);
    expectRefusal(await work.run([...prove, "--prover", "/nowhere"]), { error: protocol === "groth16" ? "PROVER_FAILED" : "BAD_USAGE" });
  });

  it("is kept when the model is compiled again, and registers where dev keys are refused, with its transcript", async () => {
    const again = await work.report(["compile", "linear.onnx", "--protocol", protocol, "--calibration", "x.json", "-o", model]);
    expect(again).toMatchObject({ reused: true });
    expectRefusal(await work.run(["compile", "linear.onnx", "--protocol", protocol, "--bits", "16", "-o", model]), { error: "BAD_USAGE", says: ["key of a ceremony"] });
    const { ceremony: made } = readJson<{ ceremony: { transcript: string } }>(work.path(model, "manifest.json"));
    await work.report(["compile", "linear.onnx", "--protocol", protocol, "--calibration", "x.json", "-o", `dev-${protocol}`]);
    const rpc = ["--rpc", node.rpcUrl];
    const env = { ASSAY_DEPLOYMENT: "no-dev" };
    const { registry } = await work.report<{ registry: string }>(["deploy", "--no-dev", ...rpc]);
    expect(registry).toBe(deployedAddresses(false).registry);
    expectRefusal(await work.run(["register", model, ...rpc]), { error: "CHAIN_NOT_DEPLOYED", says: ["ASSAY_DEPLOYMENT=no-dev"] });
    expectRefusal(await work.run(["register", `dev-${protocol}`, ...rpc], { env }), { error: "RPC_REJECTED", says: ["takes no dev keys"] });
    const entry = await work.report<{ entryId: string }>(["register", model, ...rpc], { env });
    expect(entry).toMatchObject({ setup: "ceremony", transcript: made.transcript });
    const audited = await work.run(["audit", model, "--chain", "--entry", entry.entryId, "--ptau", ptau, ...rpc], { env });
    expect(audited.code, audited.stderr).toBe(0);
    expect(audited.stdout).toContain(`3 contributions, transcript ${made.transcript}, as the entry states`);
    await work.report(["prove", model, "--input", "x.json", "-o", `n-${protocol}`], { env });
    const verify = ["verify", `n-${protocol}`, "--chain", ...rpc];
    expect(await work.report(verify, { env })).toMatchObject({ valid: true, transcript: made.transcript });
    editJson<{ ceremony: Json }>(work.path(`n-${protocol}`, "bundle.json"), (bundle) => ({ ...bundle, ceremony: { ...bundle.ceremony, transcript: `0x${"00".repeat(32)}` } }));
    const foreign = await work.run(verify, { env });
    expect(foreign.code).toBe(1);
    expect(foreign.stdout).toContain("the bundle names another ceremony than the entry");
    const wrong = await work.run(["register", model, ...rpc], { env: { ASSAY_DEPLOYMENT: "strict" } });
    expectRefusal(wrong, { error: "BAD_USAGE", says: ["no deployment called strict"] });
  });

  it("finds a damaged key, and is told what is wrong in usage", async () => {
    const last = readdirSync(work.path(ceremony)).filter((name) => name.startsWith("key-")).sort().at(-1) ?? "";
    const path = work.path(ceremony, last);
    copyFileSync(path, `${path}.good`);
    copyFileSync(join(work.path(ceremony), readdirSync(work.path(ceremony)).filter((name) => name.startsWith("key-")).sort()[1]), path);
    const run = await work.run(["ceremony", "verify", ceremony, ...of]);
    expect(run.code).toBe(1);
    expect(run.stdout).toContain("FAILED  key file");
    copyFileSync(`${path}.good`, path);
    expectRefusal(await work.run(["ceremony", "contribute", ceremony, "--name", "late"]), { error: "BAD_USAGE", says: ["ended with its beacon"] });
    expectRefusal(await work.run(["ceremony", "contribute", "nowhere", "--name", "me"]), { error: "FILE_NOT_READABLE" });
    expectRefusal(await work.run(["ceremony", "start", model, "--ptau", ptau, "-o", ceremony]), { error: "BAD_USAGE", says: ["has been started"] });
    expectRefusal(await work.run(["ceremony", "beacon", ceremony, "--value", "xyz"]), { says: ["hexadecimal"] });
    writeFileSync(work.path("not.ptau"), "no");
    expectRefusal(await work.run(["ceremony", "start", model, "--ptau", "not.ptau", "-o", "none"]), { error: "PTAU_INVALID" });
    expect(existsSync(work.path("none"))).toBe(false);
  });
});
