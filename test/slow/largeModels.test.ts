/** Models far beyond a circuit become programs whose every element a contract can recompute, in little time and memory. */
import { describe, expect, it } from "vitest";
import { GPT2_TOKENS, GPT2_WIDTH, gpt2BlockModel, gpt2BlockSamples } from "../../bench/models/gpt2Block.js";
import { RESNET50_INPUT, resnet50Model, resnet50Samples } from "../../bench/models/resnet50.js";
import { parseModel } from "../../src/onnx/read.js";
import { commitInMemory, MAX_CALLDATA, stepCosts } from "../../src/optimistic/model/index.js";
import { elementCount } from "../../src/math/shape.js";
import { elementBytes } from "../../src/program/elementType.js";
import { MAX_TERMS, type Plan, type Step } from "../../src/program/steps/index.js";
import { validateProgram } from "../../src/program/validate.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { quantizePrecisely } from "../../src/quantize/choosePrecision.js";
import { evaluate, type Evaluation } from "../../src/quantize/evaluate.js";
import { DEFAULT_PRECISION } from "../../src/quantize/precision.js";

interface Compiled {
  readonly parameters: number;
  readonly plan: Plan;
  readonly evaluation: Evaluation;
  readonly mostTerms: number;
  readonly mostCalldata: number;
}

/** Calibrates on half of the samples and measures on the others. */
async function compiled(bytes: Uint8Array, samples: readonly Float32Array[]): Promise<Compiled> {
  const graph = await parseModel(bytes, "large model");
  const [seen, others] = [samples.slice(0, samples.length / 2), samples.slice(samples.length / 2)].map((part) => part.map((data) => [data]));
  const { program } = await quantizePrecisely(graph, await calibrate(bytes, graph, seen), DEFAULT_PRECISION);
  validateProgram(program);
  const model = commitInMemory(program);
  const costs = stepCosts(model);
  return {
    parameters: [...graph.constants.values()].reduce((sum, { data }) => sum + data.length, 0),
    plan: model.plan,
    evaluation: await evaluate(bytes, graph, program, others, undefined),
    mostTerms: Math.max(...costs.map(({ terms }) => terms)),
    mostCalldata: Math.max(...costs.map(({ calldata }) => calldata)),
  };
}

const bytesOf = (steps: readonly Step[]): number => steps.reduce((sum, { count, type }) => sum + count * elementBytes(type), 0);

describe("ResNet-50", () => {
  it("takes 11.5 MB of trace, a step a layer", { timeout: 600_000 }, async () => {
    const { parameters, plan, evaluation, mostTerms, mostCalldata } = await compiled(resnet50Model(), resnet50Samples(4));
    expect(parameters).toBeGreaterThan(25e6);
    expect(evaluation.agreement).toBe(1);
    expect(evaluation.errorOfRange).toBeLessThan(1);
    expect([mostTerms, plan.inputs[0].count]).toEqual([MAX_TERMS, elementCount(RESNET50_INPUT)]);
    expect(mostCalldata).toBeLessThan(MAX_CALLDATA / 5);
    // 53 convolutions, the input's layout, the pools and the classifier; sums are inside.
    expect(plan.steps).toHaveLength(58);
    expect(bytesOf(plan.steps)).toBeLessThan(11.6e6);
    expect(plan.steps.filter(({ tail }) => tail.some(({ kind }) => kind === "add"))).toHaveLength(16);
  });
});

describe("a block of GPT-2", () => {
  it("errs by less than 2 % of the range", { timeout: 600_000 }, async () => {
    const { plan, evaluation, mostTerms, mostCalldata } = await compiled(gpt2BlockModel(), gpt2BlockSamples(8));
    expect(plan.inputs[0].count).toBe(GPT2_TOKENS * GPT2_WIDTH);
    expect(evaluation.errorOfRange).toBeLessThan(1);
    expect(mostTerms).toBe(4 * GPT2_WIDTH);
    expect(mostCalldata).toBeLessThan(MAX_CALLDATA / 4);
    expect(plan.steps.length).toBeLessThan(50);
  });
});
