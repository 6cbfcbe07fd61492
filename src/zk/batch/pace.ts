/** How fast things get done, and what that says of the rest. */

/** As many finished things as the rate is taken over. */
const WINDOW = 32;

export class Pace {
  readonly #times: number[];

  /** @param now milliseconds of any clock */
  constructor(now: number) {
    this.#times = [now];
  }

  /** One more is done. */
  count(now: number): void {
    this.#times.push(now);
    if (this.#times.length > WINDOW + 1) this.#times.shift();
  }

  /** Things a second; undefined before the first. */
  get rate(): number | undefined {
    const elapsed = this.#times[this.#times.length - 1] - this.#times[0];
    return this.#times.length < 2 || elapsed <= 0 ? undefined : (1000 * (this.#times.length - 1)) / elapsed;
  }

  /** "12 of 100, 3.1/s, 28 s left" */
  describe(done: number, total: number): string {
    const { rate } = this;
    const counts = `${done.toLocaleString("en-US")} of ${total.toLocaleString("en-US")}`;
    if (rate === undefined) return counts;
    const pace = rate >= 1 ? `${rate.toFixed(1)}/s` : `${(1 / rate).toFixed(1)} s each`;
    return `${counts}, ${pace}, ${duration((total - done) / rate)} left`;
  }
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
