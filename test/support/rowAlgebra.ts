/** The rows of a constraint system as plain bigints: evaluated and solved independently of src/zk/constraintValues.ts. */
import { R, toField } from "../../src/math/field.js";
import type { Form } from "../../src/zk/circuit/form.js";
import type { R1cs, SparseRows } from "../../src/zk/r1cs.js";
import { WitnessValues } from "../../src/zk/witnessValues.js";

export type Term = readonly [wire: number, coefficient: bigint];

export interface Row {
  readonly a: readonly Term[];
  readonly b: readonly Term[];
  readonly c: readonly Term[];
  /** Every wire that occurs, once. */
  readonly wires: readonly number[];
}

export function rowsOf(r1cs: R1cs): Row[] {
  const terms = ({ offsets, wires, coefficients }: SparseRows, row: number): Term[] =>
    Array.from({ length: offsets[row + 1] - offsets[row] }, (_, i) => {
      const t = offsets[row] + i;
      return [wires[t], r1cs.coefficients[coefficients[t]]];
    });
  return Array.from({ length: r1cs.constraintCount }, (_, row) => {
    const [a, b, c] = [terms(r1cs.a, row), terms(r1cs.b, row), terms(r1cs.c, row)];
    return { a, b, c, wires: [...new Set([...a, ...b, ...c].map(([wire]) => wire))] };
  });
}

/** A·B − C in the field. */
export function residue({ a, b, c }: Row, values: readonly bigint[]): bigint {
  return toField(dot(a, values) * dot(b, values) - dot(c, values));
}

export function dot(terms: readonly Term[], values: readonly bigint[]): bigint {
  let sum = 0n;
  for (const [wire, coefficient] of terms) sum += coefficient * values[wire];
  return sum % R;
}

/**
 * A value of `wire` with which the row holds, all others given; undefined if there is none or every one will do. A quadratic
 * row is solved among 0 and 1 only: no gadget has another.
 */
export function solve(row: Row, wire: number, values: readonly bigint[]): bigint | undefined {
  const [a1, b1, c1] = [coefficientOf(row.a, wire), coefficientOf(row.b, wire), coefficientOf(row.c, wire)];
  const without = (terms: readonly Term[]): bigint => dot(terms.filter(([other]) => other !== wire), values);
  const [a0, b0, c0] = [without(row.a), without(row.b), without(row.c)];
  if (toField(a1 * b1) !== 0n) return [0n, 1n].find((x) => toField((a0 + a1 * x) * (b0 + b1 * x) - c0 - c1 * x) === 0n);
  const slope = toField(a0 * b1 + a1 * b0 - c1);
  return slope === 0n ? undefined : toField((c0 - a0 * b0) * inverse(slope));
}

/** Whether the row has the wire in both factors. */
export function isQuadratic({ a, b }: Row, wire: number): boolean {
  return a.some(([other]) => other === wire) && b.some(([other]) => other === wire);
}

const knownInverses = new Map<bigint, bigint>();

/** Coefficients repeat a lot, so inverses are kept. */
export function inverse(value: bigint): bigint {
  const known = knownInverses.get(value) ?? inverted(value);
  if (knownInverses.size < 100_000) knownInverses.set(value, known);
  return known;
}

/** By Fermat: r is prime. */
function inverted(value: bigint): bigint {
  let result = 1n;
  for (let square = toField(value), rest = R - 2n; rest > 0n; rest >>= 1n, square = (square * square) % R) {
    if ((rest & 1n) === 1n) result = (result * square) % R;
  }
  return result;
}

/** All inverses at the price of one; 0 for 0. */
export function inverses(values: readonly bigint[]): bigint[] {
  const prefix: bigint[] = [];
  let product = 1n;
  for (const value of values) {
    prefix.push(product);
    if (value !== 0n) product = (product * value) % R;
  }
  let rest = inverted(product);
  const result = new Array<bigint>(values.length).fill(0n);
  for (let i = values.length - 1; i >= 0; i--) {
    if (values[i] === 0n) continue;
    result[i] = (rest * prefix[i]) % R;
    rest = (rest * values[i]) % R;
  }
  return result;
}

export function evaluate(form: Form, values: readonly bigint[]): bigint {
  return toField(form.wires.reduce((sum, wire, i) => sum + BigInt(form.weights[i]) * values[wire], BigInt(form.constant)));
}

export function valuesOf(witness: WitnessValues): bigint[] {
  return Array.from({ length: witness.small.length }, (_, wire) => witness.get(wire));
}

/** As the provers, src/zk/constraintValues.ts and snarkjs take it. */
export function toWitness(values: readonly bigint[]): WitnessValues {
  const witness = new WitnessValues(values.length);
  values.forEach((value, wire) => {
    witness.set(wire, value);
  });
  return witness;
}

/** The system without some of its rows: what a forgery would pass in if they were forgotten. */
export function withoutRows(r1cs: R1cs, removed: ReadonlySet<number>): R1cs {
  const kept = Array.from({ length: r1cs.constraintCount }, (_, row) => row).filter((row) => !removed.has(row));
  const filtered = ({ offsets, wires, coefficients }: SparseRows): SparseRows => {
    const terms = kept.flatMap((row) => Array.from({ length: offsets[row + 1] - offsets[row] }, (_, i) => offsets[row] + i));
    const starts = new Uint32Array(kept.length + 1);
    kept.forEach((row, i) => (starts[i + 1] = starts[i] + offsets[row + 1] - offsets[row]));
    return { offsets: starts, wires: Uint32Array.from(terms, (t) => wires[t]), coefficients: Uint32Array.from(terms, (t) => coefficients[t]) };
  };
  return { ...r1cs, constraintCount: kept.length, a: filtered(r1cs.a), b: filtered(r1cs.b), c: filtered(r1cs.c) };
}

function coefficientOf(terms: readonly Term[], wire: number): bigint {
  let sum = 0n;
  for (const [other, coefficient] of terms) if (other === wire) sum += coefficient;
  return sum;
}
