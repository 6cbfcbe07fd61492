/** Times of repeated runs. */

export interface Timing {
  readonly medianMs: number;
  readonly runsMs: readonly number[];
}

/** Runs an action several times and keeps the median; `prepare` runs before each and is not timed. */
export async function timed(runs: number, action: () => unknown, prepare: () => unknown = () => undefined): Promise<Timing> {
  const runsMs: number[] = [];
  for (let i = 0; i < runs; i++) {
    await prepare();
    const start = performance.now();
    await action();
    runsMs.push(Math.round((performance.now() - start) * 10) / 10);
  }
  const sorted = [...runsMs].sort((a, b) => a - b);
  return { medianMs: sorted[Math.floor(sorted.length / 2)], runsMs };
}
