/** Disputes over real models: wrong elements everywhere are found and slashed, true claims survive, within the stated gas. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resnet50Model, resnet50Samples } from "../../bench/models/resnet50.js";
import { DEFAULT_PARAMETERS } from "../../src/chain/claims/deployment.js";
import { Rehearsal } from "../../src/chain/rehearsal/rehearsal.js";
import { FastExecutors } from "../../src/fast/index.js";
import { parseModel } from "../../src/onnx/read.js";
import { checkedTrace } from "../../src/optimistic/execution/computeTrace.js";
import { type CommittedModel, commitInMemory } from "../../src/optimistic/model/index.js";
import type { Lie } from "../../src/optimistic/rehearsal/liar.js";
import type { Trace } from "../../src/optimistic/trace/index.js";
import { WorkerPool } from "../../src/pool/index.js";
import { Stages } from "../../src/progress.js";
import { termsOf } from "../../src/program/steps/index.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { quantizePrecisely } from "../../src/quantize/choosePrecision.js";
import { DEFAULT_PRECISION } from "../../src/quantize/precision.js";
import { quantizeSample } from "../../src/quantize/sampleValues.js";
import { SeededRandom } from "../support/random.js";
import { RECOGNIZER_OUTPUT, recognizerModel } from "./recognizerModel.js";
import { renderUprightLines } from "./textLines.js";

const SEEDED = 20;
const ATTACKS = 3;

interface Subject {
  readonly name: string;
  readonly model: () => Uint8Array;
  readonly samples: () => Float32Array[];
  /** The output that is claimed. */
  readonly output: string | undefined;
}

const SUBJECTS: readonly Subject[] = [
  { name: "the text recognizer", model: recognizerModel, samples: () => renderUprightLines(40, 4).map(({ pixels }) => pixels), output: RECOGNIZER_OUTPUT },
  { name: "ResNet-50", model: () => resnet50Model(), samples: () => resnet50Samples(2), output: undefined },
];

describe.each(SUBJECTS)("$name", ({ model: bytesOf, samples: samplesOf, output }) => {
  const scratch = mkdtempSync(join(tmpdir(), "assay-test-"));
  const executors = new FastExecutors();
  const pool = new WorkerPool();
  let model: CommittedModel;
  let trace: Trace;

  beforeAll(async () => {
    const [bytes, samples] = [bytesOf(), samplesOf()];
    const graph = await parseModel(bytes, "model");
    const calibrated = await calibrate(bytes, graph, samples.map((sample) => [Float64Array.from(sample)]));
    const { program } = await quantizePrecisely(graph, calibrated, DEFAULT_PRECISION, "fixed");
    if (output !== undefined) expect(program.outputs.map(({ name }) => name)).toEqual([output]);
    model = commitInMemory(program);
    const { inputs } = quantizeSample(program, [Float64Array.from(samples[0])]);
    trace = await checkedTrace(model, executors, inputs, join(scratch, "trace"), pool, new Stages());
  }, 1_800_000);
  afterAll(async () => {
    await executors.close();
    await pool.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  it("every wrong claim is defeated, at 20 seeded elements and one in every kind of operation", { timeout: 3_600_000 }, async () => {
    const lies = [...seededLies(model, 71), ...liesByKind(model)];
    await Rehearsal.on(DEFAULT_PARAMETERS, async (rehearsal) => {
      for (const lie of lies) {
        const { status, transactions, payments } = await rehearsal.dispute(model, trace, lie);
        const { node, core } = model.plan.steps[lie.slot - model.plan.inputs.length];
        const where = `${node} (${core.kind}, ${termsOf(core)} terms), element ${lie.element}`;
        expect(status, where).toBe("Defeated");
        expect(transactions.length, where).toBeLessThanOrEqual(12);
        expect(payments.map(({ action }) => action), where).toContain("withdraw");
      }
    });
  });

  it("true claims become final, whatever is opened against them", { timeout: 1_200_000 }, async () => {
    await Rehearsal.on(DEFAULT_PARAMETERS, async (rehearsal) => {
      for (const lie of seededLies(model, 72).slice(0, ATTACKS)) {
        const { status, transactions } = await rehearsal.attack(model, trace, lie);
        expect(status).toBe("Final");
        expect(transactions.map(({ action }) => action)).toContain("open");
      }
    });
  });
});

function seededLies({ plan }: CommittedModel, seed: number): Lie[] {
  const draw = new SeededRandom(seed);
  return Array.from({ length: SEEDED }, () => {
    const step = plan.steps[draw.below(plan.steps.length)];
    return { slot: step.slot, element: draw.below(step.count) };
  });
}

/** The last element of the first step that has an operation of each kind. */
function liesByKind({ plan }: CommittedModel): Lie[] {
  const kinds = new Set(plan.steps.flatMap(({ operations }) => operations.map(({ kind }) => kind)));
  return [...kinds].map((kind) => {
    const step = plan.steps.find(({ operations }) => operations.some((operation) => operation.kind === kind));
    if (step === undefined) throw new Error(`no step has ${kind}`);
    return { slot: step.slot, element: step.count - 1 };
  });
}
