/**
 * Arithmetic in BN254's scalar field on BigInts in [0, r), and the evaluation domains of the QAP.
 * Roots of unity are those of ffjavascript, powers of 5^((r−1)/2^28): keys are only valid for provers that use the same.
 */
import { randomBytes } from "node:crypto";
import { FIELD_BYTES, R, readFieldLE, writeFieldLE } from "../../math/field.js";

/** 2^28 divides r − 1 and 2^29 does not. */
export const TWO_ADICITY = 28;
const NON_RESIDUE = 5n;

export function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % R;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % R;
    square = (square * square) % R;
  }
  return result;
}

/** 1/value; 0 for 0. */
export function inverse(value: bigint): bigint {
  return power(value, R - 2n);
}

/** All inverses for one exponentiation (Montgomery's trick); no value may be 0. */
export function inverses(values: readonly bigint[]): bigint[] {
  const result = new Array<bigint>(values.length);
  let product = 1n;
  for (let i = 0; i < values.length; i++) {
    result[i] = product;
    product = (product * values[i]) % R;
  }
  let rest = inverse(product);
  for (let i = values.length - 1; i >= 0; i--) {
    result[i] = (result[i] * rest) % R;
    rest = (rest * values[i]) % R;
  }
  return result;
}

/** A generator of the subgroup of order 2^log2Size. */
export function rootOfUnity(log2Size: number): bigint {
  return power(NON_RESIDUE, (R - 1n) >> BigInt(log2Size));
}

/**
 * `scale` times the values at `point` of the Lagrange basis over the `size` points offset·generator^i, in order:
 * L_i(x) = x_i (x^size − offset^size) / (size · offset^size · (x − x_i)).
 * `point` must lie outside the coset.
 */
export function lagrangeValues(size: number, generator: bigint, offset: bigint, point: bigint, scale = 1n): bigint[] {
  const points = new Array<bigint>(size);
  const differences = new Array<bigint>(size);
  let x = offset;
  for (let i = 0; i < size; i++) {
    points[i] = x;
    differences[i] = point >= x ? point - x : point - x + R;
    x = (x * generator) % R;
  }
  const offsetPower = power(offset, BigInt(size));
  const numerator = (power(point, BigInt(size)) - offsetPower + R) % R;
  const factor = (((numerator * inverse((BigInt(size) * offsetPower) % R)) % R) * scale) % R;
  const values = inverses(differences);
  for (let i = 0; i < size; i++) values[i] = (((points[i] * factor) % R) * values[i]) % R;
  return values;
}

/** Uniform in [1, r) from the operating system's random source, by rejection. */
export function randomScalar(): bigint {
  for (;;) {
    const bytes = randomBytes(FIELD_BYTES);
    bytes[FIELD_BYTES - 1] &= 0x3f; // r has 254 bits
    const value = readFieldLE(bytes, 0);
    bytes.fill(0);
    if (value > 0n && value < R) return value;
  }
}

/** Canonical little-endian bytes, 32 a value. */
export function encodeScalars(values: readonly bigint[], target = new Uint8Array(values.length * FIELD_BYTES)): Uint8Array {
  for (let i = 0; i < values.length; i++) writeFieldLE(target, i * FIELD_BYTES, values[i]);
  return target;
}
