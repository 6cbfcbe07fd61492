/** What calibration learns: the least and greatest value of every activation. */

export interface ValueRange {
  readonly low: number;
  readonly high: number;
  /** True where every value seen was an integer. */
  readonly integral?: boolean;
}

/** By ONNX value name. */
export type Ranges = ReadonlyMap<string, ValueRange>;

/** A value that is not finite, with its name. */
export function notFinite(values: Iterable<readonly [string, ArrayLike<number>]>): readonly [string, number] | undefined {
  for (const [name, data] of values) {
    for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return [name, data[i]];
  }
  return undefined;
}

export class RangeCollector {
  readonly #ranges = new Map<string, ValueRange>();

  /** @param data finite */
  add(name: string, data: ArrayLike<number>): void {
    const known = this.#ranges.get(name);
    let low = known?.low ?? Infinity;
    let high = known?.high ?? -Infinity;
    let integral = known?.integral ?? true;
    for (let i = 0; i < data.length; i++) {
      const value = data[i];
      if (value < low) low = value;
      if (value > high) high = value;
      integral &&= Number.isInteger(value);
    }
    this.#ranges.set(name, { low, high, integral });
  }

  get ranges(): Ranges {
    return this.#ranges;
  }
}
