/** What a pool has done: counts, and how long tasks waited and ran. */
import type { Piscina } from "piscina";

/** Milliseconds. */
export interface Spread {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface PoolReport {
  readonly workers: number;
  /** Limit of each worker's JavaScript heap in MiB; absent where Node's own applies. */
  readonly memoryMiB?: number;
  readonly tasks: {
    readonly done: number;
    /** With an error of their own, by a worker's death, or aborted. */
    readonly failed: number;
  };
  /** Workers that died and were replaced. */
  readonly died: number;
  /** Tasks accepted beyond those that run: how many there may be, and the most there were. */
  readonly queue: { readonly limit: number; readonly peak: number };
  /** From acceptance to the start, and from there to the end; absent before the first task. */
  readonly waitMs?: Spread;
  readonly runMs?: Spread;
}

type Histogram = Piscina["histogram"]["runTime"];

/** piscina counts in milliseconds. */
export function spreadOf({ mean, p50, p90, p99, max }: Histogram): Spread {
  const rounded = (value: number): number => Math.round(1000 * value) / 1000;
  return { mean: rounded(mean), p50: rounded(p50), p90: rounded(p90), p99: rounded(p99), max: rounded(max) };
}
