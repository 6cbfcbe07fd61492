import { proveFraud, type ProveFraudOptions } from "../../api/proveFraud.js";
import type { TraceFraud } from "../../chain/claims/proveFraud.js";
import { count, table } from "../format.js";
import type { Session } from "../session.js";

/** 1 where the trace is right. */
export async function proveFraudCommand(session: Session, claimId: string, options: ProveFraudOptions): Promise<number> {
  const { wrong, transaction, gasUsed = 0n } = await proveFraud(claimId, { ...options, session });
  const { timingsMs } = session.stages;
  if (wrong === undefined) {
    session.print({ claimId, defeated: false, timingsMs }, ["nothing to prove: the trace is right"]);
    return 1;
  }
  session.print({ claimId, defeated: true, wrong, transaction, gasUsed: Number(gasUsed), timingsMs }, table([
    ["claim", `${claimId} is defeated`],
    ...wrongRows(wrong),
    ["gas", `${count(gasUsed)} (${transaction ?? ""})`],
  ]));
  return 0;
}

function wrongRows(wrong: TraceFraud): [string, string][] {
  switch (wrong.kind) {
    case "element":
      return [["node", wrong.node], ["element", `${count(wrong.element)}: claimed ${wrong.claimed}, computed ${wrong.computed}`]];
    case "padding":
      return [["node", wrong.node], ["padding", `byte ${count(wrong.byte)}, behind the tensor's end, is not 0`]];
    case "tail":
      return [["node", wrong.node], ["padding", `chunk ${count(wrong.chunk)}, behind the tensor's last one, is not of zeros`]];
    case "unused":
      return [["slot", `${count(wrong.slot)}, which the model does not use, is not empty`]];
  }
}
