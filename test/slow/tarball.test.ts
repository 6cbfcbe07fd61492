/** The package as somebody else has it: packed, installed into an empty project, imported by strict TypeScript, run as a command. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { linear, linearOf } from "../cli/models.js";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const INSTALL_MS = 600_000;
const X = [0.5, -0.3, 0.8];

const USE = `
import { AssayError, compile, prove, type Proven, Session, verify } from "assay";

const session = new Session();
const { directory } = await compile("linear.onnx", { output: "m", session });
const proven: Proven = await prove(directory, { input: [Float32Array.from(${JSON.stringify(X)})], output: "p", session });
const values: readonly number[] = proven.outputs.y.dequantized ?? [];
const { valid } = await verify(proven.proof, { session });
const forged = await verify({ ...proven.proof, publicSignals: proven.proof.publicSignals.toReversed() }, { session });
const refused = await prove("nowhere", { input: "x.json", session }).then(() => "proven", (error: unknown) => (error instanceof AssayError ? error.code : "another error"));
await session.close();
// In a session of its own, whose threads end with it: so does the process.
const again = await verify("p");
console.log(JSON.stringify({ valid, again: again.valid, forged: forged.valid, refused, values }));
`;

const CONSUMER = `
// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;
import {EntryId} from "assay/contracts/lib/Types.sol";
import {IVerifier} from "assay/contracts/interfaces/IVerifier.sol";
import {PriceFeed} from "assay/contracts/optimistic/examples/PriceFeed.sol";

contract Consumer {
    function accept(IVerifier verifier, EntryId entry, uint256 job, bytes[] calldata tensors) external view returns (bool) {
        return verifier.resultOf(entry, job, address(this)) == keccak256(abi.encode(tensors));
    }
}
`;

interface SolcOutput {
  readonly errors?: readonly unknown[];
  readonly contracts: Readonly<Record<string, Readonly<Record<string, { readonly abi: readonly { readonly name: string }[] }>>>>;
}

const solc = createRequire(import.meta.url)("solc") as { readonly compile: (input: string, callbacks: { readonly import: (path: string) => { readonly contents: string } }) => string };

let scratch: string;
let project: string;
let files: readonly string[];

const run = promisify(execFile);

/** In the project, with no environment of Assay's. */
async function inProject(file: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, ASSAY_CACHE: join(scratch, "cache"), NODE_OPTIONS: "" };
  return (await run(file, args, { cwd: project, env, maxBuffer: 2 ** 26 })).stdout;
}

const assay = async (...args: string[]): Promise<unknown> => JSON.parse(await inProject(join(project, "node_modules", ".bin", "assay"), ...args, "--json"));

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "assay-tarball-"));
  project = join(scratch, "project");
  mkdirSync(project);
  const packed = await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", scratch], { cwd: ROOT, maxBuffer: 2 ** 26 });
  const [{ filename, files: inside }] = JSON.parse(packed.stdout) as [{ readonly filename: string; readonly files: readonly { readonly path: string }[] }];
  files = inside.map(({ path }) => path);
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  // Install scripts would only fetch what graphics cards need.
  await inProject("npm", "install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", join(scratch, filename));
  writeFileSync(join(project, "linear.onnx"), linear());
  writeFileSync(join(project, "x.json"), JSON.stringify({ x: X }));
}, INSTALL_MS);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("the tarball", { timeout: INSTALL_MS }, () => {
  it("holds what runs, and nothing else", () => {
    const rooms = new Set(files.map((path) => (path.startsWith("src/") ? dirname(path) : path.split("/")[0])));
    expect([...rooms].sort()).toEqual(["LICENSE", "README.md", "bench", "circuits", "contracts", "dist", "package.json", "src/types"]);
    expect(files.filter((path) => /\.map$|\.test\.|^(test|docs)\//.test(path))).toEqual([]);
    for (const path of ["dist/index.js", "dist/cli/main.js", "dist/contracts/Claims.json", "dist/pool/worker.js", "circuits/circuits.json"]) expect(files).toContain(path);
  });

  it("has a library whose types hold without skipLibCheck, and which proves and verifies", async () => {
    writeFileSync(join(project, "use.ts"), USE);
    const options = { module: "NodeNext", moduleResolution: "NodeNext", target: "ES2022", lib: ["ES2023"], strict: true, skipLibCheck: false, types: ["node"], typeRoots: [join(ROOT, "node_modules", "@types")] };
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["use.ts"] }));
    await inProject(process.execPath, join(ROOT, "node_modules", "typescript", "bin", "tsc"), "-p", ".");
    const said = JSON.parse(await inProject(process.execPath, "use.js")) as { readonly values: readonly number[] };
    expect(said).toMatchObject({ valid: true, again: true, forged: false, refused: "FILE_NOT_READABLE" });
    linearOf(X).forEach((expected, i) => expect(said.values[i]).toBeCloseTo(expected, 1));
  });

  it("has contracts that a consumer of somebody else's is built on", () => {
    const resolve = createRequire(join(project, "package.json")).resolve;
    const settings = { outputSelection: { "*": { "*": ["abi"] } } };
    const input = { language: "Solidity", sources: { "Consumer.sol": { content: CONSUMER } }, settings };
    const output = JSON.parse(solc.compile(JSON.stringify(input), { import: (path) => ({ contents: readFileSync(resolve(path), "utf8") }) })) as SolcOutput;
    expect(output.errors ?? []).toEqual([]);
    expect(output.contracts["Consumer.sol"].Consumer.abi.map(({ name }) => name)).toEqual(["accept"]);
  });

  it("has a command that proves, verifies on its own node, and claims", async () => {
    expect(await assay("prove", "linear.onnx", "--input", "x.json", "-o", "proof")).toMatchObject({ setup: "dev" });
    expect(await assay("verify", "proof", "--chain")).toMatchObject({ valid: true, chainId: 31337 });
    expect(await assay("claim", "linear.onnx", "--input", "x.json")).toMatchObject({ status: "Posted", fresh: true });
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { readonly version: string };
    expect((await inProject(join(project, "node_modules", ".bin", "assay"), "--version")).trim()).toBe(version);
  });
});
