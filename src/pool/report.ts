/** What a pool has done: counts, and how long tasks waited and ran. */
import type { Piscina } from "piscina";

/** Milliseconds. */
export interface Spread {
  /** Over all tasks. */
  readonly mean: number;
  /** Half of the tasks took no longer. */
  readonly p50: number;
  /** Nine of ten took no longer. */
  readonly p90: number;
  /** All but one of a hundred took no longer. */
  readonly p99: number;
  /** Of the slowest. */
  readonly max: number;
}

/** What worker threads have done so far. */
export interface PoolReport {
  /** Threads at a time, replacements not counted. */
  readonly workers: number;
  /** Limit of each worker's JavaScript heap in MiB; absent where Node's own applies. */
  readonly memoryMiB?: number;
  /** How many ended, and how. */
  readonly tasks: {
    /** With a result. */
    readonly done: number;
    /** With an error of their own, by a worker's death, or aborted. */
    readonly failed: number;
  };
  /** Workers that died and were replaced. */
  readonly died: number;
  /** Tasks accepted beyond those that run: how many there may be, and the most there were. */
  readonly queue: Readonly<Record<"limit" | "peak", number>>;
  /** From acceptance to the start; absent before the first task. */
  readonly waitMs?: Spread;
  /** From the start to the end; absent before the first task. */
  readonly runMs?: Spread;
}

type Histogram = Piscina["histogram"]["runTime"];

/** piscina counts in milliseconds. */
export function spreadOf({ mean, p50, p90, p99, max }: Histogram): Spread {
  const rounded = (value: number): number => Math.round(1000 * value) / 1000;
  return { mean: rounded(mean), p50: rounded(p50), p90: rounded(p90), p99: rounded(p99), max: rounded(max) };
}
