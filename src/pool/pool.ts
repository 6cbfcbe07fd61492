/**
 * Worker threads: named, typed messages over piscina. Large data travel in SharedArrayBuffers, which are never copied,
 * or are handed over with `transfer`. The queue is bounded: who brings more waits. A worker that dies fails its task and is
 * replaced.
 */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { AssayError } from "../errors.js";
import { deathOf, fromFailure, isProgress, type Reply, type Request } from "./message.js";
import { Places } from "./places.js";
import { type PoolReport, spreadOf } from "./report.js";
import { builtModule, type TaskMap, type TaskModule } from "./task.js";

/** How many threads, and what they may take. */
export interface PoolOptions {
  /** Number of threads; default: what the machine can run at once. */
  readonly size?: number;
  /** Tasks that are accepted beyond those that run, default: one a thread, so that none waits for its next task. */
  readonly queue?: number;
  /**
   * Most JavaScript heap of each thread in MiB; default: Node's own limit. Node limits nothing else: array buffers, WebAssembly
   * memories and what threads share come on top.
   */
  readonly memoryMiB?: number;
}

export interface RunOptions {
  /** Aborting rejects with ABORTED and kills the thread if the task has begun. */
  readonly signal?: AbortSignal;
  /** Buffers of the input that move to the worker instead of being copied. */
  readonly transfer?: readonly ArrayBuffer[];
  /** Called with what the task reports of itself while it runs. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface MapOptions {
  readonly signal?: AbortSignal;
  /** Called after each finished task. */
  readonly onProgress?: (done: number, total: number) => void;
}

function wholeNumber(option: keyof PoolOptions, least: number, value: number | undefined): number | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return value;
  throw new AssayError("BAD_USAGE", `${option} is ${value}, and must be a whole number of at least ${least}`, { where: "the worker pool's options" });
}

export class WorkerPool {
  readonly size: number;
  readonly #memoryMiB: number | undefined;
  readonly #piscina: Piscina<Request, Reply>;
  readonly #places: Places;
  readonly #listeners = new Map<number, (done: number, total: number) => void>();
  #nextId = 0;
  #done = 0;
  #failed = 0;
  #died = 0;
  /** Why no thread could be started. */
  #broken: unknown;

  /** @throws AssayError BAD_USAGE on numbers of which no pool can be; ARTEFACT_MISSING where the threads' code is not built */
  constructor(options: PoolOptions = {}) {
    this.size = wholeNumber("size", 1, options.size) ?? availableParallelism();
    this.#memoryMiB = wholeNumber("memoryMiB", 1, options.memoryMiB);
    this.#places = new Places(this.size + (wholeNumber("queue", 0, options.queue) ?? this.size));
    this.#piscina = new Piscina<Request, Reply>({
      filename: fileURLToPath(builtModule(import.meta.url, "./worker.js")),
      minThreads: this.size,
      maxThreads: this.size,
      resourceLimits: options.memoryMiB === undefined ? undefined : { maxOldGenerationSizeMb: options.memoryMiB },
      // ffjavascript's web-worker 1.2.0 takes every thread for its own and loads workerData.mod: give it something harmless.
      workerData: { mod: "node:path" },
    });
    this.#piscina.on("message", (message: unknown) => {
      if (isProgress(message)) this.#listeners.get(message.progressId)?.(message.done, message.total);
    });
    this.#piscina.on("error", (error: unknown) => this.#onIdleDeath(error));
  }

  /** Tasks accepted that do not run yet. */
  get queued(): number {
    return Math.max(0, this.#places.taken - this.size);
  }

  /**
   * Runs one task, once the queue has room for it.
   *
   * @throws AssayError the one that the task threw; else WORKER_FAILED; ABORTED
   */
  async run<M extends TaskMap<M>, K extends keyof M & string>(
    module: TaskModule<M>,
    name: K,
    input: M[K]["input"],
    options: RunOptions = {},
  ): Promise<M[K]["output"]> {
    const reply = await this.#send({ module: module.url, name, input }, options);
    if (!reply.ok) throw fromFailure(reply.failure);
    return reply.output;
  }

  /**
   * Runs one task an input; outputs in the inputs' order. After a failure no further task is started, and the first
   * error is thrown once none is running.
   */
  async map<M extends TaskMap<M>, K extends keyof M & string>(
    module: TaskModule<M>,
    name: K,
    inputs: readonly M[K]["input"][],
    options: MapOptions = {},
  ): Promise<M[K]["output"][]> {
    const outputs = new Array<M[K]["output"]>(inputs.length);
    let done = 0;
    const onOutput = (output: M[K]["output"], index: number): void => {
      outputs[index] = output;
      options.onProgress?.(++done, inputs.length);
    };
    await this.each(module, name, inputs, onOutput, options.signal);
    return outputs;
  }

  /**
   * Runs one task an input and hands over each output when it is there, in any order. An input is asked for only when a place
   * is free, and none while `onOutput` is busy with as many outputs as there are places; so neither inputs nor outputs pile
   * up. After a failure no further task is started, and the first error is thrown once none is running.
   */
  async each<M extends TaskMap<M>, K extends keyof M & string>(
    module: TaskModule<M>,
    name: K,
    inputs: Iterable<M[K]["input"]> | AsyncIterable<M[K]["input"]>,
    onOutput: (output: M[K]["output"], index: number) => void | Promise<void>,
    signal?: AbortSignal,
  ): Promise<void> {
    const iterator = Symbol.asyncIterator in inputs ? inputs[Symbol.asyncIterator]() : inputs[Symbol.iterator]();
    let started = 0;
    const failures: unknown[] = [];
    const goesOn = (): boolean => failures.length === 0;
    const lane = async (): Promise<void> => {
      try {
        while (goesOn()) {
          const asked = iterator.next();
          const index = started++;
          const next = await asked;
          // Another lane may have failed meanwhile.
          if (next.done === true || !goesOn()) return;
          await onOutput(await this.run(module, name, next.value, { signal }), index);
        }
      } catch (error) {
        failures.push(error);
      }
    };
    await Promise.all(Array.from({ length: this.#places.total }, lane));
    await iterator.return?.();
    if (failures.length > 0) throw failures[0];
  }

  /** What has been done so far. */
  report(): PoolReport {
    const { runTime, waitTime } = this.#piscina.histogram;
    const ran = this.#done + this.#failed > 0 && runTime.max > 0;
    return {
      workers: this.size,
      memoryMiB: this.#memoryMiB,
      tasks: { done: this.#done, failed: this.#failed },
      died: this.#died,
      queue: { limit: this.#places.total - this.size, peak: Math.max(0, this.#places.peak - this.size) },
      ...(ran ? { waitMs: spreadOf(waitTime), runMs: spreadOf(runTime) } : {}),
    };
  }

  /** Ends the threads; running tasks finish first. */
  async close(): Promise<void> {
    await this.#piscina.close();
  }

  /** Ends the threads at once; running tasks fail. */
  async destroy(): Promise<void> {
    await this.#piscina.destroy();
  }

  async #send(request: Request, options: RunOptions): Promise<Reply> {
    const { signal, onProgress } = options;
    const progressId = onProgress === undefined ? undefined : this.#nextId++;
    if (onProgress !== undefined && progressId !== undefined) this.#listeners.set(progressId, onProgress);
    let entered = false;
    try {
      await this.#places.enter(signal);
      entered = true;
      const reply = await this.#piscina.run({ ...request, progressId }, { signal, transferList: options.transfer?.slice() });
      if (reply.ok) this.#done++;
      else this.#failed++;
      return reply;
    } catch (error) {
      this.#failed++;
      if (signal?.aborted === true) throw new AssayError("ABORTED", "aborted", { where: request.name, cause: error });
      this.#died++;
      throw deathOf(this.#broken ?? error, request.name, this.#memoryMiB);
    } finally {
      if (entered) this.#places.leave();
      if (progressId !== undefined) this.#listeners.delete(progressId);
    }
  }

  /** Of a worker without a task. piscina replaces it, unless it could not even start: then queued tasks would wait for ever. */
  #onIdleDeath(error: unknown): void {
    this.#died++;
    if (this.#piscina.threads.length > 0) return;
    this.#broken = error;
    void this.#piscina.destroy();
  }
}
