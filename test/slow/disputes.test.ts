/** Disputes over real models: wrong elements everywhere are found and slashed, true claims survive, within the stated gas. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_PARAMETERS } from "../../src/chain/claims/deployment.js";
import { Rehearsal } from "../../src/chain/rehearsal/rehearsal.js";
import type { CommittedModel } from "../../src/optimistic/model/index.js";
import type { Lie } from "../../src/optimistic/rehearsal/liar.js";
import type { Trace } from "../../src/optimistic/trace/index.js";
import { termsOf } from "../../src/program/steps/index.js";
import { SeededRandom } from "../support/random.js";
import { type Prepared, PREPARATION_MS, prepare, SUBJECTS } from "./subjects.js";

const SEEDED = 20;
const ATTACKS = 3;

describe.each(SUBJECTS)("$name", (subject) => {
  let prepared: Prepared;
  let model: CommittedModel;
  let trace: Trace;

  beforeAll(async () => {
    prepared = await prepare(subject);
    ({ model, trace } = prepared);
  }, PREPARATION_MS);
  afterAll(() => prepared.close());

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
