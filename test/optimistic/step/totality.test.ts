/** Steps that no program has: whatever is committed to, there is a value, and the contract and its mirror agree on it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { elementValue, finishValue, foldSegments, proveStep, segmentCount, segmentValues, stepData, type StepPart } from "../../../src/optimistic/step/index.js";
import type { Step } from "../../../src/program/steps/index.js";
import { Draw } from "../../program/seeded.js";
import type { Abi } from "./support/abi.js";
import { type ExecutorChain, type Question, signed, startExecutor } from "./support/executorChain.js";
import { type Handmade, handmade, KINDS } from "./support/handmade.js";
import { stepAbi } from "./support/proofAbi.js";

const CASES_A_KIND = process.env.FUZZ === "1" ? 20_000 : 350;

let chain: ExecutorChain;

beforeAll(async () => {
  chain = await startExecutor();
});

afterAll(async () => {
  await chain.close();
});

const SEGMENTED: ReadonlySet<string> = new Set(["dot", "matmul", "sumPool", "maxPool"]);

describe("any step of the right form", () => {
  it.each(KINDS)("has the same value on chain: %s", async (kind) => {
    const draw = new Draw(0x707a1 + KINDS.indexOf(kind));
    for (let done = 0; done < CASES_A_KIND; done += 350) {
      const asked = draw.list(350, () => question(handmade(draw, kind), draw));
      const answers = await chain.ask(asked.map(({ question: text }) => text));
      expect(answers.map(signed)).toEqual(asked.map(({ value }) => value));
    }
  });

  it.each([...SEGMENTED])("comes to the same value segment by segment: %s", (kind) => {
    const draw = new Draw(0x5e9);
    for (let i = 0; i < 150; i++) {
      const { model, trace, step } = handmade(draw, kind as (typeof KINDS)[number]);
      const data = stepData(model, trace, step);
      const element = anElement(draw, step.count);
      expect(finishValue(step, element, foldSegments(step, segmentValues(step, element, data)), data)).toBe(elementValue(step, element, data));
    }
  });
});

function question({ model, trace, modelId, traceRoot, step }: Handmade, draw: Draw): { readonly question: Question; readonly value: bigint } {
  const element = anElement(draw, step.count);
  const { name, part, argument } = partOf(step, draw);
  const { value, proof } = proveStep(model, trace, step.slot, element, part);
  return { value, question: { name, args: [modelId, traceRoot, step.slot, element, ...argument, stepAbi(proof)] } };
}

/** Mostly one of the first, whose reads lie within. */
function anElement(draw: Draw, count: number): number {
  return draw.chance(0.7) ? draw.integer(0, Math.min(count, 40) - 1) : draw.edgy(0, count - 1);
}

function partOf(step: Step, draw: Draw): { readonly name: string; readonly part: StepPart; readonly argument: readonly Abi[] } {
  const segments = segmentCount(step);
  if (!SEGMENTED.has(step.core.kind) || draw.chance(segments > 1 ? 0.3 : 0.7)) return { name: "execute", part: { kind: "whole" }, argument: [] };
  if (draw.chance(0.5)) {
    const index = draw.integer(0, segments - 1);
    return { name: "segment", part: { kind: "segment", index }, argument: [index] };
  }
  const partials = draw.list(segments, () => draw.pick([0n, 2n ** 255n - 1n, -(2n ** 255n), BigInt(draw.integer(-(2 ** 50), 2 ** 50))]));
  return { name: "finish", part: { kind: "finish", accumulator: foldSegments(step, partials) }, argument: [{ list: partials }] };
}
