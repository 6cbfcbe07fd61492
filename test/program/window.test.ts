/** The few positions of a sliding window that stand for all others. */
import { describe, expect, it } from "vitest";
import { distinctPositions, windowCells, windowOutput } from "../../src/program/window.js";
import { Draw } from "./seeded.js";

/** Kernel cells inside the tensor, by position. */
function insideOf(spatial: readonly number[], window: Parameters<typeof windowCells>[1]): string[] {
  const { offsets, kernelIndex } = windowCells(spatial, window);
  return Array.from({ length: offsets.length - 1 }, (_, position) => kernelIndex.slice(offsets[position], offsets[position + 1]).join());
}

describe("distinct positions", () => {
  it("show every set of cells once", () => {
    let repeated = 0;
    for (let seed = 0; seed < 500; seed++) {
      const draw = new Draw(seed);
      const axes = draw.integer(1, 3);
      const list = (low: number, high: number): number[] => draw.list(axes, () => draw.integer(low, high));
      const spatial = list(1, 7);
      const window = { kernel: list(1, 4), strides: list(1, 3), dilations: list(1, 3), padsBegin: list(0, 5), padsEnd: list(0, 5) };
      if (windowOutput(spatial, window).some((size) => size < 1)) continue;
      const inside = insideOf(spatial, window);
      const distinct = distinctPositions(spatial, window).map((position) => inside[position]);
      expect(new Set(distinct), `seed ${seed}`).toEqual(new Set(inside));
      if (distinct.length < inside.length) repeated++;
    }
    expect(repeated).toBeGreaterThan(100);
  });

  it("of a convolution with padding are nine", () => {
    const window = { kernel: [3, 3], strides: [1, 1], dilations: [1, 1], padsBegin: [1, 1], padsEnd: [1, 1] };
    expect(distinctPositions([56, 56], window)).toHaveLength(9);
  });
});
