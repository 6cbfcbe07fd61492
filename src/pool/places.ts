/** A bounded number of places, given in the order in which they were asked for: whoever comes too early waits. */

export class Places {
  #taken = 0;
  #peak = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(readonly total: number) {}

  get taken(): number {
    return this.#taken;
  }

  /** The most that were taken at once. */
  get peak(): number {
    return this.#peak;
  }

  /** Resolves when a place is had; {@link leave} must follow. Rejects with the signal's reason when it is aborted first. */
  async enter(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#taken < this.total) {
      this.#peak = Math.max(this.#peak, ++this.#taken);
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const admit = (): void => {
        signal?.removeEventListener("abort", give);
        resolve();
      };
      const give = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(admit), 1);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener("abort", give, { once: true });
      this.#waiting.push(admit);
    });
  }

  /** Gives the place to whoever waits longest, else back. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken--;
    else next();
  }
}
