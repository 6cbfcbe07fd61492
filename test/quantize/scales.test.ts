/** Choice of types, scales and shifts. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elementRange } from "../../src/program/elementType.js";
import { chooseQuantization, chooseShift, constantType } from "../../src/quantize/scales.js";

const magnitudes = fc.double({ min: 1e-30, max: 1e30, noNaN: true });

describe("shifts", () => {
  it("keep rounded weights within the limit and biases far below 2^53, unless nothing helps at 0", () => {
    fc.assert(
      fc.property(magnitudes, fc.double({ min: -1e12, max: 1e12, noNaN: true }), fc.constantFrom(127, 1023), (magnitude, bias, limit) => {
        const shift = chooseShift(magnitude, bias, limit);
        expect(Number.isInteger(shift) && shift >= 0 && shift <= 24).toBe(true);
        if (shift === 0) return;
        expect(Math.round(magnitude * 2 ** shift)).toBeLessThanOrEqual(limit);
        expect(Math.abs(bias) * 2 ** shift).toBeLessThanOrEqual(2 ** 40 * (1 + 1e-12));
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it("are the largest that do: half of the limit is not wasted", () => {
    fc.assert(
      fc.property(fc.double({ min: 2 ** -16, max: 100, noNaN: true }), (magnitude) => {
        expect(Math.round(magnitude * 2 ** (chooseShift(magnitude, 0, 127) + 1))).toBeGreaterThan(127);
      }),
      { seed: 2 },
    );
  });

  it.each([[127, 0], [127.4, 0], [63.75, 0], [63.7, 1], [127.5 / 2 ** 5, 4], [0, 24], [1e-300, 24], [1e300, 0]])("for a magnitude of %d: %d", (magnitude, shift) => {
    expect(chooseShift(magnitude, 0, 127)).toBe(shift);
  });
});

describe("activations", () => {
  it("that were always integers get a power of two, so that each is held exactly", () => {
    expect(chooseQuantization({ low: 0, high: 100, integral: true }, 8, false, 1).scale).toBe(1);
    expect(chooseQuantization({ low: -3, high: 2, integral: true }, 16, false, 2).scale).toBe(2 ** -12);
    expect(chooseQuantization({ low: 0, high: 1000, integral: true }, 8, true, 1).scale).toBe(1000 / 255);
  });

  it("fit their type at both ends of the range", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e30, max: 1e30, noNaN: true }), magnitudes, fc.constantFrom(8 as const, 16 as const), (low, width, bits) => {
        const range = { low, high: low + width };
        const { type, scale } = chooseQuantization(range, bits, low >= 0, 1);
        const { low: least, high: most } = elementRange(type);
        expect(scale).toBeGreaterThan(0);
        for (const end of [range.low, range.high]) {
          expect(Math.round(end / scale)).toBeGreaterThanOrEqual(least);
          expect(Math.round(end / scale)).toBeLessThanOrEqual(most);
        }
      }),
      { seed: 3, numRuns: 1000 },
    );
  });

  it("have the types that bits and sign say, and headroom in the scale", () => {
    const range = { low: -1, high: 2 };
    expect(chooseQuantization(range, 8, false, 1)).toEqual({ type: "i8", scale: 2 / 127 });
    expect(chooseQuantization(range, 8, true, 1)).toEqual({ type: "u8", scale: 2 / 255 });
    expect(chooseQuantization(range, 16, false, 2)).toEqual({ type: "i16", scale: 4 / 32767 });
    expect(chooseQuantization(range, 16, true, 1)).toEqual({ type: "u16", scale: 2 / 65535 });
    expect(chooseQuantization({ low: 0, high: 0 }, 8, true, 1)).toEqual({ type: "u8", scale: 2 ** -30 });
  });
});

it.each([[[], "i8"], [[127, -127], "i8"], [[128], "i16"], [[-32768], "i32"], [[2 ** 31 - 1], "i32"], [[2 ** 31], "i64"]])("constants of %j are %s", (values, type) => {
  expect(constantType(Float64Array.from(values))).toBe(type);
});
