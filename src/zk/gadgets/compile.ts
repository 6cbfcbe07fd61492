/** Runs the circom compiler (its WASM build) on one gadget. */
import * as fs from "node:fs";
import { createRequire } from "node:module";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AssayError } from "../../errors.js";
import { gadgetManifest, gadgetSource } from "./manifest.js";
import { gadgetKey, type GadgetSpec } from "./spec.js";

/** The compiler's outputs for one gadget. */
export interface CompiledGadget {
  /** .r1cs */
  readonly constraints: Uint8Array;
  /** Witness calculator, .wasm */
  readonly calculator: Uint8Array;
  /** Signal names by wire, .sym */
  readonly symbols: string;
}

interface CircomRunner {
  execute(code: Uint8Array): Promise<unknown>;
}

interface CircomModule {
  readonly CircomRunner: new (options: object) => CircomRunner;
  readonly bindings: object;
}

const require = createRequire(import.meta.url);

export async function compileGadget(spec: GadgetSpec): Promise<CompiledGadget> {
  const directory = mkdtempSync(join(tmpdir(), "assay-gadget-"));
  try {
    stageSources(directory, spec);
    await runCircom(directory, spec);
    return {
      constraints: new Uint8Array(readFileSync(join(directory, "gadget.r1cs"))),
      calculator: new Uint8Array(readFileSync(join(directory, "gadget_js", "gadget.wasm"))),
      symbols: readFileSync(join(directory, "gadget.sym"), "utf8"),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What a compiled gadget depends on besides its source. */
export function compilerFlags({ name }: GadgetSpec): string[] {
  return ["--r1cs", "--wasm", "--sym", `--${gadgetManifest().gadgets[name].simplification}`];
}

/** Version of circomlib, which gadgets include. */
export function circomlibVersion(): string {
  return (require("circomlib/package.json") as { version: string }).version;
}

/** The compiler's sandbox sees one directory only. */
function stageSources(directory: string, spec: GadgetSpec): void {
  cpSync(gadgetSource(spec.name), join(directory, "source.circom"));
  const main = `pragma circom 2.1.6;\ninclude "source.circom";\ncomponent main = ${gadgetKey(spec)};\n`;
  writeFileSync(join(directory, "gadget.circom"), main);
  const library = join(directory, "circomlib", "circuits");
  mkdirSync(library, { recursive: true });
  const from = join(dirname(require.resolve("circomlib/package.json")), "circuits");
  for (const file of ["poseidon.circom", "poseidon_constants.circom"]) cpSync(join(from, file), join(library, file));
}

async function runCircom(directory: string, spec: GadgetSpec): Promise<void> {
  const { CircomRunner, bindings } = require("circom2") as CircomModule;
  const code = readFileSync(join(dirname(require.resolve("circom2/package.json")), "circom.wasm"));
  let output = "";
  const runner = new CircomRunner({
    args: ["gadget.circom", ...compilerFlags(spec), "-o", "."],
    env: {},
    preopens: { ".": directory },
    bindings: { ...bindings, fs: { ...fs, writeSync: captured((text) => (output += text)) } },
  });
  try {
    await runner.execute(code);
  } catch (cause) {
    throw new AssayError("GADGET_COMPILE", `circom refused the gadget: ${output.trim() || String(cause)}`, { where: gadgetKey(spec), cause });
  }
}

/** writeSync that keeps what goes to the standard streams. */
function captured(keep: (text: string) => void): typeof fs.writeSync {
  const write = (fd: number, buffer: Uint8Array, offset?: number, length?: number, position?: number | null): number => {
    if (fd > 2) return fs.writeSync(fd, buffer, offset, length, position);
    const end = length === undefined ? undefined : (offset ?? 0) + length;
    const part = buffer.subarray(offset ?? 0, end);
    keep(new TextDecoder().decode(part));
    return part.length;
  };
  return write as typeof fs.writeSync;
}
