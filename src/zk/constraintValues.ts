/**
 * A∘B = C row by row for a witness, C included: checked, and kept as the prover's evaluations. snarkjs derives C from A∘B, so
 * without this check a wrong witness would give an invalid proof in silence.
 */
import { AssayError } from "../errors.js";
import { FIELD_BYTES, fromField, R, writeFieldLE } from "../math/field.js";
import type { RowLabel } from "./circuit/assembler.js";
import { domainPower, publicCount, type R1cs, type SparseRows } from "./r1cs.js";
import type { WitnessValues } from "./witnessValues.js";

/** A constraint system prepared for evaluation: coefficients as signed integers, small ones as doubles too. */
export class ConstraintEvaluator {
  readonly #signed: readonly bigint[];
  readonly #small: Float64Array;

  constructor(readonly r1cs: R1cs) {
    this.#signed = r1cs.coefficients.map(fromField);
    this.#small = Float64Array.from(this.#signed, (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : NaN));
  }

  /** The first row that does not hold; undefined if all do. */
  firstViolation(values: WitnessValues): number | undefined {
    return this.#evaluate(values, () => undefined);
  }

  /**
   * The evaluations of A, B and C over the domain, 32 canonical little-endian bytes a row; after the constraints come the
   * public signals' rows of A, as snarkjs adds them.
   * @throws AssayError CONSTRAINT_UNSATISFIED naming the node or port that the violated row belongs to
   */
  evaluations(values: WitnessValues, labels: readonly RowLabel[]): { a: Uint8Array; b: Uint8Array; c: Uint8Array } {
    const bytes = 2 ** domainPower(this.r1cs) * FIELD_BYTES;
    const [a, b, c] = [new Uint8Array(bytes), new Uint8Array(bytes), new Uint8Array(bytes)];
    const writers = [new FieldWriter(a), new FieldWriter(b), new FieldWriter(c)];
    const violation = this.#evaluate(values, (row, ...products) => products.forEach((product, i) => writers[i].write(row, product)));
    if (violation !== undefined) throw unsatisfied(this.r1cs, violation, labels);
    const firstPublicRow = this.r1cs.constraintCount;
    for (let wire = 0; wire <= publicCount(this.r1cs); wire++) {
      a.set(values.bytes.subarray(wire * FIELD_BYTES, (wire + 1) * FIELD_BYTES), (firstPublicRow + wire) * FIELD_BYTES);
    }
    return { a, b, c };
  }

  #evaluate(values: WitnessValues, keep: (row: number, a: Value, b: Value, c: Value) => void): number | undefined {
    const { r1cs } = this;
    for (let row = 0; row < r1cs.constraintCount; row++) {
      const a = this.#product(r1cs.a, row, values);
      const b = this.#product(r1cs.b, row, values);
      const c = this.#product(r1cs.c, row, values);
      const quick = typeof a === "number" && typeof b === "number" && typeof c === "number" && Number.isSafeInteger(a * b);
      if (quick ? a * b !== c : (BigInt(a) * BigInt(b) - BigInt(c)) % R !== 0n) return row;
      keep(row, a, b, c);
    }
    return undefined;
  }

  /** Σ coefficient · value over a row: a number where no partial sum can be inexact, else exact modulo r. */
  #product({ offsets, wires, coefficients }: SparseRows, row: number, values: WitnessValues): Value {
    let sum = 0;
    let bound = 0;
    for (let t = offsets[row]; t < offsets[row + 1]; t++) {
      const term = this.#small[coefficients[t]] * values.small[wires[t]];
      sum += term;
      bound += Math.abs(term);
    }
    if (bound <= Number.MAX_SAFE_INTEGER) return sum;
    let exact = 0n;
    for (let t = offsets[row]; t < offsets[row + 1]; t++) exact += this.#signed[coefficients[t]] * values.get(wires[t]);
    return exact % R;
  }
}

/** The node or port that a row belongs to. */
export function labelOf(labels: readonly RowLabel[], row: number): string {
  return labels.findLast((label) => label.firstRow <= row)?.name ?? "no node";
}

function unsatisfied(r1cs: R1cs, row: number, labels: readonly RowLabel[]): AssayError {
  return new AssayError("CONSTRAINT_UNSATISFIED", `constraint ${row} of ${r1cs.constraintCount} does not hold`, { where: labelOf(labels, row) });
}

type Value = number | bigint;

const LOW_WORD = BigInt.asUintN(64, R);

/** Writes integers as field elements without allocating for small ones. */
class FieldWriter {
  readonly #view: DataView;

  constructor(private readonly target: Uint8Array) {
    this.#view = new DataView(target.buffer);
  }

  write(row: number, value: Value): void {
    const offset = row * FIELD_BYTES;
    if (typeof value === "bigint") writeFieldLE(this.target, offset, value < 0n ? value + R : value);
    else if (value >= 0) {
      this.#view.setUint32(offset, value >>> 0, true);
      this.#view.setUint32(offset + 4, Math.floor(value / 2 ** 32), true);
    } else {
      // r − |value|: the lowest word of r exceeds every safe integer, so nothing is borrowed from the others.
      this.target.set(MODULUS, offset);
      this.#view.setBigUint64(offset, LOW_WORD + BigInt(value), true);
    }
  }
}

const MODULUS = new Uint8Array(FIELD_BYTES);
writeFieldLE(MODULUS, 0, R);
