/** Games about real programs, with the evidence that the contract takes, in one step of every kind. */
import { describe, expect, it } from "vitest";
import { stepEvidence } from "../../../src/optimistic/dispute/evidence.js";
import type { Hash } from "../../../src/optimistic/dispute/hash.js";
import type { Judge, Judged, Question } from "../../../src/optimistic/dispute/judge.js";
import { questionOf } from "../../../src/optimistic/dispute/question.js";
import { type GameModel, gameModelOf } from "../../../src/optimistic/dispute/views.js";
import {
  type DescriptorProof, elementValue, finishValue, foldSegments, type ModelTrees, modelTrees, segmentValue, stepData, stepOf, type StepProof,
} from "../../../src/optimistic/step/index.js";
import { referenceTrace, type Trace } from "../../../src/optimistic/trace/trace.js";
import { elementBytes } from "../../../src/program/elementType.js";
import { OPERATION_KINDS } from "../../../src/program/ops/index.js";
import type { Program, TensorData } from "../../../src/program/types.js";
import { CASES } from "../../program/cases.js";
import { programOf } from "../../program/oneOperation.js";
import { Draw } from "../../program/seeded.js";
import { attentionProgram, matmulProgram } from "../../support/operationPrograms.js";
import { SeededRandom } from "../../support/random.js";
import { playing } from "./support/agents.js";
import { address, Arena, playToEnd } from "./support/arena.js";
import { replaced, withByte } from "./support/memoryTrace.js";

const OPERATOR = address(1);
const CHALLENGER = address(2);

/** Computes by the steps' own values; proofs are the contract's affair. */
class StepJudge implements Judge<DescriptorProof, StepProof> {
  readonly #traces = new Map<Hash, Trace>();
  readonly #facts: GameModel;

  constructor(private readonly model: ModelTrees) {
    this.#facts = gameModelOf(model.plan);
  }

  learn(trace: Trace): void {
    this.#traces.set(trace.root, trace);
  }

  describe(_claimId: Hash, slot: number): ReturnType<Judge<DescriptorProof, StepProof>["describe"]> {
    return { value: { ...this.#facts.slots[slot], malformed: false } };
  }

  execute(question: Question): Judged<bigint> {
    const { step, data } = this.#stepOf(question);
    return { value: elementValue(step, question.element, data) };
  }

  segment(question: Question, segment: number): Judged<bigint> {
    const { step, data } = this.#stepOf(question);
    return { value: segmentValue(step, question.element, segment, data) };
  }

  finish(question: Question, partials: readonly bigint[]): Judged<bigint> {
    const { step, data } = this.#stepOf(question);
    return { value: finishValue(step, question.element, foldSegments(step, partials), data) };
  }

  #stepOf({ root, slot }: Question) {
    const trace = this.#traces.get(root);
    if (trace === undefined) throw new Error(`no trace has the root ${root}`);
    const step = stepOf(this.model.plan, slot);
    return { step, data: stepData(this.model, trace, step) };
  }
}

/** A claim that is wrong in one element, and the game about it. */
function play(model: ModelTrees, honest: Trace, wrong: Trace, claimed: Trace): Arena<DescriptorProof, StepProof> {
  const facts = gameModelOf(model.plan);
  const judge = new StepJudge(model);
  for (const trace of [honest, wrong]) judge.learn(trace);
  const arena = new Arena(facts, judge, new SeededRandom(1));
  const claimId = arena.post(claimed, OPERATOR);
  const opened = claimed === honest ? wrong : honest;
  expect(arena.open(claimId, opened, opened.expansion({ area: "trace", levels: opened.roots.depth, index: 0 }), CHALLENGER)).toBeUndefined();
  const party = (trace: Trace, side: "Operator" | "Challenger") => ({ side, model: facts, trace, evidence: stepEvidence(model, trace) });
  const operator = playing(party(claimed, "Operator"), OPERATOR);
  playToEnd(arena, claimId, operator, [{ root: opened.root, challengers: [playing(party(opened, "Challenger"), CHALLENGER)] }]);
  // Partial results of the right operands do not end in a wrong value.
  expect(arena.rejections.filter(({ sender, name }) => name !== "SumsMismatch" || claimed === honest || sender !== OPERATOR)).toEqual([]);
  expect(arena.game(claimId, opened.root).phase).toBe(claimed === honest ? "ChallengerLost" : "ClaimLost");
  const question = questionOf(facts, arena.game(claimId, opened.root), honest);
  if (question?.kind === "element") expect(honest.element(question.slot, question.element)).toBe(question.own);
  return arena;
}

function disputeEverySteps(program: Program, inputs: readonly TensorData[]): void {
  const model = modelTrees(program);
  const honest = referenceTrace(model.plan, inputs);
  for (const { slot, count, type } of model.plan.steps) {
    for (const element of new Set([0, count - 1])) {
      const wrong = replaced(honest, slot, withByte(honest.tensors[slot], element * elementBytes(type), (byte) => byte ^ 1));
      play(model, honest, wrong, wrong);
      play(model, honest, wrong, honest);
    }
  }
}

describe("games about programs", () => {
  it.each(OPERATION_KINDS.filter((kind) => kind !== "reshape"))("every step around %s", (kind) => {
    const draw = new Draw(77 + OPERATION_KINDS.indexOf(kind));
    for (let i = 0; i < 10; i++) {
      const test = CASES[kind](draw, "small");
      disputeEverySteps(programOf(test), test.operands.map(({ type, data }) => (type === "i64" ? new Float64Array(data.length) : Float64Array.from(data))));
    }
  });

  it("a composition", () => disputeEverySteps(attentionProgram(), [Float64Array.of(3, -7, 100, 5), Float64Array.of(200, 1, 0, 9)]));

  it("a reduction of four segments", () => {
    const length = 1700;
    const row = (salt: number): Float64Array => Float64Array.from({ length: 2 * length }, (_, i) => ((i * 31 + salt) % 255) - 127);
    disputeEverySteps(matmulProgram(2, 2, length, ["i8", "i8"]), [row(1), row(5)]);
  });
});
