/** The commands that talk to a chain: an embedded node, a development node of the user's, and one that is neither. */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer, type Socket } from "node:net";
import { ContractFactory, type InterfaceAbi, JsonRpcProvider } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedNode, startAnvil } from "../../src/chain/anvil.js";
import { ACCOUNT_0, editJson, expectNoTrace, expectRefusal, type Json, KEY_0, onlyObject, readJson, type Run, Workplace } from "./command.js";
import { linear, twoByTwo } from "./models.js";

const place = new Workplace();
const model = place.write("linear.onnx", linear());
const input = place.json("x.json", { x: [0.5, -0.3, 0.8] });
const recipient = "0x00000000000000000000000000000000000A11cE".toLowerCase();

let dev: EmbeddedNode;
/** Neither anvil's nor hardhat's chain id, so nothing is done there without being asked for. */
let other: EmbeddedNode;
let entry: string;
let verifier: string;

interface ContextFields {
  readonly context: { readonly entryId: string; readonly verifier: string };
}

beforeAll(async () => {
  [dev, other] = await Promise.all([startAnvil(), startAnvil({ chainId: 5 })]);
  await place.report(["compile", model, "-o", "compiled"]);
  const { context } = await place.report<ContextFields>(["prove", "compiled", "--input", input, "-o", "proof"]);
  ({ entryId: entry, verifier } = context);
});
afterAll(async () => {
  await Promise.all([dev.stop(), other.stop()]);
  place.remove();
});

const withKey = { env: { ASSAY_PRIVATE_KEY: KEY_0 } };
const verify = (directory: string, ...options: string[]): Promise<Run> => place.run(["verify", directory, "--chain", ...options, "--json"]);

async function proofFor(name: string, chain: number, job: number): Promise<string> {
  await place.report(["prove", "compiled", "--input", input, "--for", `${String(chain)}:${verifier}:${String(job)}:${recipient}`, "-o", name]);
  return name;
}

describe("the embedded node", () => {
  it("accepts a proof; its gas is printed", async () => {
    const run = await verify("proof");
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).toBe("");
    const report = onlyObject(run);
    expect(report).toMatchObject({ valid: true, entryId: entry, chainId: 31337 });
    expect(report.gasUsed).toBeGreaterThan(200_000);
    expect(report.gasUsed).toBeLessThan(300_000);
    expect((await place.run(["verify", "proof", "--chain"])).stdout).toMatch(/valid on chain[^]*gas +\d{3},\d{3}/);
  });

  it.each([["chain", 5, 0], ["job and recipient", 31337, 3]])("a proof for another %s: 1 on the wrong chain, 0 on the right one", async (_, chain, job) => {
    const name = await proofFor(`elsewhere-${String(chain)}`, chain, job);
    const run = await verify(name);
    expectNoTrace(run);
    expect(run.code).toBe(chain === 31337 ? 0 : 1);
    expect(onlyObject(run)).toMatchObject({ valid: chain === 31337 });
  });

  it("a proof for another verifier or entry exits 1", async () => {
    await place.report(["prove", "compiled", "--input", input, "--for", `31337:${recipient}:0:${recipient}`, "-o", "other-verifier"]);
    await place.report(["prove", "compiled", "--input", input, "--registrant", recipient, "-o", "other-entry"]);
    for (const name of ["other-verifier", "other-entry"]) {
      const run = await verify(name);
      expect(run.code, run.stderr).toBe(1);
      expect(onlyObject(run)).toMatchObject({ valid: false, reason: expect.stringMatching(/the proof (is for|names)/) as unknown });
    }
  });

  it("a tampered proof exits 1", async () => {
    await place.report(["prove", "compiled", "--input", input, "-o", "tampered"]);
    editJson<Record<string, unknown>>(place.path("tampered", "proof.json"), (proof) => ({ ...proof, pi_a: proof.pi_c }));
    const run = await verify("tampered");
    expect(run.code, run.stderr).toBe(1);
    expect(onlyObject(run)).toMatchObject({ valid: false });
  });

  interface Audit {
    readonly checks: readonly { readonly name: string; readonly passed: boolean }[];
  }
  const models: readonly (readonly [string, Uint8Array])[] = [["one input", linear()], ["two inputs and outputs", twoByTwo()]];

  it.each(models)("audit of an honest entry passes: a model of %s", async (name, bytes) => {
    const path = place.write(`${name}.onnx`, bytes);
    await place.report(["compile", path, "-o", name]);
    const sample = name === "one input" ? input : place.json("pair.json", { left: [1, 0, 1], right: [0, 1, 1] });
    const { context } = await place.report<ContextFields>(["prove", name, "--input", sample, "-o", `${name}-proof`]);
    const run = await place.run(["audit", name, "--chain", "--entry", context.entryId, "--json"]);
    const failed = (onlyObject(run) as unknown as Audit).checks.filter(({ passed }) => !passed);
    expect(failed).toEqual([]);
    expect(run.code).toBe(0);
    expect(onlyObject(run)).toMatchObject({ passed: true, setup: "dev", registrant: ACCOUNT_0 });
  });

  it("audit of an entry that does not exist is refused", async () => {
    expectRefusal(await place.run(["audit", "compiled", "--chain", "--entry", `0x${"1".repeat(64)}`, "--json"]), { error: "ENTRY_MISSING", says: [/no such entry/] });
  });
});

describe("a development node of the user's", () => {
  const rpc = (): string[] => ["--rpc", dev.rpcUrl];

  it("takes deploy, register, verify and audit in this order", async () => {
    expectRefusal(await place.run(["register", "compiled", ...rpc(), "--json"]), { error: "CHAIN_NOT_DEPLOYED", says: [/try: /] });
    const deployed = await place.report(["deploy", ...rpc()]);
    expect(deployed).toMatchObject({ verifier, chainId: 31337 });
    expect(await place.report(["deploy", ...rpc()])).toEqual(deployed);
    const registered = await place.report(["register", "compiled", ...rpc()]);
    expect(registered).toMatchObject({ entryId: entry, chainId: 31337 });
    expect(registered.gasUsed).toBeGreaterThan(100_000);
    expectRefusal(await place.run(["register", "compiled", ...rpc(), "--json"]), { error: "ENTRY_EXISTS", says: [new RegExp(entry)] });
    const provider = new JsonRpcProvider(dev.rpcUrl);
    try {
      const report = onlyObject(await verify("proof", ...rpc()));
      expect(report).toMatchObject({ valid: true, entryId: entry });
      const receipt = await provider.getTransactionReceipt(String(report.transactionHash));
      expect(Number(receipt?.gasUsed)).toBe(report.gasUsed);
    } finally {
      provider.destroy();
    }
  });

  it("a second verification of the same job finds the same and records nothing", async () => {
    const run = await verify("proof", ...rpc());
    expect(run.code, run.stderr).toBe(0);
    expect(onlyObject(run)).toMatchObject({ valid: true, entryId: entry });
    expect(onlyObject(run)).not.toHaveProperty("transactionHash");
  });

  it("audit tells the registered key from another one", async () => {
    await place.report(["compile", place.write("again.onnx", linear()), "-o", "another-key", "--output-visibility", "hashed"]);
    const audit = await place.run(["audit", "another-key", "--chain", ...rpc(), "--entry", entry]);
    expect(audit.code).toBe(1);
    expect(audit.stdout).toMatch(/^THE AUDIT FAILED\n/);
    expect(audit.stdout).toMatch(/FAILED +the registered key is the directory's key/);
  });

  it("a bundle that gives the model, a name or a scale other than the entry's is not valid", async () => {
    const lies: readonly ((bundle: Bundle) => unknown)[] = [
      (bundle) => ({ ...bundle, modelId: `0x${"7".repeat(64)}` }),
      (bundle) => ({ ...bundle, outputs: bundle.outputs.map((tensor) => ({ ...tensor, name: "probability of a cat" })) }),
      (bundle) => ({ ...bundle, outputs: bundle.outputs.map((tensor) => ({ ...tensor, scale: { mantissa: "1", exponent: 30 } })) }),
      (bundle) => ({ ...bundle, outputs: bundle.outputs.map((tensor) => ({ ...tensor, shape: [2, 1] })) }),
    ];
    for (const [i, lie] of lies.entries()) {
      const name = await proofFor(`lie-${String(i)}`, 31337, 100 + i);
      editJson(place.path(name, "bundle.json"), lie);
      const run = await verify(name, ...rpc());
      expectNoTrace(run);
      expect(run.code, `lie ${String(i)}: ${run.stdout}`).toBe(1);
    }
  });

  interface Bundle {
    readonly outputs: readonly Json[];
  }
});

describe("a chain that is no development node", () => {
  const rpc = (): string[] => ["--rpc", other.rpcUrl];

  it("a proof for another chain exits 1, whether or not the contracts are there", async () => {
    const run = await verify("proof", ...rpc());
    expect(run.code, run.stderr).toBe(1);
    expect(onlyObject(run)).toMatchObject({ valid: false, reason: expect.stringMatching(/chain 31337.*chain 5/) as unknown });
  });

  it("needs an account to write, and says how to give one", async () => {
    for (const arguments_ of [["deploy"], ["register", "compiled"]]) {
      const run = await place.run([...arguments_, ...rpc(), "--json"]);
      expectRefusal(run, { error: "ACCOUNT_MISSING", says: [/ASSAY_PRIVATE_KEY/, /ASSAY_KEYSTORE/] });
    }
    const secret = `0x${"ab".repeat(31)}`;
    const bad = await place.run(["deploy", ...rpc(), "--json"], { env: { ASSAY_PRIVATE_KEY: secret } });
    expectRefusal(bad, { error: "ACCOUNT_MISSING", says: [/ASSAY_PRIVATE_KEY/] });
    expect(bad.stderr).not.toContain("abab");
    const poor = await place.run(["deploy", ...rpc(), "--json"], { env: { ASSAY_PRIVATE_KEY: `0x${"0".repeat(63)}7` } });
    expectRefusal(poor, { error: "RPC_REJECTED", says: [/cannot pay/] });
    const keystore = { ASSAY_KEYSTORE: input, ASSAY_KEYSTORE_PASSWORD: "secret word" };
    const locked = await place.run(["deploy", ...rpc(), "--json"], { env: keystore });
    expectRefusal(locked, { error: "ACCOUNT_MISSING", says: [/keystore/] });
    expect(locked.stderr).not.toContain("secret word");
  });

  it("verifies what was registered there, for the job and recipient asked for, and no other", async () => {
    const name = await proofFor("on-five", 5, 7);
    expectRefusal(await verify(name, ...rpc()), { error: "CHAIN_NOT_DEPLOYED", says: [/try: /] });
    expect((await place.run(["deploy", ...rpc()], withKey)).code).toBe(0);
    expectRefusal(await verify(name, ...rpc()), { error: "ENTRY_MISSING", says: [new RegExp(entry)] });
    expect((await place.run(["register", "compiled", ...rpc()], withKey)).code).toBe(0);
    const asked = await verify(name, ...rpc(), "--for", `5:${verifier}:8:${recipient}`);
    expect(asked.code).toBe(1);
    const estimated = onlyObject(await verify(await proofFor("on-five-9", 5, 9), ...rpc()));
    expect(estimated).toMatchObject({ valid: true });
    expect(estimated).not.toHaveProperty("transactionHash");
    const sent = await place.run(["verify", "on-five-9", "--chain", ...rpc(), "--json"], withKey);
    expect(sent.code, sent.stderr).toBe(0);
    expect(onlyObject(sent)).toHaveProperty("transactionHash");
    expect((await verify("on-five-9")).code, "the embedded node is another chain").toBe(1);
  });
});

describe("an endpoint that does not answer", () => {
  let silent: TcpServer;
  let web: Server;
  const sockets: Socket[] = [];
  const at = (server: TcpServer): string => `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const listen = (server: TcpServer): Promise<void> => new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });

  beforeAll(async () => {
    silent = createTcpServer((socket) => sockets.push(socket.on("error", () => undefined)));
    web = createServer((request, response) => { response.end(request.url === "/json" ? '{"hello":"world"}' : "<html>"); });
    await Promise.all([listen(silent), listen(web)]);
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
    web.close();
  });

  const cases: readonly (readonly [string, () => string, string, RegExp])[] = [
    ["a closed port", () => "http://127.0.0.1:1", "RPC_UNREACHABLE", /127\.0\.0\.1:1\n/],
    ["a server that never replies", () => at(silent), "RPC_UNREACHABLE", /does not answer/],
    ["a server of web pages", () => at(web), "RPC_UNREACHABLE", /try: |JSON-RPC/],
    ["JSON that is no JSON-RPC", () => `${at(web)}/json`, "RPC_UNREACHABLE", /JSON-RPC/],
    ["a wrong path of a node", () => `${dev.rpcUrl}/nowhere`, "RPC_UNREACHABLE", /nowhere/],
    ["no address", () => "localhost", "BAD_USAGE", /address/],
    ["another protocol", () => "ftp://127.0.0.1/", "BAD_USAGE", /http/],
  ];

  it.each(cases)("%s", async (_, url, error, says) => {
    expectRefusal(await verify("proof", "--rpc", url()), { error, says: [says] });
  }, 30_000);
});

interface SolcOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Readonly<Record<string, Readonly<Record<string, { readonly abi: InterfaceAbi; readonly evm: { readonly bytecode: { readonly object: string } } }>>>>;
}

interface SnarkProof {
  readonly pi_a: string[];
  readonly pi_b: string[][];
  readonly pi_c: string[];
}

describe("export-verifier", () => {
  it("writes Solidity that compiles, accepts the proof on a node and nothing else, and says what it does not check", async () => {
    const report = await place.report(["export-verifier", "compiled", "-o", "verifier.sol"]);
    expect(report).toMatchObject({ file: place.path("verifier.sol"), setup: "dev" });
    const source = readFileSync(place.path("verifier.sol"), "utf8");
    expect(source).toMatch(/does not compute the\s+context/);
    const solc = createRequire(import.meta.url)("solc") as { compile(input: string): string };
    const settings = { outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } } };
    const output = JSON.parse(solc.compile(JSON.stringify({ language: "Solidity", sources: { "v.sol": { content: source } }, settings }))) as SolcOutput;
    expect((output.errors ?? []).filter(({ severity }) => severity === "error")).toEqual([]);
    const { abi, evm } = output.contracts["v.sol"].Groth16Verifier;
    const provider = new JsonRpcProvider(dev.rpcUrl);
    try {
      const contract = await new ContractFactory(abi, evm.bytecode.object, await provider.getSigner(1)).deploy();
      await contract.waitForDeployment();
      const { pi_a, pi_b, pi_c } = readJson<SnarkProof>(place.path("proof"), "proof.json");
      const signals = readJson<string[]>(place.path("proof"), "public.json");
      const point = ([x, y]: string[]): string[] => [x, y];
      const b = pi_b.slice(0, 2).map(([real, imaginary]) => [imaginary, real]);
      const accepts = async (values: string[]): Promise<unknown> => contract.getFunction("verifyProof").staticCall(point(pi_a), b, point(pi_c), values) as Promise<unknown>;
      expect(await accepts(signals)).toBe(true);
      for (const i of signals.keys()) expect(await accepts(signals.with(i, String(BigInt(signals[i]) + 1n)))).toBe(false);
    } finally {
      provider.destroy();
    }
  });

  it("writes into the compiled directory by default, which stays usable", async () => {
    expect(await place.report(["export-verifier", "compiled"])).toMatchObject({ file: place.path("compiled", "verifier.sol") });
    expect((await place.run(["prove", "compiled", "--input", input, "-o", "after-export"])).code).toBe(0);
    expect(readFileSync(place.path("compiled", "verifier.sol"), "utf8")).toContain("contract Groth16Verifier");
  });
});
