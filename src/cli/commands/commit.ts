import { commit, type CommitOptions } from "../../api/commit.js";
import type { StepCost } from "../../optimistic/model/index.js";
import { outputErrorLines } from "../fidelityText.js";
import { count, table, timingLines } from "../format.js";
import type { Session } from "../session.js";

interface CommitCommandOptions extends CommitOptions {
  readonly steps?: boolean;
}

/** So many of the dearest steps are shown, unless all are asked for. */
const SHOWN = 5;

export async function commitCommand(session: Session, path: string, options: CommitCommandOptions): Promise<number> {
  const committed = await commit(path, { ...options, session });
  const { directory, reused, modelId, slots, tensors, lengths, worst, steps, fidelity } = committed;
  const { timingsMs } = session.stages;
  session.print({ ...committed, timingsMs }, [
    ...table([
      ["directory", `${directory}${reused ? " (there before)" : ""}`],
      ["model id", modelId],
      ["tensors", `${count(slots)} committed of ${count(tensors)}`],
      ["constants", `${count(lengths.weights)} bytes of weights, ${count(lengths.tables)} of tables`],
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
