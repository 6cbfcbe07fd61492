/** Seeded draws, the same on every machine. */
import { R } from "../../src/math/field.js";

/** mulberry32 (Tommy Ettinger, public domain). */
export class SeededRandom {
  constructor(private state: number) {}

  /** Uniform over 32 bits. */
  word(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.word() / 2 ** 32;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** An integer in [low, high]. */
  between(low: bigint, high: bigint): bigint {
    return low + (this.wide() % (high - low + 1n));
  }

  /** A field element, near enough to uniform. */
  field(): bigint {
    return this.wide() % R;
  }

  /** 320 bits. */
  private wide(): bigint {
    let value = 0n;
    for (let i = 0; i < 10; i++) value = (value << 32n) | BigInt(this.word());
    return value;
  }
}
