/** Doubles as odd mantissa and exponent: exact both ways, for every positive finite double. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromDyadic, toDyadic } from "../../src/math/scale.js";

const positive = fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true });

/** mantissa · 2^exponent = value, in integers: both sides times 2^1100. */
function expectEqual(value: number): void {
  const { mantissa, exponent } = toDyadic(value);
  expect(mantissa % 2n, String(value)).toBe(1n);
  const [digits, shift] = integerOf(value);
  expect(mantissa << BigInt(exponent + 1100), String(value)).toBe(digits << BigInt(shift + 1100));
}

/** The double as integer · 2^shift, by division alone. */
function integerOf(value: number): [bigint, number] {
  let rest = value;
  let shift = 0;
  while (rest >= 2 ** 53) {
    rest /= 2;
    shift++;
  }
  while (!Number.isInteger(rest)) {
    rest *= 2;
    shift--;
  }
  return [BigInt(rest), shift];
}

describe("dyadic scales", () => {
  it("are exact for any double", () => {
    fc.assert(fc.property(positive, expectEqual), { seed: 1, numRuns: 2000 });
  });

  it("come back as the same double", () => {
    fc.assert(
      fc.property(positive, (value) => {
        expect(fromDyadic(toDyadic(value))).toBe(value);
      }),
      { seed: 2, numRuns: 2000 },
    );
  });

  it.each([
    Number.MIN_VALUE, 3 * Number.MIN_VALUE, 2 ** -1022, 2 ** -1022 - Number.MIN_VALUE, Number.EPSILON, 1 / 255, 0.1, 1, 3, 255, 2 ** 52 + 1, 2 ** 53 - 1,
    2 ** 53, 2 ** 1023, Number.MAX_VALUE,
  ])("at %d", (value) => {
    expectEqual(value);
    expect(fromDyadic(toDyadic(value))).toBe(value);
  });

  it("have known pairs", () => {
    expect(toDyadic(1)).toEqual({ mantissa: 1n, exponent: 0 });
    expect(toDyadic(0.75)).toEqual({ mantissa: 3n, exponent: -2 });
    expect(toDyadic(96)).toEqual({ mantissa: 3n, exponent: 5 });
    expect(toDyadic(1 / 255)).toEqual({ mantissa: 282578800148737n, exponent: -56 });
  });

  it("are unique: one pair a double", () => {
    fc.assert(
      fc.property(positive, positive, (a, b) => {
        const [left, right] = [toDyadic(a), toDyadic(b)];
        expect(left.mantissa === right.mantissa && left.exponent === right.exponent).toBe(a === b);
      }),
      { seed: 3 },
    );
  });
});
