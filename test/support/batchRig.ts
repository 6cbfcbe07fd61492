/** Batches of a model of four input values, and what lies in their directories. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { AssayError } from "../../src/errors.js";
import { type TaskMap, type TaskModule, WorkerPool } from "../../src/pool/index.js";
import type { SampleSource } from "../../src/samples/source.js";
import type { IndexEntry } from "../../src/zk/batch/index.js";

/** Shows the range of the inputs. */
export const SAMPLE = [1, 0.5, 0.25, 0.75];

/** Input n as floats. */
export function values(n: number): number[] {
  return SAMPLE.map((value, i) => (value * ((n * 7 + i * 3) % 11)) / 11);
}

/** `bad` inputs throw; `reads` counts. */
export class Inputs implements SampleSource {
  reads = 0;

  constructor(
    readonly count: number,
    private readonly bad: ReadonlySet<number> = new Set(),
    private readonly shift = 0,
  ) {}

  readonly origin = (n: number): string => `sample ${n}`;

  readonly read = (n: number): Float32Array[] => {
    this.reads++;
    if (this.bad.has(n)) throw new AssayError("INPUT_NOT_FINITE", "element 2 is NaN", { where: this.origin(n) });
    return [Float32Array.from(values(n + this.shift))];
  };
}

export function names(directory: string): string[] {
  return readdirSync(directory).sort();
}

export function index(directory: string): IndexEntry[] {
  const lines = readFileSync(join(directory, "index.jsonl"), "utf8").split("\n");
  expect(lines.pop()).toBe("");
  return lines.map((line) => JSON.parse(line) as IndexEntry);
}

export function numbered(...numbers: number[]): string[] {
  return numbers.map((n) => String(n).padStart(6, "0"));
}

/** Proofs are randomized: only a proof that was not made again is the same. */
export function proofs(directory: string, ...numbers: number[]): string[] {
  return numbered(...numbers).map((name) => readFileSync(join(directory, name, "proof.json"), "utf8"));
}

export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

export async function thrown(promise: Promise<unknown>): Promise<AssayError> {
  const error: unknown = await promise.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(AssayError);
  return error as AssayError;
}

interface DeathTasks {
  readonly exit: { readonly input: null; readonly output: never };
}

/** A worker dies in the middle of the nth proof. */
export class DyingPool extends WorkerPool {
  #left: number;

  constructor(options: ConstructorParameters<typeof WorkerPool>[0], nth: number) {
    super(options);
    this.#left = nth;
  }

  override async run<M extends TaskMap<M>, K extends keyof M & string>(...call: Parameters<typeof WorkerPool.prototype.run<M, K>>): Promise<M[K]["output"]> {
    if (call[1] !== "prove" || --this.#left !== 0) return super.run<M, K>(...call);
    const deadly: TaskModule<DeathTasks> = { url: new URL("../pool/tasks.mjs", import.meta.url).href };
    return super.run<DeathTasks, "exit">(deadly, "exit", null);
  }
}
