/** Packing by the formula, element by element, with none of the contract's shortcuts. */

import type { ElementTypeName } from "../../../src/chain/tensors.js";

export const WIDTH: Readonly<Record<ElementTypeName, 1 | 2 | 4 | 8>> = { u8: 1, i8: 1, u16: 2, i16: 2, i32: 4, i64: 8 };

const isSigned = (type: ElementTypeName): boolean => type.startsWith("i");

/** Of i64 the integers that doubles hold, as programs have it. */
export function range(type: ElementTypeName): [number, number] {
  if (type === "i64") return [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  const span = 2 ** (8 * WIDTH[type]);
  return isSigned(type) ? [-span / 2, span / 2 - 1] : [0, span - 1];
}

/** Row-major little-endian two's complement. */
export function toBytes(type: ElementTypeName, values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(values.length * WIDTH[type]);
  values.forEach((value, i) => {
    if (type === "i64") bytes.writeBigInt64LE(BigInt(value), 8 * i);
    else if (isSigned(type)) bytes.writeIntLE(value, i * WIDTH[type], WIDTH[type]);
    else bytes.writeUIntLE(value, i * WIDTH[type], WIDTH[type]);
  });
  return Uint8Array.from(bytes);
}

/** signal = Σ (value_j + offset) · 2^(8·bytes·j) over floor(31 / bytes) elements. */
export function packSignals(type: ElementTypeName, values: readonly number[]): bigint[] {
  const lanes = Math.floor(31 / WIDTH[type]);
  const offset = isSigned(type) ? 2n ** BigInt(8 * WIDTH[type] - 1) : 0n;
  const signals: bigint[] = [];
  for (let from = 0; from < values.length; from += lanes) {
    signals.push(
      values
        .slice(from, from + lanes)
        .reduce((sum, value, j) => sum + (BigInt(value) + offset) * 2n ** BigInt(8 * WIDTH[type] * j), 0n),
    );
  }
  return signals;
}
