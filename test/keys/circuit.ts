/** Small satisfiable constraint systems, the same for the same seed: bits, and products with long linear forms in C. */
import { R, writeFieldLE } from "../../src/math/field.js";
import type { R1cs, SparseRows } from "../../src/zk/r1cs.js";

export interface TestCircuit {
  readonly r1cs: R1cs;
  /** 32 little-endian bytes a wire. */
  readonly witness: Uint8Array;
}

type Row = [wire: number, value: bigint][];

/** mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

export function testCircuit(options: { bits: number; products: number; publics: number; seed: number }): TestCircuit {
  const next = seeded(options.seed);
  const witness: bigint[] = [1n];
  for (let i = 0; i < options.publics; i++) witness.push(BigInt(next()));
  const rows: { a: Row; b: Row; c: Row }[] = [];
  const bits: number[] = [];
  for (let i = 0; i < options.bits; i++) {
    const wire = witness.push(BigInt(next() & 1)) - 1;
    bits.push(wire);
    rows.push({ a: [[wire, 1n]], b: [[0, R - 1n], [wire, 1n]], c: [] });
  }
  for (let i = 0; i < options.products; i++) {
    const [x, y] = [bits[next() % bits.length], 1 + (next() % options.publics)];
    const terms = new Map<number, bigint>([[1 + (i % options.publics), 3n]]);
    for (let j = 0; j < 8; j++) terms.set(bits[next() % bits.length], BigInt((next() % 255) - 127));
    const sum = [...terms].reduce((total, [wire, value]) => total + value * witness[wire], 0n);
    const out = witness.push(mod(witness[x] * witness[y] - sum)) - 1;
    rows.push({ a: [[x, 1n]], b: [[y, 1n]], c: [...terms, [out, 1n]] });
  }
  return { r1cs: assemble(rows, witness.length, options.publics), witness: encode(witness) };
}

function mod(value: bigint): bigint {
  return ((value % R) + R) % R;
}

function encode(values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 32);
  values.forEach((value, i) => { writeFieldLE(bytes, 32 * i, value); });
  return bytes;
}

function assemble(rows: readonly { a: Row; b: Row; c: Row }[], wireCount: number, publics: number): R1cs {
  const coefficients: bigint[] = [];
  const index = new Map<bigint, number>();
  const intern = (value: bigint): number => {
    const known = index.get(value);
    if (known !== undefined) return known;
    index.set(value, coefficients.push(value) - 1);
    return coefficients.length - 1;
  };
  const matrix = (pick: (row: { a: Row; b: Row; c: Row }) => Row): SparseRows => {
    const terms = rows.flatMap(pick);
    const offsets = new Uint32Array(rows.length + 1);
    rows.forEach((row, i) => { offsets[i + 1] = offsets[i] + pick(row).length; });
    return {
      offsets,
      wires: Uint32Array.from(terms, ([wire]) => wire),
      coefficients: Uint32Array.from(terms, ([, value]) => intern(mod(value))),
    };
  };
  return {
    wireCount,
    publicOutputCount: 1,
    publicInputCount: publics - 1,
    constraintCount: rows.length,
    a: matrix((row) => row.a),
    b: matrix((row) => row.b),
    c: matrix((row) => row.c),
    coefficients,
  };
}

/** The same system with the coefficient of one term changed. */
export function withCoefficient(r1cs: R1cs, matrix: "a" | "b" | "c", term: number, value: bigint): R1cs {
  const coefficients = [...r1cs.coefficients, value];
  const changed = r1cs[matrix].coefficients.slice();
  changed[term] = coefficients.length - 1;
  return { ...r1cs, coefficients, [matrix]: { ...r1cs[matrix], coefficients: changed } };
}
