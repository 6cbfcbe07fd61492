/** Many inputs proven by a pool: proofs written as they finish, a bad input reported while the others go on, resumable. */
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { AssayError } from "../../errors.js";
import type { WorkerPool } from "../../pool/index.js";
import type { Progress, Tick } from "../../progress.js";
import type { Sample } from "../../samples/samples.js";
import type { SampleSource } from "../../samples/source.js";
import type { AuditableModel } from "../compiledModel.js";
import type { Destination } from "../prove.js";
import { publicLayout } from "../visibility.js";
import { type IndexEntry, IndexFile, type InputFault, provenEntry } from "./indexFile.js";
import { Pace } from "./pace.js";
import { byPool, byProgram } from "./proveAll.js";
import { verifyFinished } from "./resume.js";
import { BatchStore, INDEX } from "./store.js";
import type { BatchInput, ProvenInput } from "./tasks.js";

export interface BatchOptions {
  /** Where the proof directories go; made if missing. */
  readonly directory: string;
  /** Of input 0; input n has the job of number jobId + n, as a job has one result on chain. */
  readonly destination: Destination;
  readonly pool: WorkerPool;
  /** Executable of an external prover of groth16 proofs; default: Assay's own, on the pool. */
  readonly prover?: string;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
  /** Called for each input that is done, in order of finishing; not for those that were finished before. */
  readonly onEntry?: (entry: IndexEntry) => void;
}

/** What became of a batch. */
export interface BatchReport {
  /** Absolute: a proof directory for each input that could be proven. */
  readonly directory: string;
  /** Path of index.jsonl, an {@link IndexEntry} a line, in the inputs' order. */
  readonly index: string;
  /** How many there are, whatever became of them. */
  readonly inputs: number;
  /** By this run. */
  readonly proven: number;
  /** Proofs of earlier runs: valid, for this model, input and destination, and not made again. */
  readonly resumed: number;
  /** Inputs that cannot be proven. */
  readonly failed: number;
  /** Of this run, from the first task to the last proof written; 0 where nothing was left to prove. */
  readonly proofsPerSecond: number;
}

const JOBS = 1n << 256n;

/**
 * Proves every input of a source into a directory, each into a proof directory of its own. Inputs that are finished there
 * already are not proven again, but their proofs are verified; of another model, destination or input, or damaged, they are
 * refused.
 *
 * An input that is malformed, of the wrong size or not finite is entered in the index with its error, and the others go on.
 * Anything else that fails ends the batch; the same call then goes on where it ended.
 *
 * @throws AssayError BAD_USAGE, FILE_NOT_WRITABLE, WORKER_FAILED, ABORTED, and what `prove` throws; PROOF_INVALID, PROOF_MALFORMED,
 *         CONTEXT_MISMATCH, ARTEFACT_MISSING of proofs that an earlier run finished
 */
export async function proveBatch(model: AuditableModel, source: SampleSource, options: BatchOptions): Promise<BatchReport> {
  if (options.destination.jobId + BigInt(source.count) > JOBS) {
    throw new AssayError("BAD_USAGE", `no ${source.count} jobs follow job ${options.destination.jobId}`, { hint: "give a smaller job with --for" });
  }
  const store = BatchStore.open(options.directory);
  try {
    return await new Batch(model, source, store, options).run();
  } finally {
    store.close();
  }
}

class Batch {
  readonly #allPublic: boolean;
  #failed = 0;
  #proven = 0;

  constructor(
    private readonly model: AuditableModel,
    private readonly source: SampleSource,
    private readonly store: BatchStore,
    private readonly options: BatchOptions,
  ) {
    const { choices } = model.manifest;
    this.#allPublic = publicLayout(model.program, choices.visibilities, choices.protocol).inputs.every((port) => port.visibility === "public");
  }

  async run(): Promise<BatchReport> {
    const { progress } = this.options;
    const before = await progress.stage("resume", (tick) => this.#finishedBefore(tick));
    const path = join(this.store.directory, INDEX);
    const index = new IndexFile(path, before);
    const done = new Set(before.map((entry) => entry.input));
    const pending = Array.from({ length: this.source.count }, (_, n) => n).filter((n) => !done.has(n));
    let elapsed = 0;
    try {
      if (pending.length > 0) elapsed = await this.#prove(pending, index);
    } catch (error) {
      throw this.#interrupted(error, before.length);
    } finally {
      index.settle();
    }
    const proofsPerSecond = elapsed > 0 ? (1000 * this.#proven) / elapsed : 0;
    const { count } = this.source;
    return { directory: this.store.directory, index: path, inputs: count, proven: this.#proven, resumed: before.length, failed: this.#failed, proofsPerSecond };
  }

  /** Entries of the inputs that are finished already. */
  #finishedBefore(tick: Tick): Promise<IndexEntry[]> {
    const { model, source, store } = this;
    const { pool, signal } = this.options;
    return verifyFinished({ model, source, store, pool, signal, tick, destinationOf: (number) => this.#destination(number) });
  }

  /** Lets an interrupt be noticed between two steps that do not wait for anything. */
  async #breathe(): Promise<void> {
    await setImmediate();
    if (this.options.signal?.aborted === true) throw new AssayError("ABORTED", "aborted", { where: "prove" });
  }

  /** Returns milliseconds. */
  async #prove(pending: readonly number[], index: IndexFile): Promise<number> {
    const { prover, progress, onEntry } = this.options;
    const proveAll = await (prover === undefined ? byPool(this.model, this.options) : byProgram(prover, this.model, this.options));
    const start = performance.now();
    await progress.stage("proofs", async (tick) => {
      const pace = new Pace(start);
      let done = 0;
      const enter = (entry: IndexEntry): void => {
        index.add(entry);
        onEntry?.(entry);
        pace.count(performance.now());
        tick(++done, pending.length, pace.describe(done, pending.length));
      };
      tick(0, pending.length, pace.describe(0, pending.length));
      await proveAll(this.#inputs(pending, enter), (proven) => {
        enter(this.#store(proven));
      });
    });
    return performance.now() - start;
  }

  async *#inputs(pending: readonly number[], enter: (entry: IndexEntry) => void): AsyncGenerator<BatchInput> {
    for (const number of pending) {
      const sample = this.#read(number);
      if ("code" in sample) {
        enter(this.#fault(number, sample));
        await this.#breathe();
      } else yield { number, sample, destination: this.#destination(number) };
    }
  }

  #read(number: number): Sample | InputFault {
    try {
      return this.source.read(number);
    } catch (error) {
      const own = error instanceof AssayError && (error.code.startsWith("INPUT_") || error.code === "FILE_NOT_READABLE");
      if (!own) throw error;
      return { code: error.code, message: error.message, where: error.where, hint: error.hint };
    }
  }

  #store({ number, content, secrets, saturated }: ProvenInput): IndexEntry {
    this.store.write(number, content, secrets);
    this.#proven++;
    return provenEntry(number, this.source.origin(number), content.bundle, saturated);
  }

  /** A message may quote an element, which a hidden input must not show. */
  #fault(number: number, fault: InputFault): IndexEntry {
    this.#failed++;
    const error = this.#allPublic ? fault : { code: fault.code, message: "not shown, as the input is not public", where: fault.where };
    return { input: number, origin: this.source.origin(number), error };
  }

  #destination(number: number): Destination {
    const { destination } = this.options;
    return { ...destination, jobId: destination.jobId + BigInt(number) };
  }

  #interrupted(error: unknown, before: number): unknown {
    if (!(error instanceof AssayError) || error.hint !== undefined) return error;
    const { code, message, where, cause } = error;
    const hint = `the same command goes on from here: ${before + this.#proven} of ${this.source.count} proofs are finished`;
    return new AssayError(code, message, { where, hint, cause });
  }
}
