/**
 * Main-thread side of fixed-base multiplication: collects the scalars of all sections of a key, multiplies each distinct
 * one once over the pool, and hands out sections.
 *
 * Scalars repeat: a wire that occurs in one row with coefficient ±1, as every bit does, has plus or minus that row's
 * Lagrange value in A, in B1 and in the audit file. So they are stored up to sign.
 */
import { AssayError } from "../../errors.js";
import { FIELD_BYTES, P, R, writeFieldLE } from "../../math/field.js";
import { taskModule, type WorkerPool } from "../../pool/index.js";
import { POINT_BYTES, tableFor, type TableInUse } from "./fixedBaseTables.js";
import type { FixedBaseTasks } from "./fixedBaseTasks.js";
import type { GroupName } from "./wasmCurve.js";

/** Scalars a task: about 25 ms, so that progress is smooth and an abort is quick. */
const TASK_SCALARS = { g1: 2048, g2: 512 } as const;
const MODULUS_WORDS = modulusWords();

/** 0: infinity; i + 1: point i; −(i + 1): its negative. */
export type PointRefs = Int32Array;

export interface FixedBaseOptions {
  readonly pool: WorkerPool;
  readonly signal?: AbortSignal;
  /** Called with the work just done, in scalars multiplied; the whole is about `workOf(expected)`. */
  readonly onWork?: (scalars: number) => void;
}

export class FixedBase {
  readonly group: GroupName;
  readonly #options: FixedBaseOptions;
  readonly #module = taskModule<FixedBaseTasks>(import.meta.url, "./fixedBaseTasks.js");
  readonly #table: TableInUse;
  readonly #scalars: SharedArrayBuffer;
  readonly #results: SharedArrayBuffer;
  readonly #indices = new Map<bigint, number>();
  readonly #work: Promise<unknown>[] = [];
  #flushed = 0;

  /**
   * Starts building the table at once.
   *
   * @param expected about how many distinct scalars will come
   * @param capacity the most that can come
   */
  constructor(group: GroupName, expected: number, capacity: number, options: FixedBaseOptions) {
    this.group = group;
    this.#options = options;
    this.#scalars = new SharedArrayBuffer(capacity * FIELD_BYTES);
    this.#results = new SharedArrayBuffer(capacity * POINT_BYTES[group]);
    this.#table = tableFor(options.pool, group, expected, (scalars) => options.onWork?.(scalars));
  }

  /** Distinct scalars so far. */
  get count(): number {
    return this.#indices.size;
  }

  /** Notes scalars in [0, r) for multiplication. */
  add(scalars: readonly bigint[]): PointRefs {
    const bytes = new Uint8Array(this.#scalars);
    const refs = new Int32Array(scalars.length);
    for (let i = 0; i < scalars.length; i++) {
      const scalar = scalars[i];
      if (scalar === 0n) continue;
      const opposite = R - scalar;
      const negative = opposite < scalar;
      const key = negative ? opposite : scalar;
      let index = this.#indices.get(key);
      if (index === undefined) {
        index = this.#indices.size;
        this.#indices.set(key, index);
        writeFieldLE(bytes, index * FIELD_BYTES, key);
      }
      refs[i] = negative ? -(index + 1) : index + 1;
    }
    return refs;
  }

  /** Starts the multiplication of everything added since the last call. */
  flush(): void {
    const step = TASK_SCALARS[this.group];
    const inputs: FixedBaseTasks["multiply"]["input"][] = [];
    for (let from = this.#flushed; from < this.count; from += step) {
      const to = Math.min(from + step, this.count);
      inputs.push({ table: this.#table.table, scalars: this.#scalars, results: this.#results, from, to });
    }
    this.#flushed = this.count;
    this.#track(this.#multiply(inputs));
  }

  /** Waits for all products. @throws AssayError ABORTED, WORKER_FAILED */
  async finish(): Promise<void> {
    this.flush();
    await Promise.all(this.#work);
  }

  /** The points as a section of a key: affine, Montgomery form, infinity all zeros. */
  gather(refs: PointRefs): Uint8Array<ArrayBuffer> {
    const size = POINT_BYTES[this.group];
    const points = new Uint8Array(this.#results);
    const section = new Uint8Array(refs.length * size);
    const words = new Uint32Array(section.buffer);
    for (let i = 0; i < refs.length; i++) {
      const index = Math.abs(refs[i]) - 1;
      if (index < 0) continue;
      section.set(points.subarray(index * size, (index + 1) * size), i * size);
      if (refs[i] < 0) negateY(words, (i * size) / 4, size / 4);
    }
    return section;
  }

  /** Waits for the workers to let go, and overwrites the scalars. Never throws. */
  async wipe(): Promise<void> {
    await Promise.allSettled(this.#work);
    new Uint8Array(this.#scalars).fill(0);
    this.#indices.clear();
  }

  async #multiply(inputs: readonly FixedBaseTasks["multiply"]["input"][]): Promise<void> {
    const { pool, signal, onWork } = this.#options;
    await orAborted(this.#table.built, signal);
    await pool.map(this.#module, "multiply", inputs, {
      signal,
      onProgress: (done) => onWork?.(inputs[done - 1].to - inputs[done - 1].from),
    });
  }

  /** Failures surface in {@link finish}; until then they must not count as unhandled. */
  #track(work: Promise<unknown>): void {
    work.catch(() => undefined);
    this.#work.push(work);
  }
}

/** Others may wait for the work, which goes on. */
function orAborted(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<unknown> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new AssayError("ABORTED", "aborted", { where: "dev setup" }));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

function modulusWords(): Uint32Array {
  const bytes = new Uint8Array(FIELD_BYTES);
  writeFieldLE(bytes, 0, P);
  return new Uint32Array(bytes.buffer);
}

/** y ← q − y in place, coordinate by coordinate; y is never 0, as BN254's groups have odd order. */
function negateY(words: Uint32Array, start: number, length: number): void {
  for (let at = start + length / 2; at < start + length; at += MODULUS_WORDS.length) {
    if (words.subarray(at, at + MODULUS_WORDS.length).every((word) => word === 0)) continue;
    let borrow = 0;
    for (let i = 0; i < MODULUS_WORDS.length; i++) {
      const difference = MODULUS_WORDS[i] - words[at + i] - borrow;
      borrow = difference < 0 ? 1 : 0;
      words[at + i] = difference;
    }
  }
}
