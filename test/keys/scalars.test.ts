import { buildBn128 } from "ffjavascript";
import { describe, expect, it } from "vitest";
import { R } from "../../src/math/field.js";
import { chooseWindow } from "../../src/zk/keys/fixedBaseTables.js";
import { inverse, inverses, lagrangeValues, power, randomScalar, rootOfUnity } from "../../src/zk/keys/scalars.js";
import { drawSecrets } from "../../src/zk/keys/secrets.js";
import { columnSums, rowSums, signedCoefficients } from "../../src/zk/keys/sparse.js";
import { seeded, testCircuit } from "./circuit.js";

const next = seeded(11);
const element = (): bigint => Array.from({ length: 8 }, () => BigInt(next())).reduce((sum, word) => (sum << 32n) | word, 0n) % R;

describe("scalar arithmetic", () => {
  it("inverts, alone and in batches", () => {
    const values = Array.from({ length: 9 }, element);
    for (const value of values) expect((value * inverse(value)) % R).toBe(1n);
    expect(inverses(values)).toEqual(values.map(inverse));
  });

  it("has ffjavascript's roots of unity", async () => {
    const { Fr } = await buildBn128(true);
    for (let k = 0; k <= 28; k++) expect(rootOfUnity(k)).toBe(Fr.toObject(Fr.w[k]));
  });

  it("interpolates: Σ f(x_i) L_i(x) = f(x) on domains and cosets", () => {
    for (const offset of [1n, rootOfUnity(4), element()]) {
      const generator = rootOfUnity(3);
      const coefficients = Array.from({ length: 8 }, element);
      const f = (x: bigint): bigint => coefficients.reduceRight((sum, c) => (sum * x + c) % R, 0n);
      const point = element();
      const basis = lagrangeValues(8, generator, offset, point, 5n);
      const sum = basis.reduce((total, value, i) => total + value * f((offset * power(generator, BigInt(i))) % R), 0n);
      expect(sum % R).toBe((5n * f(point)) % R);
    }
  });

  it("draws scalars in [1, r) that do not repeat", () => {
    const drawn = Array.from({ length: 500 }, randomScalar);
    expect(drawn.every((value) => value > 0n && value < R)).toBe(true);
    expect(new Set(drawn).size).toBe(500);
    expect(new Set(Object.values(drawSecrets(5))).size).toBe(6);
  });

  it("multiplies by matrices and by their transposes consistently: y·(Mx) = (Mᵀy)·x", () => {
    const { r1cs } = testCircuit({ bits: 20, products: 12, publics: 2, seed: 5 });
    const x = Array.from({ length: r1cs.wireCount }, element);
    const y = Array.from({ length: 64 }, element);
    const dot = (a: readonly bigint[], b: readonly bigint[]): bigint => a.reduce((sum, value, i) => sum + value * b[i], 0n) % R;
    for (const rows of [r1cs.a, r1cs.b, r1cs.c]) {
      const forward = rowSums(rows, signedCoefficients(r1cs), 64, x);
      expect(dot(forward, y)).toBe(dot(columnSums(rows, signedCoefficients(r1cs), r1cs.wireCount, y), x));
    }
  });

  it("chooses windows that cover a scalar and its carry", () => {
    for (const count of [1, 100, 10_000, 1_000_000, 100_000_000]) {
      const { window, digits } = chooseWindow(count);
      expect(window * digits).toBeGreaterThanOrEqual(254);
    }
  });
});
