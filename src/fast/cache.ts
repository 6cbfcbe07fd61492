/** Loaded executors by model: emission and loading take much longer than a run. */
import type { Plan } from "../program/steps/index.js";
import { FastExecutor, type FastOptions } from "./executor.js";
import { assertKnownAnswers } from "./knownAnswers.js";

export interface CacheOptions extends FastOptions {
  /** Models that stay loaded without being in use. */
  readonly idle?: number;
}

interface Entry {
  readonly executor: Promise<FastExecutor>;
  users: number;
}

let answered: Promise<void> | undefined;

/**
 * Loads a model's executor once this machine has given the known answers.
 * @throws AssayError RUNTIME_INEXACT; as {@link FastExecutor.load}
 */
export async function loadFastExecutor(plan: Plan, options: FastOptions = {}): Promise<FastExecutor> {
  answered ??= assertKnownAnswers((known) => FastExecutor.load(known, options));
  await answered;
  return FastExecutor.load(plan, options);
}

export class FastExecutors {
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly options: CacheOptions = {}) {}

  /**
   * Does something with a model's executor, which is loaded if it is not. Runs of one executor may overlap.
   * @param model a key that stands for the program, such as the model id
   * @throws AssayError as {@link loadFastExecutor}; what `action` throws
   */
  async use<T>(model: string, plan: () => Plan, action: (executor: FastExecutor) => Promise<T>): Promise<T> {
    const entry = this.#entry(model, plan);
    entry.users++;
    try {
      return await action(await entry.executor);
    } finally {
      entry.users--;
      await this.#shrink(this.options.idle ?? 1);
    }
  }

  /** Frees all that is not in use. */
  close(): Promise<void> {
    return this.#shrink(0);
  }

  #entry(model: string, plan: () => Plan): Entry {
    const entry = this.#entries.get(model) ?? { executor: loadFastExecutor(plan(), this.options), users: 0 };
    this.#entries.delete(model);
    this.#entries.set(model, entry);
    return entry;
  }

  async #shrink(idle: number): Promise<void> {
    const unused = [...this.#entries].filter(([, { users }]) => users === 0);
    const removed = unused.slice(0, Math.max(0, unused.length - idle));
    for (const [model] of removed) this.#entries.delete(model);
    for (const [, { executor }] of removed) {
      // One that failed to load has nothing to free; its user was told.
      const loaded = await Promise.allSettled([executor]);
      for (const result of loaded) if (result.status === "fulfilled") await result.value.close();
    }
  }
}
