/** Seeded draws for the tests of this part: the same on every machine and in every run. */
import { seededRandom } from "../onnx/differential.js";

export class Draw {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seededRandom(seed);
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return this.#next();
  }

  real(low: number, high: number): number {
    return low + (high - low) * this.#next();
  }

  /** An integer in [low, high], both included. */
  integer(low: number, high: number): number {
    // Two draws: one has 32 bits, less than an i64 range needs.
    const fine = this.#next() + this.#next() * 2 ** -32;
    return Math.min(high, low + Math.floor(fine * (high - low + 1)));
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)];
  }

  list<T>(length: number, make: (index: number) => T): T[] {
    return Array.from({ length }, (_, i) => make(i));
  }

  shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items];
    return items.map(() => rest.splice(this.integer(0, rest.length - 1), 1)[0]);
  }

  /** An integer that is often an end of the range, or next to one, or near 0. */
  edgy(low: number, high: number): number {
    const edges = [low, high, low + 1, high - 1, 0, 1, -1].filter((value) => value >= low && value <= high);
    return this.chance(0.5) ? this.pick(edges) : this.integer(low, high);
  }
}
