/** requantize against unbounded integers: halves, signs, no shift, and both ends of the exact doubles. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requantizeValue, roundShift } from "../../src/program/ops/requantize.js";
import { bigRequantize } from "./bigReference.js";

const WIDE = { low: -(2 ** 53) + 1, high: 2 ** 53 - 1 };
const MOST = 2 ** 53 - 1;

function expectExact(value: number, shift: number, low: number, high: number): void {
  expect(BigInt(requantizeValue(value, shift, low, high)), `${value} >> ${shift} in ${low}..${high}`).toBe(
    bigRequantize(BigInt(value), shift, low, high),
  );
}

describe("requantize", () => {
  it("rounds halves up, towards +infinity for both signs", () => {
    expect([-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6].map((value) => roundShift(value, 2) + 0)).toEqual([
      -1, -1, -1, -1, 0, 0, 0, 0, 1, 1, 1, 1, 2,
    ]);
  });

  it("only clamps at shift 0", () => {
    expect([-300, -128, -1, 0, 1, 127, 128].map((value) => requantizeValue(value, 0, -128, 127))).toEqual([-128, -128, -1, 0, 1, 127, 127]);
  });

  it("is exact around every multiple of a half, at every shift", () => {
    for (let shift = 0; shift <= 52; shift++) {
      const half = 2 ** Math.max(0, shift - 1);
      for (const multiple of [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5]) {
        for (const step of [-1, 0, 1]) {
          const value = multiple * half + step;
          if (Math.abs(value) <= MOST) expectExact(value, shift, WIDE.low, WIDE.high);
        }
      }
    }
  });

  it("is exact next to ±2^53, where value + 2^(s−1) is no exact double", () => {
    for (let shift = 0; shift <= 52; shift++) {
      for (let step = 0; step < 40; step++) {
        for (const value of [MOST - step, step - MOST]) {
          expectExact(value, shift, WIDE.low, WIDE.high);
          expectExact(value, shift, -128, 127);
        }
      }
    }
  });

  it("is exact for any value, shift and clamp", () => {
    const clamps = fc.constantFrom([0, 255], [-128, 127], [0, 127], [0, 65535], [-32768, 32767], [0, 0], [-(2 ** 40), 2 ** 40 - 1]);
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 52 }), clamps, (value, shift, [low, high]) => {
        expectExact(value, shift, low, high);
      }),
      { seed: 20240, numRuns: 5000 },
    );
  });

  it("is monotone, which is why maxima may come first", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), fc.integer({ min: 0, max: 52 }), (a, b, shift) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        expect(requantizeValue(less, shift, -128, 127)).toBeLessThanOrEqual(requantizeValue(more, shift, -128, 127));
      }),
      { seed: 20241, numRuns: 2000 },
    );
  });
});
