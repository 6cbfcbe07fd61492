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
  optimizer: { enabled: true, runs: 100_000 },
  viaIR: true,
  // The oldest fork with MCOPY, so that the same bytecode runs on most chains.
  evmVersion: "cancun",
  metadata: { bytecodeHash: "none", appendCBOR: false },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
} as const;

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

function runSolc(sources: Sources): SolcOutput {
  // Loaded here only: the compiler takes a second to start, and nothing but the build needs it.
  const solc = createRequire(import.meta.url)("solc") as { compile(input: string): string };
  const output = JSON.parse(
    solc.compile(JSON.stringify({ language: "Solidity", sources, settings: SETTINGS })),
  ) as SolcOutput;
  const messages = (output.errors ?? []).map((error) => error.formattedMessage);
  if (messages.length > 0) throw new AssayError("INTERNAL", `solc:\n${messages.join("\n")}`, { where: "contracts/" });
  return output;
}

/** A name that changes with the sources and with this compiler's settings. */
function sourceHash(sources: Sources): string {
  return createHash("sha256").update(JSON.stringify({ sources, SETTINGS })).digest("hex");
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

  for (const [file, contracts] of Object.entries(runSolc(sources).contracts ?? {})) {
    if (!/^(zk|optimistic)\//.test(file)) continue; // interfaces and libraries are part of what uses them
    for (const [name, { abi, evm }] of Object.entries(contracts)) {
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
