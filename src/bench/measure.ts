/** Times of repeated runs, and memory. */
import { existsSync, readFileSync } from "node:fs";

/** Milliseconds of the same work several times. */
export interface Timing {
  /** One of the runs: of an even number, the greater of the two in the middle. */
  readonly medianMs: number;
  /** In the order in which they ran. */
  readonly runsMs: readonly number[];
}

/** Runs an action several times and keeps the median; `prepare` runs before each and is not timed. */
export async function timed(runs: number, action: () => unknown, prepare: () => unknown = () => undefined): Promise<Timing> {
  const runsMs: number[] = [];
  for (let i = 0; i < runs; i++) {
    await prepare();
    const start = performance.now();
    await action();
    runsMs.push(performance.now() - start);
  }
  return timingOf(runsMs);
}

/** Rounded to microseconds. The median of an even number is the greater of the two in the middle. */
export function timingOf(runsMs: readonly number[]): Timing {
  const rounded = runsMs.map((run) => Math.round(1000 * run) / 1000);
  const sorted = [...rounded].sort((a, b) => a - b);
  return { medianMs: sorted[Math.floor(sorted.length / 2)], runsMs: rounded };
}

/** Of this process alone: getrusage's maximum survives exec, so it would show the parent's. */
export function peakMemoryMiB(): number {
  const peak = existsSync("/proc/self/status") ? /^VmHWM:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8")) : null;
  return Math.round((peak === null ? process.resourceUsage().maxRSS : Number(peak[1])) / 1024);
}
