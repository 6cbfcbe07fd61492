/**
 * A rank-1 constraint system in memory: rows A·w ∘ B·w = C·w over BN254's scalar field.
 *
 * Wire 0 is the constant one; wires 1..publicCount are the public signals, outputs first, then inputs (the order of
 * public.json); the others are private. Coefficients repeat a lot (powers of two, 8-bit weights), so terms hold an index
 * into a table of distinct values.
 */

/** Rows of (wire, coefficient) terms: row i holds terms offsets[i] .. offsets[i+1]. */
export interface SparseRows {
  /** Length rows + 1. */
  readonly offsets: Uint32Array;
  readonly wires: Uint32Array;
  /** Indices into {@link R1cs.coefficients}. */
  readonly coefficients: Uint32Array;
}

export interface R1cs {
  readonly wireCount: number;
  readonly publicOutputCount: number;
  readonly publicInputCount: number;
  readonly constraintCount: number;
  /** Distinct coefficients, each in [0, r). */
  readonly coefficients: readonly bigint[];
  readonly a: SparseRows;
  readonly b: SparseRows;
  readonly c: SparseRows;
}

export function publicCount(r1cs: R1cs): number {
  return r1cs.publicOutputCount + r1cs.publicInputCount;
}

/**
 * log2 of the evaluation domain: the smallest power of two ≥ constraints + public signals + 1, as in snarkjs
 * (`zkey_new.js`), which gives the constant and every public signal a row of its own in the QAP.
 */
export function domainPower(r1cs: R1cs): number {
  return Math.ceil(Math.log2(r1cs.constraintCount + publicCount(r1cs) + 1));
}
