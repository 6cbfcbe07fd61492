/**
 * Products of the constraint matrices with vectors. Coefficients are taken as the signed integers of least magnitude and
 * sums are reduced once at the end: most coefficients are small, and a reduction costs more than the product.
 */
import { R, fromField } from "../../math/field.js";
import type { R1cs, SparseRows } from "../r1cs.js";
import { publicCount } from "../r1cs.js";

const ONE = 1n;

function reduced(sums: bigint[]): bigint[] {
  for (let i = 0; i < sums.length; i++) {
    const value = sums[i];
    if (value < 0n || value >= R) {
      const residue = value % R;
      sums[i] = residue < 0n ? residue + R : residue;
    }
  }
  return sums;
}

export function signedCoefficients(r1cs: R1cs): bigint[] {
  return r1cs.coefficients.map(fromField);
}

/** Mᵀ·x: for each wire, the sum over rows of coefficient · x[row]; in [0, r). */
export function columnSums(rows: SparseRows, signed: readonly bigint[], wireCount: number, x: readonly bigint[]): bigint[] {
  const sums = new Array<bigint>(wireCount).fill(0n);
  const { offsets, wires, coefficients } = rows;
  for (let row = 0; row + 1 < offsets.length; row++) {
    const value = x[row];
    for (let k = offsets[row]; k < offsets[row + 1]; k++) {
      const coefficient = signed[coefficients[k]];
      sums[wires[k]] += coefficient === ONE ? value : coefficient * value;
    }
  }
  return reduced(sums);
}

/** M·x over the first `constraintCount` of `size` rows: the sum over wires of coefficient · x[wire]; in [0, r). */
export function rowSums(rows: SparseRows, signed: readonly bigint[], size: number, x: readonly bigint[]): bigint[] {
  const sums = new Array<bigint>(size).fill(0n);
  const { offsets, wires, coefficients } = rows;
  for (let row = 0; row + 1 < offsets.length; row++) {
    let sum = 0n;
    for (let k = offsets[row]; k < offsets[row + 1]; k++) sum += signed[coefficients[k]] * x[wires[k]];
    sums[row] = sum;
  }
  return reduced(sums);
}

/**
 * The row of the QAP that belongs to wire `signal` (the constant or a public signal) alone: A has 1 there, B and C
 * nothing. It makes the public signals' A polynomials independent, without which they could be exchanged.
 */
export function publicRow(r1cs: R1cs, signal: number): number {
  return r1cs.constraintCount + signal;
}

/** Number of rows that {@link publicRow} adds. */
export function publicRowCount(r1cs: R1cs): number {
  return publicCount(r1cs) + 1;
}
