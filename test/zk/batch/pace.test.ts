import { describe, expect, it } from "vitest";
import { Pace } from "../../../src/zk/batch/pace.js";

describe("pace", () => {
  it("says nothing of speed before the first is done", () => {
    expect(new Pace(0).describe(0, 1200)).toBe("0 of 1,200");
  });

  it("says how fast the last ones came, and how long the rest takes", () => {
    const pace = new Pace(1000);
    for (let i = 1; i <= 10; i++) pace.count(1000 + 250 * i);
    expect(pace.rate).toBeCloseTo(4);
    expect(pace.describe(10, 100)).toBe("10 of 100, 4.0/s, 23 s left");
    expect(pace.describe(10, 1000)).toBe("10 of 1,000, 4.0/s, 4 min 8 s left");
    // Forty slow ones: the fast beginning is forgotten.
    for (let i = 1; i <= 40; i++) pace.count(3500 + 5000 * i);
    expect(pace.describe(50, 3000)).toBe("50 of 3,000, 5.0 s each, 4 h 5 min left");
  });

  it("has no rate without time", () => {
    const pace = new Pace(5);
    pace.count(5);
    expect(pace.rate).toBeUndefined();
  });
});
