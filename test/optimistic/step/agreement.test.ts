/** The contract, its mirror and the reference executor agree on every element. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ModelTrees, proveStep } from "../../../src/optimistic/step/index.js";
import { OPERATION_KINDS } from "../../../src/program/ops/index.js";
import type { OperationKind, Program, TensorData } from "../../../src/program/types.js";
import { CASES, elements } from "../../program/cases.js";
import { allKinds } from "../../program/allKinds.js";
import { programOf } from "../../program/oneOperation.js";
import { randomProgram } from "../../program/randomProgram.js";
import { Draw } from "../../program/seeded.js";
import { type Committed, committed } from "./support/execution.js";
import { type ExecutorChain, type Question, signed, startExecutor } from "./support/executorChain.js";
import { stepAbi } from "./support/proofAbi.js";

const FUZZ = process.env.FUZZ === "1";
const CASES_A_KIND = FUZZ ? 20_000 : 1_000;

let chain: ExecutorChain;

beforeAll(async () => {
  chain = await startExecutor();
});

afterAll(async () => {
  await chain.close();
});

/** Questions to the contract with the answers that the reference gives. */
class Comparison {
  readonly #questions: Question[] = [];
  readonly #expected: bigint[] = [];

  get size(): number {
    return this.#questions.length;
  }

  /** One element of a step; the mirror is compared at once. */
  add({ model, trace, modelId, traceRoot, values }: Committed, slot: number, element: number): void {
    const { value, proof } = proveStep(model, trace, slot, element, { kind: "whole" });
    expect(value).toBe(BigInt(values[slot][element]));
    this.#questions.push({ name: "execute", args: [modelId, traceRoot, slot, element, stepAbi(proof)] });
    this.#expected.push(value);
  }

  async check(): Promise<void> {
    expect((await chain.ask(this.#questions)).map(signed)).toEqual(this.#expected);
  }
}

function elementsOf(draw: Draw, count: number): number[] {
  return [...new Set([0, count - 1, ...draw.list(4, () => draw.integer(0, count - 1))])];
}

function stepsOf({ plan }: ModelTrees): readonly { readonly slot: number; readonly count: number }[] {
  return plan.steps;
}

async function compareAll(draw: Draw, atLeast: number, next: () => { readonly program: Program; readonly inputs: readonly TensorData[] }): Promise<void> {
  for (let done = 0; done < atLeast; ) {
    const comparison = new Comparison();
    while (comparison.size < Math.min(1000, atLeast - done)) {
      const { program, inputs } = next();
      const execution = committed(program, inputs);
      for (const { slot, count } of stepsOf(execution.model)) for (const element of elementsOf(draw, count)) comparison.add(execution, slot, element);
    }
    await comparison.check();
    done += comparison.size;
  }
}

describe("attack dispute-05: the step on chain", () => {
  it.each(OPERATION_KINDS.filter((kind) => kind !== "reshape"))("agrees with the reference on %s", async (kind: OperationKind) => {
    const draw = new Draw(0x57e9 + OPERATION_KINDS.indexOf(kind));
    await compareAll(draw, CASES_A_KIND, () => {
      const test = CASES[kind](draw, draw.chance(0.5) ? "small" : "extreme");
      return { program: programOf(test), inputs: test.operands.map(({ type, data }) => (type === "i64" ? new Float64Array(data.length) : Float64Array.from(data))) };
    });
  });

  it("agrees with the reference on every step of random programs", async () => {
    const draw = new Draw(0x94091);
    const withInputs = (program: Program): { readonly program: Program; readonly inputs: readonly TensorData[] } => {
      const tensors = program.inputs.map(({ tensor }) => program.tensors[tensor]);
      return { program, inputs: tensors.map(({ shape, type }) => Float64Array.from(elements(draw, type, shape.reduce((a, b) => a * b, 1)))) };
    };
    await compareAll(draw, CASES_A_KIND, () => withInputs(draw.chance(0.1) ? allKinds() : randomProgram(draw)));
  });
});
