/** Stages of a long job: timed, and shown by whoever runs it. */
import { setImmediate } from "node:timers/promises";
import { AssayError } from "./errors.js";

/** Reports finished and total work of the current stage, and what else there is to say of it. */
export type Tick = (done: number, total: number, note?: string) => void;

/** Runs a named stage. The command line shows a bar; libraries and tests may use {@link Stages} as it is. */
export interface Progress {
  /** @returns what the action does; its failures pass through */
  stage<T>(name: string, action: (tick: Tick) => T | Promise<T>): Promise<T>;
}

/** Keeps the time of each stage in milliseconds; a stage that runs twice adds up. None begins after an abort. */
export class Stages implements Progress {
  /** By stage, in order of their first ends. */
  readonly timingsMs: Record<string, number> = {};

  constructor(
    private readonly onTick: (stage: string, done: number, total: number, note?: string) => void = () => undefined,
    private readonly signal?: AbortSignal,
  ) {}

  /** Counts the time of failures, too. @throws AssayError ABORTED, before it begins */
  async stage<T>(name: string, action: (tick: Tick) => T | Promise<T>): Promise<T> {
    // Interrupts are noticed between two events only.
    await setImmediate();
    if (this.signal?.aborted === true) throw new AssayError("ABORTED", "aborted", { where: name });
    const start = performance.now();
    try {
      return await action((done, total, note) => this.onTick(name, done, total, note));
    } finally {
      this.timingsMs[name] = Math.round(((this.timingsMs[name] ?? 0) + performance.now() - start) * 10) / 10;
    }
  }
}
