/** The sample that is recomputed before a bond is posted. */
import { describe, expect, it } from "vitest";
import { treeOfBytes } from "../../../src/math/merkle.js";
import { commitInMemory } from "../../../src/optimistic/model/index.js";
import { checkSample, referenceTrace, Trace } from "../../../src/optimistic/trace/index.js";
import { elementBytes } from "../../../src/program/elementType.js";
import { allKinds } from "../../program/allKinds.js";
import { randomProgram } from "../../program/randomProgram.js";
import { Draw } from "../../program/seeded.js";
import { SeededRandom } from "../../support/random.js";
import { randomInputs } from "../model/inputs.js";

const program = allKinds();
const model = commitInMemory(program);
const honest = referenceTrace(model.plan, randomInputs(program, 4));
const seeded = (seed: number) => {
  const random = new SeededRandom(seed);
  return (bound: number): number => random.below(bound);
};

/** The trace with the lowest bit of some elements of a slot flipped. */
function falsified(slot: number, wrong: (element: number) => boolean): Trace {
  const tensors = honest.tensors.map((tensor, i) => {
    if (i !== slot) return tensor;
    const width = elementBytes(tensor.type);
    return { ...tensor, tree: treeOfBytes(tensor.tree.bytes().map((byte, at) => (at % width === 0 && wrong(at / width) ? byte ^ 1 : byte))) };
  });
  return new Trace(tensors);
}

describe("the sample", () => {
  it("finds nothing wrong with what the reference computes", () => {
    for (let seed = 0; seed < 5; seed++) {
      expect(checkSample(model, honest, { random: seeded(seed) })).toBeUndefined();
      const drawn = randomProgram(new Draw(seed + 40));
      const other = commitInMemory(drawn);
      expect(checkSample(other, referenceTrace(other.plan, randomInputs(drawn, seed)))).toBeUndefined();
    }
  });

  it("finds every step that is wrong everywhere, with one chunk a step", () => {
    for (const { slot, node } of model.plan.steps) {
      const found = checkSample(model, falsified(slot, () => true), { chunks: 0, elements: 1, random: seeded(slot) });
      expect(found).toMatchObject({ slot, node });
      expect((found?.traced ?? 0n) ^ (found?.recomputed ?? 0n)).toBe(1n);
    }
  });

  it("finds one wrong element when it looks at all", () => {
    for (const { slot, count } of model.plan.steps) {
      const wrong = count - 1;
      expect(checkSample(model, falsified(slot, (element) => element === wrong), { chunks: 400, elements: 512, random: seeded(slot) })).toMatchObject({ slot, element: wrong });
    }
  });

  it("draws different elements each time", () => {
    const { slot } = model.plan.steps[0];
    const found = Array.from({ length: 20 }, () => checkSample(model, falsified(slot, () => true), { chunks: 0, elements: 1 })?.element);
    expect(new Set(found).size).toBeGreaterThan(3);
  });
});
