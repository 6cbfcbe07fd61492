/**
 * Compiled gadgets by instance, from memory, from the cache on disk, or from the compiler. A cache entry is named by the hash
 * of all that it was made from, so it never goes stale.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory, produceAtomic, readBytes } from "../../files.js";
import { taskModule, type WorkerPool } from "../../pool/index.js";
import { readR1cs } from "../r1csFile.js";
import { circomlibVersion, type CompiledGadget, compilerFlags } from "./compile.js";
import type { CompileTasks } from "./compileTasks.js";
import { type Gadget, loadGadget } from "./gadget.js";
import { gadgetManifest, gadgetSource } from "./manifest.js";
import { gadgetKey, type GadgetSpec } from "./spec.js";

export class GadgetLibrary {
  readonly #gadgets = new Map<string, Gadget>();

  /** The gadget of an instance that {@link prepare} was called for; loaded from disk on first use. */
  get(spec: GadgetSpec): Gadget {
    const key = gadgetKey(spec);
    return this.#gadgets.get(key) ?? this.#load(spec);
  }

  /** Compiles what neither memory nor disk has, over the pool; returns how many that were. */
  async prepare(
    specs: readonly GadgetSpec[],
    pool: () => WorkerPool,
    onProgress?: (done: number, total: number) => void,
  ): Promise<number> {
    const missing = specs.filter((spec) => !this.#gadgets.has(gadgetKey(spec)) && !existsSync(gadgetDirectory(spec)));
    if (missing.length === 0) return 0;
    const module = taskModule<CompileTasks>(import.meta.url, "./compileTasks.js");
    const compiled = await pool().map(module, "compile", missing, { onProgress });
    missing.forEach((spec, i) => store(spec, compiled[i]));
    return missing.length;
  }

  #load(spec: GadgetSpec): Gadget {
    const directory = gadgetDirectory(spec);
    const constraints = readR1cs(join(directory, "gadget.r1cs"));
    const calculator = readBytes(join(directory, "gadget.wasm"));
    const gadget = loadGadget(spec, constraints, calculator, readFileSync(join(directory, "gadget.sym"), "utf8"));
    this.#gadgets.set(gadget.key, gadget);
    return gadget;
  }
}

export function gadgetDirectory(spec: GadgetSpec): string {
  const { circom } = gadgetManifest();
  const tools = [circom, circomlibVersion(), ...compilerFlags(spec), gadgetKey(spec)].join("\n");
  const hash = createHash("sha256").update(tools).update(readFileSync(gadgetSource(spec.name)));
  return join(cacheDirectory(), "gadgets", `${spec.name}-${spec.parameters.join("-")}-${hash.digest("hex").slice(0, 16)}`);
}

function store(spec: GadgetSpec, compiled: CompiledGadget): void {
  const path = gadgetDirectory(spec);
  // Another process may have been faster.
  if (existsSync(path)) return;
  produceAtomic(path, (temporary) => {
    mkdirSync(temporary);
    writeFileSync(join(temporary, "gadget.r1cs"), compiled.constraints);
    writeFileSync(join(temporary, "gadget.wasm"), compiled.calculator);
    writeFileSync(join(temporary, "gadget.sym"), compiled.symbols);
  });
}
