/**
 * Every constraint of a circuit against a witness, C included. snarkjs derives C from A∘B, so without this check a wrong
 * witness would give an invalid proof in silence.
 */
import { AssayError } from "../errors.js";
import { fromField, R } from "../math/field.js";
import type { RowLabel } from "./circuit/assembler.js";
import type { R1cs, SparseRows } from "./r1cs.js";
import type { WitnessValues } from "./witnessValues.js";

/** The first row that does not hold; undefined if all do. */
export function firstViolation(r1cs: R1cs, values: WitnessValues): number | undefined {
  const signed = r1cs.coefficients.map(fromField);
  const small = Float64Array.from(signed, (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : NaN));
  const product = (rows: SparseRows, row: number): number | bigint => rowProduct(rows, row, values, signed, small);
  for (let row = 0; row < r1cs.constraintCount; row++) {
    const a = product(r1cs.a, row);
    const b = product(r1cs.b, row);
    const c = product(r1cs.c, row);
    const quick = typeof a === "number" && typeof b === "number" && typeof c === "number" && Number.isSafeInteger(a * b);
    if (quick ? a * b !== c : (BigInt(a) * BigInt(b) - BigInt(c)) % R !== 0n) return row;
  }
  return undefined;
}

/** @throws AssayError CONSTRAINT_UNSATISFIED naming the node or port that the violated row belongs to */
export function assertSatisfied(r1cs: R1cs, values: WitnessValues, labels: readonly RowLabel[]): void {
  const row = firstViolation(r1cs, values);
  if (row === undefined) return;
  throw new AssayError("CONSTRAINT_UNSATISFIED", `constraint ${row} of ${r1cs.constraintCount} does not hold`, { where: labelOf(labels, row) });
}

export function labelOf(labels: readonly RowLabel[], row: number): string {
  return labels.findLast((label) => label.firstRow <= row)?.name ?? "no node";
}

/** Σ coefficient · value over a row: a number where no partial sum can be inexact, else exact. */
function rowProduct(
  { offsets, wires, coefficients }: SparseRows,
  row: number,
  values: WitnessValues,
  signed: readonly bigint[],
  small: Float64Array,
): number | bigint {
  let sum = 0;
  let bound = 0;
  for (let t = offsets[row]; t < offsets[row + 1]; t++) {
    const term = small[coefficients[t]] * values.small[wires[t]];
    sum += term;
    bound += Math.abs(term);
  }
  if (bound <= Number.MAX_SAFE_INTEGER) return sum;
  let exact = 0n;
  for (let t = offsets[row]; t < offsets[row + 1]; t++) exact += signed[coefficients[t]] * values.get(wires[t]);
  return exact % R;
}
