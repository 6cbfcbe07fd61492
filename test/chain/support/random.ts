/** mulberry32 (Tommy Ettinger, public domain): small, and the same everywhere. */
export class Random {
  constructor(private state: number) {}

  /** Uniform in [0, limit), limit ≤ 2^32. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }

  field(): bigint {
    return BigInt(`0x${Buffer.from(this.bytes(31)).toString("hex")}`);
  }
}
