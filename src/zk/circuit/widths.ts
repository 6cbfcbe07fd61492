/** Bits of integers in a range. */

/** Bits of a value in [0, high]; at least 1. */
export function unsignedBits(high: number): number {
  if (high < 1) return 1;
  const bits = Math.floor(Math.log2(high)) + 1;
  // Math.log2 may round up to the next integer just below a power of two.
  return 2 ** (bits - 1) > high ? bits - 1 : bits;
}

/** The least k with −2^(k−1) ≤ low and high < 2^(k−1). */
export function signedBits(low: number, high: number): number {
  return 1 + Math.max(unsignedBits(Math.max(high, 0)), unsignedBits(Math.max(-low - 1, 0)));
}
