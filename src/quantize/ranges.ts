/** What calibration learns: the least and greatest value of every activation. */

export interface ValueRange {
  readonly low: number;
  readonly high: number;
  /** True where every value seen was an integer. */
  readonly integral?: boolean;
  /** Of an input of rows: the greatest magnitude of each column. */
  readonly columns?: readonly number[];
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
  /** Greatest magnitude of each column of an input. */
  readonly #columns = new Map<string, number[]>();

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

  /** The same for an input of rows, whose columns may be quantities of quite different size. */
  addRows(name: string, data: ArrayLike<number>, columns: number): void {
    const known = this.#columns.get(name) ?? new Array<number>(columns).fill(0);
    for (let i = 0; i < data.length; i++) known[i % columns] = Math.max(known[i % columns], Math.abs(data[i]));
    this.#columns.set(name, known);
    this.add(name, data);
    const range = this.#ranges.get(name);
    if (range !== undefined) this.#ranges.set(name, { ...range, columns: known });
  }

  /** What others have seen: the same as adding their data after what is here. */
  addRanges(ranges: Ranges): void {
    for (const [name, range] of ranges) {
      const known = this.#ranges.get(name);
      this.#ranges.set(name, known === undefined ? range : union(known, range));
    }
  }

  get ranges(): Ranges {
    return this.#ranges;
  }
}

function union(a: ValueRange, b: ValueRange): ValueRange {
  const both = { low: b.low < a.low ? b.low : a.low, high: b.high > a.high ? b.high : a.high, integral: a.integral === true && b.integral === true };
  const { columns } = b;
  return columns === undefined ? both : { ...both, columns: columns.map((most, i) => Math.max(most, a.columns?.[i] ?? 0)) };
}
