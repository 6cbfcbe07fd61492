/** Ranges and byte widths of the storage types. */
import type { ElementType } from "./types.js";

export interface ElementRange {
  readonly low: number;
  readonly high: number;
}

/**
 * Largest magnitude of an accumulator. Doubles are exact up to here, and the reference, the circuit's witness and the
 * interval analysis all compute in doubles; i64 storage is therefore used up to 53 bits and programs beyond are refused.
 */
export const MAX_MAGNITUDE = Number.MAX_SAFE_INTEGER;

const RANGES: Record<ElementType, ElementRange> = {
  u8: { low: 0, high: 255 },
  i8: { low: -128, high: 127 },
  u16: { low: 0, high: 65535 },
  i16: { low: -32768, high: 32767 },
  i32: { low: -(2 ** 31), high: 2 ** 31 - 1 },
  i64: { low: -MAX_MAGNITUDE, high: MAX_MAGNITUDE },
};

const BYTES: Record<ElementType, number> = { u8: 1, i8: 1, u16: 2, i16: 2, i32: 4, i64: 8 };

export const ELEMENT_TYPES = Object.keys(RANGES) as ElementType[];

export function elementRange(type: ElementType): ElementRange {
  return RANGES[type];
}

export function elementBytes(type: ElementType): number {
  return BYTES[type];
}

export function isSigned(type: ElementType): boolean {
  return RANGES[type].low < 0;
}

/** The narrowest accumulator type that holds [low, high]; undefined beyond {@link MAX_MAGNITUDE}. */
export function accumulatorType(low: number, high: number): ElementType | undefined {
  const wide = RANGES.i32;
  if (low >= wide.low && high <= wide.high) return "i32";
  return low >= -MAX_MAGNITUDE && high <= MAX_MAGNITUDE ? "i64" : undefined;
}
