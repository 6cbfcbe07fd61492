/** Montgomery's trick: n inverses for one inversion and 3n products. */
import { AssayError } from "../errors.js";
import { R } from "../math/field.js";

/** @throws AssayError INTERNAL for a zero: a challenge that hits a table entry, which has probability 2^−240 */
export function batchInverse(values: readonly bigint[]): bigint[] {
  const prefix: bigint[] = [];
  let product = 1n;
  for (const value of values) {
    prefix.push(product);
    product = (product * value) % R;
  }
  if (product === 0n) throw new AssayError("INTERNAL", "zero has no inverse");
  let inverse = power(product, R - 2n);
  const result = new Array<bigint>(values.length);
  for (let i = values.length - 1; i >= 0; i--) {
    result[i] = (inverse * prefix[i]) % R;
    inverse = (inverse * values[i]) % R;
  }
  return result;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % R;
    square = (square * square) % R;
  }
  return result;
}
