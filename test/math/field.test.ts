/** Field elements: residues, signs and their 32 little-endian bytes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FIELD_BYTES, fromField, P, R, readFieldLE, toField, writeFieldLE } from "../../src/math/field.js";

const elements = fc.bigInt({ min: 0n, max: R - 1n });

describe("constants", () => {
  it("are BN254's, from the curve's parameter x", () => {
    // Barreto-Naehrig curves (https://eprint.iacr.org/2005/133): p and r are polynomials in x.
    const x = 4965661367192848881n;
    expect(P).toBe(36n * x ** 4n + 36n * x ** 3n + 24n * x ** 2n + 6n * x + 1n);
    expect(R).toBe(36n * x ** 4n + 36n * x ** 3n + 18n * x ** 2n + 6n * x + 1n);
  });
});

describe("residues", () => {
  it("are in [0, r), and congruent", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(R ** 2n), max: R ** 2n }), (value) => {
        const residue = toField(value);
        expect(residue >= 0n && residue < R).toBe(true);
        expect((value - residue) % R).toBe(0n);
      }),
      { seed: 1 },
    );
  });

  it.each([[0n, 0n], [R, 0n], [-R, 0n], [-1n, R - 1n], [R + 1n, 1n], [-R - 1n, R - 1n], [2n * R - 1n, R - 1n]])("of %d is %d", (value, residue) => {
    expect(toField(value)).toBe(residue);
  });

  it("stand for the integer of least absolute value", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), elements, (small, any) => {
        expect(fromField(toField(BigInt(small)))).toBe(BigInt(small));
        expect(toField(fromField(any))).toBe(any);
      }),
      { seed: 2 },
    );
    expect(fromField((R - 1n) / 2n)).toBe((R - 1n) / 2n);
    expect(fromField((R + 1n) / 2n)).toBe(-(R - 1n) / 2n);
  });
});

describe("bytes", () => {
  it("round trip at any offset, and touch no other byte", () => {
    fc.assert(
      fc.property(elements, fc.integer({ min: 0, max: 40 }), (value, offset) => {
        const backing = new Uint8Array(offset + 60).fill(0xaa);
        // A view that does not begin where its buffer does.
        const target = backing.subarray(7);
        writeFieldLE(target, offset, value);
        expect(readFieldLE(target, offset)).toBe(value);
        const around = [...backing].filter((_, i) => i < 7 + offset || i >= 7 + offset + FIELD_BYTES);
        expect(around.every((byte) => byte === 0xaa)).toBe(true);
      }),
      { seed: 4 },
    );
  });

  it("are little-endian", () => {
    fc.assert(
      fc.property(elements, (value) => {
        const bytes = new Uint8Array(FIELD_BYTES);
        writeFieldLE(bytes, 0, value);
        expect(BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`)).toBe(value);
      }),
      { seed: 5 },
    );
  });

  it("read values up to 2^256 − 1 as they are: the caller checks the range", () => {
    expect(readFieldLE(new Uint8Array(32).fill(255), 0)).toBe(2n ** 256n - 1n);
  });
});
