import { resolve } from "node:path";
import type { StepCost } from "../../optimistic/model/index.js";
import { affordableCosts, committedModel } from "../committed.js";
import { outputErrorLines } from "../fidelityText.js";
import { count, table, timingLines } from "../format.js";
import type { ModelOptions } from "../model.js";
import type { Session } from "../session.js";

export interface CommitOptions extends ModelOptions {
  readonly output?: string;
  readonly steps?: boolean;
}

/** So many of the dearest steps are shown, unless all are asked for. */
const SHOWN = 5;

export async function commitCommand(session: Session, path: string, options: CommitOptions): Promise<number> {
  const { model, directory, reused, fidelity } = await committedModel(session, path, options, options.output === undefined ? undefined : resolve(options.output));
  const steps = await session.stages.stage("costs", () => affordableCosts(model));
  const { header, modelId } = model;
  const worst = { calldata: Math.max(...steps.map(({ calldata }) => calldata)), gas: Math.max(...steps.map(({ gas = 0 }) => gas)) };
  const { timingsMs } = session.stages;
  const roots = { structure: header.structureRoot, steps: header.stepsTop, weights: header.weightsRoot, tables: header.tablesRoot, parameters: header.parametersRoot };
  session.print({ directory, reused, modelId, roots, slots: header.slots, worst, steps, fidelity: fidelity === undefined ? undefined : { outputs: fidelity.outputs }, timingsMs }, [
    ...table([
      ["directory", `${directory}${reused ? " (there before)" : ""}`],
      ["model id", modelId],
      ["tensors", `${count(header.slots)} committed of ${count(model.program.tensors.length)}`],
      ["constants", `${count(header.weightsLength)} bytes of weights, ${count(header.tablesLength)} of tables`],
      ["dearest proof", `about ${count(worst.gas)} gas; most calldata ${count(worst.calldata)} bytes`],
    ]),
    ...stepLines(steps, options.steps === true),
    ...(fidelity === undefined ? [] : outputErrorLines(fidelity.outputs)),
    ...timingLines(timingsMs),
  ]);
  return 0;
}

function stepLines(steps: readonly StepCost[], all: boolean): string[] {
  const shown = all ? steps : steps.toSorted((a, b) => (b.gas ?? 0) - (a.gas ?? 0)).slice(0, SHOWN);
  return table(shown.map(({ node, kind, terms, calldata, gas = 0 }): [string, string] => [`  ${node}`, `${kind}, ${count(terms)} terms, ${count(calldata)} bytes, about ${count(gas)} gas`]));
}
