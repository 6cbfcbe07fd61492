/** What long work shares: worker threads, the curve's threads, remarks and progress, and a way to stop it all. */
import { setMaxListeners } from "node:events";
import { type PoolOptions, type PoolReport, WorkerPool } from "../pool/index.js";
import { Stages } from "../progress.js";
import { terminateCurve } from "../zk/keys/index.js";

/** What the functions of this library run in. */
export interface Job {
  /** Times of the stages so far, and where progress goes. */
  readonly stages: Stages;
  /** Ends the work when it aborts. */
  readonly signal: AbortSignal;
  /**
   * The worker threads, started when first asked for.
   * @internal
   */
  readonly pool: () => WorkerPool;
  /** A remark for people: values that were clamped, calibration that is missing, transactions that wait. */
  note(text: string): void;
}

/** All of them have defaults that are silent. */
export interface SessionOptions {
  /** Told how far a stage is, `total` being in the stage's own units, and what else there is to say of it. */
  readonly onProgress?: (stage: string, done: number, total: number, note?: string) => void;
  /** Told remarks for people. */
  readonly onNote?: (text: string) => void;
  /** Stops the work: what runs ends with an AssayError of code ABORTED. */
  readonly signal?: AbortSignal;
  /** Of the worker threads. */
  readonly pool?: PoolOptions;
}

/** An option of every function that works for long. */
export interface CallOptions {
  /** Default: one of the call's own, which ends with it. Give one to several calls, so that threads are started once. */
  readonly session?: Job;
}

/** The curve's threads serve all sessions of the process. */
let sessions = 0;

/**
 * Several calls' threads. Close it, or the process will not end.
 *
 * @example
 * const session = new Session({ onNote: console.error });
 * await compile("model.onnx", { output: "m", session });
 * await prove("m", { input: "x.json", output: "p", session });
 * await session.close();
 */
export class Session implements Job {
  readonly stages: Stages;
  /** The one given, else one that never aborts. */
  readonly signal: AbortSignal;
  readonly #options: SessionOptions;
  #pool: WorkerPool | undefined;
  #closed = false;

  constructor(options: SessionOptions = {}) {
    this.#options = options;
    this.signal = options.signal ?? new AbortController().signal;
    // Every task of the pool listens.
    setMaxListeners(0, this.signal);
    this.stages = new Stages(options.onProgress, this.signal);
    sessions++;
  }

  /** @internal */
  readonly pool = (): WorkerPool => (this.#pool ??= new WorkerPool(this.#options.pool));

  note(text: string): void {
    this.#options.onNote?.(text);
  }

  /** What the worker threads did, and how long tasks waited and ran; undefined where none were started. */
  poolReport(): PoolReport | undefined {
    return this.#pool?.report();
  }

  /** Ends the threads; again does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await (this.signal.aborted ? this.#pool?.destroy() : this.#pool?.close());
    if (--sessions === 0) await terminateCurve();
  }
}

/** Runs in the given session, or in one that ends with the action. */
export async function withSession<T>({ session }: CallOptions, action: (session: Job) => Promise<T>): Promise<T> {
  if (session !== undefined) return action(session);
  const own = new Session();
  try {
    return await action(own);
  } finally {
    await own.close();
  }
}
