/** The larger bundled models on 1,000 test images. */
import { describe, expect, it } from "vitest";
import { evaluated, pointsLost } from "../support/fashion.js";

describe.each(["fashion_resnet8", "fashion_vit"])("%s", (name) => {
  it("loses at most 0.3 points of accuracy", { timeout: 600_000 }, async () => {
    const result = await evaluated(name, 1000);
    expect(result.samples).toBe(1000);
    expect(result.floatAccuracy).toBeGreaterThan(0.85);
    expect(pointsLost(result)).toBeLessThanOrEqual(0.3);
    expect(result.errorOfRange).toBeLessThanOrEqual(1);
  });
});
