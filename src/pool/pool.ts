/**
 * Worker threads: named, typed messages over piscina. Large data travel in SharedArrayBuffers, which are never copied,
 * or are handed over with `transfer`.
 */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { AssayError } from "../errors.js";
import { fromFailure, type Reply, type Request } from "./message.js";
import { builtModule, type TaskMap, type TaskModule } from "./task.js";

export interface PoolOptions {
  /** Number of threads; default: what the machine can run at once. */
  readonly size?: number;
}

export interface RunOptions {
  /** Aborting rejects with ABORTED and kills the thread if the task has begun. */
  readonly signal?: AbortSignal;
  /** Buffers of the input that move to the worker instead of being copied. */
  readonly transfer?: readonly ArrayBuffer[];
}

export interface MapOptions {
  readonly signal?: AbortSignal;
  /** Called after each finished task. */
  readonly onProgress?: (done: number, total: number) => void;
}

export class WorkerPool {
  readonly size: number;
  readonly #piscina: Piscina<Request, Reply>;

  constructor(options: PoolOptions = {}) {
    this.size = Math.max(1, options.size ?? availableParallelism());
    this.#piscina = new Piscina<Request, Reply>({
      filename: fileURLToPath(builtModule(import.meta.url, "./worker.js")),
      minThreads: this.size,
      maxThreads: this.size,
      // ffjavascript's web-worker 1.2.0 takes every thread for its own and loads workerData.mod: give it something harmless.
      workerData: { mod: "node:path" },
    });
  }

  /**
   * Runs one task.
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
    let next = 0;
    let done = 0;
    const lane = async (): Promise<void> => {
      while (next < inputs.length) {
        const index = next++;
        try {
          outputs[index] = await this.run(module, name, inputs[index], { signal: options.signal });
          options.onProgress?.(++done, inputs.length);
        } catch (error) {
          next = inputs.length;
          throw error;
        }
      }
    };
    // Two lanes a thread, so that a thread never waits for the main thread to hand it the next task.
    const lanes = await Promise.allSettled(Array.from({ length: 2 * this.size }, lane));
    for (const result of lanes) if (result.status === "rejected") throw result.reason;
    return outputs;
  }

  /** Ends the threads; running tasks finish first. */
  async close(): Promise<void> {
    await this.#piscina.close();
  }

  async #send(request: Request, options: RunOptions): Promise<Reply> {
    try {
      return await this.#piscina.run(request, { signal: options.signal, transferList: options.transfer?.slice() });
    } catch (error) {
      if (options.signal?.aborted === true) throw new AssayError("ABORTED", "aborted", { where: request.name, cause: error });
      const message = error instanceof Error ? error.message : String(error);
      throw new AssayError("WORKER_FAILED", `a worker thread failed: ${message}`, { where: request.name, cause: error });
    }
  }
}
