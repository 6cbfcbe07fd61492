/** Doubles as exact mantissa · 2^exponent pairs, for files and contracts that know no floats. */

export interface DyadicScale {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** The exact pair of a positive finite double, mantissa odd (IEEE 754 binary64). */
export function toDyadic(value: number): DyadicScale {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  let mantissa = (bits & ((1n << 52n) - 1n)) | (biased === 0 ? 0n : 1n << 52n);
  let exponent = (biased === 0 ? 1 : biased) - 1075;
  while (mantissa !== 0n && mantissa % 2n === 0n) {
    mantissa /= 2n;
    exponent++;
  }
  return { mantissa, exponent };
}

export function fromDyadic({ mantissa, exponent }: DyadicScale): number {
  return Number(mantissa) * 2 ** exponent;
}
