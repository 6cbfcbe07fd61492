/** What calibration learns: the least and greatest value of every activation. */

import { AssayError } from "../errors.js";

export interface ValueRange {
  readonly low: number;
  readonly high: number;
  /** True where every value seen was an integer. */
  readonly integral?: boolean;
}

/** By ONNX value name. */
export type Ranges = ReadonlyMap<string, ValueRange>;

export class RangeCollector {
  readonly #ranges = new Map<string, ValueRange>();

  add(name: string, data: ArrayLike<number>): void {
    const known = this.#ranges.get(name);
    let low = known?.low ?? Infinity;
    let high = known?.high ?? -Infinity;
    let integral = known?.integral ?? true;
    for (let i = 0; i < data.length; i++) {
      const value = data[i];
      if (!Number.isFinite(value)) {
        throw new AssayError("QUANTIZE_RANGE", `the float model computes ${value} on a calibration sample`, {
          where: `value ${name}`,
          hint: "calibrate with samples that the model is meant for",
        });
      }
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
