/**
 * Build step: contracts/**.sol -> dist/contracts/<Name>.json, by solc's standard JSON.
 *
 * The bytecode carries no metadata, so that comments and paths do not change the contracts' CREATE2 addresses.
 */

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { AssayError } from "../errors.js";
import { packageRoot } from "../packageRoot.js";

/** EIP-170. */
const MAX_CODE_BYTES = 24_576;

const SETTINGS = {
  viaIR: true,
  // The oldest fork with MCOPY, so that the same bytecode runs on most chains.
  evmVersion: "cancun",
  metadata: { bytecodeHash: "none", appendCBOR: false },
} as const;
const OUTPUTS = ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"];

/** The optimizer's `runs`. What computes is made fast; claims have many functions, which must fit into one contract. */
const RUNS = 100_000;
const RUNS_OF_LARGE: Readonly<Record<string, number>> = { "optimistic/Claims.sol": 200, "optimistic/ClaimChecks.sol": 200 };

interface SolcOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly abi: readonly unknown[];
            readonly evm: {
              readonly bytecode: { readonly object: string };
              readonly deployedBytecode: { readonly object: string };
            };
          }
        >
      >
    >
  >;
}

type Sources = Readonly<Record<string, { readonly content: string }>>;

function readSources(root: string): Sources {
  const directory = join(root, "contracts");
  const sources: Record<string, { content: string }> = {};
  for (const file of readdirSync(directory, { recursive: true, encoding: "utf8" }).sort()) {
    if (!file.endsWith(".sol")) continue;
    sources[relative(directory, join(directory, file)).split(sep).join("/")] = {
      content: readFileSync(join(directory, file), "utf8"),
    };
  }
  return sources;
}

/** Compiles the contracts of these files. */
function runSolc(sources: Sources, files: readonly string[], runs: number): SolcOutput {
  // Loaded here only: the compiler takes a second to start, and nothing but the build needs it.
  const solc = createRequire(import.meta.url)("solc") as { compile(input: string): string };
  const settings = { ...SETTINGS, optimizer: { enabled: true, runs }, outputSelection: Object.fromEntries(files.map((file) => [file, { "*": OUTPUTS }])) };
  const output = JSON.parse(solc.compile(JSON.stringify({ language: "Solidity", sources, settings }))) as SolcOutput;
  const messages = (output.errors ?? []).map((error) => error.formattedMessage);
  if (messages.length > 0) throw new AssayError("INTERNAL", `solc:\n${messages.join("\n")}`, { where: "contracts/" });
  return output;
}

/** A name that changes with the sources and with this compiler's settings. */
function sourceHash(sources: Sources): string {
  return createHash("sha256").update(JSON.stringify({ sources, SETTINGS, OUTPUTS, RUNS, RUNS_OF_LARGE })).digest("hex");
}

function writeAtomically(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

/** Compiles all contracts, unless the ones in dist/contracts come from the same sources; returns their sizes. */
export function compileContracts(): ReadonlyMap<string, number> {
  const root = packageRoot();
  const target = join(root, "dist", "contracts");
  const sources = readSources(root);
  const stamp = join(target, ".sources");
  const hash = sourceHash(sources);
  const sizes = new Map<string, number>();
  mkdirSync(target, { recursive: true });
  if (readOptional(stamp) === hash) return sizes;

  // Interfaces and libraries are part of what uses them.
  const files = Object.keys(sources).filter((file) => /^(zk|optimistic)\//.test(file));
  for (const runs of new Set(files.map(runsOf))) {
    const group = files.filter((file) => runsOf(file) === runs);
    const { contracts = {} } = runSolc(sources, group, runs);
    for (const [name, { abi, evm }] of group.flatMap((file) => Object.entries(contracts[file] ?? {}))) {
      if (evm.bytecode.object === "") continue; // abstract
      const size = evm.deployedBytecode.object.length / 2;
      if (size > MAX_CODE_BYTES) throw new AssayError("INTERNAL", `${name} takes ${size} bytes of ${MAX_CODE_BYTES}`);
      writeAtomically(join(target, `${name}.json`), JSON.stringify({ abi, bytecode: `0x${evm.bytecode.object}` }));
      sizes.set(name, size);
    }
  }
  writeAtomically(stamp, hash);
  return sizes;
}

function runsOf(file: string): number {
  return RUNS_OF_LARGE[file] ?? RUNS;
}

function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

const script = process.argv.at(1);
if (script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url)) {
  try {
    for (const [name, size] of compileContracts()) process.stderr.write(`${name}: ${size} bytes\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof AssayError ? error.format() : String(error)}\n`);
    process.exitCode = 2;
  }
}
