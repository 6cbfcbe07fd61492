/**
 * Freivalds' check of a matrix product C = A·Bᵀ (R. Freivalds, "Probabilistic machines can use less running time", IFIP 1977):
 * for A of m×k, B of n×k, about mk + nk + mn constraints instead of mnk. Only where the challenge x is drawn after all entries
 * are committed:
 *
 *   Σ_i (Σ_r A[r,i]·x^(n·r)) · (Σ_c B[c,i]·x^c) = Σ_(r,c) C[r,c]·x^(n·r + c)
 *
 * Powers of one challenge serve as both random vectors. The difference of the two sides is a polynomial in x whose coefficient at
 * n·r + c is (A·Bᵀ − C)[r,c], since c < n makes the exponents distinct: where C is wrong it is not zero and has degree below mn, so
 * a random x is a root with probability below mn/r (Schwartz-Zippel). x is also the challenge of the lookups. Each lookup table and
 * each product has its own identity, fixed before x is drawn; a proof of a false one needs x to be a root of one of them, and the
 * probabilities of these events add up, whether they depend on each other or not.
 */
import { FULL_WIDTH, type GadgetSpec } from "../gadgets/spec.js";
import { constantForm, type Form, wireForm } from "./form.js";

export interface MatrixSizes {
  /** Of the left matrix. */
  readonly rows: number;
  /** Of the product: rows of the right matrix. */
  readonly columns: number;
  /** Of the reduction axis, the last of both. */
  readonly length: number;
}

/** All row-major; their wires belong to round 0. */
export interface MatrixProduct extends MatrixSizes {
  readonly left: readonly Form[];
  readonly right: readonly Form[];
  readonly product: readonly Form[];
}

/** The challenge to a power, by squaring and multiplying: entry t is the product of two earlier wires. */
export interface PowerStep {
  readonly kind: "power";
  readonly chain: readonly (readonly [number, number])[];
  /** The challenge, then a wire for each entry of the chain; the last is the power. */
  readonly wires: readonly number[];
}

/** Wires of Horner's sums, highest coefficient first. */
export interface MatrixCheckStep extends MatrixProduct {
  readonly kind: "matrixCheck";
  readonly challenge: number;
  /** challenge^columns */
  readonly power: number;
  /** Of each column of the left matrix, at the power. */
  readonly leftSums: readonly Uint32Array[];
  /** Of each column of the right matrix, at the challenge. */
  readonly rightSums: readonly Uint32Array[];
  readonly productSums: Uint32Array;
  /** Products of the two sums of each column. */
  readonly products: Uint32Array;
}

/** Pairs of positions in the growing list x, ... whose last is x^exponent. */
export function powerChain(exponent: number): [number, number][] {
  const chain: [number, number][] = [];
  let last = 0;
  for (const bit of exponent.toString(2).slice(1)) {
    last = chain.push([last, last]);
    if (bit === "1") last = chain.push([last, 0]);
  }
  return chain;
}

/** Without the power, which the products of as many columns share. */
export function matrixCheckConstraints({ rows, columns, length }: MatrixSizes): number {
  return length * (rows + columns + 1) + rows * columns + 1;
}

/** The coefficients of the polynomials that a check evaluates, each from the highest down. */
export function matrixCoefficients({ rows, columns, length, left, right, product }: MatrixProduct): { left: Form[][]; right: Form[][]; product: Form[] } {
  const column = (forms: readonly Form[], count: number, i: number): Form[] => Array.from({ length: count }, (_, r) => forms[(count - 1 - r) * length + i]);
  const each = (forms: readonly Form[], count: number): Form[][] => Array.from({ length }, (_, i) => column(forms, count, i));
  return { left: each(left, rows), right: each(right, columns), product: [...product].reverse() };
}

const PRODUCT: GadgetSpec = { name: "Product", parameters: [FULL_WIDTH] };
const HORNER: GadgetSpec = { name: "Horner", parameters: [] };

export const MATRIX_CHECK_SPECS: readonly GadgetSpec[] = [PRODUCT, HORNER];

/** Lays out a gadget of one output after the challenge and returns the output's wire. */
export type LayOne = (spec: GadgetSpec, inputs: readonly (readonly Form[])[]) => number;

export function layPower(lay: LayOne, challenge: number, exponent: number): PowerStep {
  const chain = powerChain(exponent);
  const wires = [challenge];
  for (const factors of chain) wires.push(lay(PRODUCT, factors.map((factor) => [wireForm(wires[factor])])));
  return { kind: "power", chain, wires };
}

/** All but the last row, 0·0 = Σ products − the product's sum. */
export function layMatrixCheck(lay: LayOne, matrices: MatrixProduct, challenge: number, power: number): MatrixCheckStep {
  const horner = (coefficients: readonly Form[], point: number): Uint32Array => {
    let sum = constantForm(0);
    return Uint32Array.from(coefficients, (next) => {
      const wire = lay(HORNER, [[sum], [next], [wireForm(point)]]);
      sum = wireForm(wire);
      return wire;
    });
  };
  const coefficients = matrixCoefficients(matrices);
  const leftSums = coefficients.left.map((column) => horner(column, power));
  const rightSums = coefficients.right.map((column) => horner(column, challenge));
  const productSums = horner(coefficients.product, challenge);
  const last = (sums: Uint32Array): Form => wireForm(sums[sums.length - 1]);
  const products = Uint32Array.from(leftSums, (sums, i) => lay(PRODUCT, [[last(sums)], [last(rightSums[i])]]));
  return { kind: "matrixCheck", ...matrices, challenge, power, leftSums, rightSums, productSums, products };
}
