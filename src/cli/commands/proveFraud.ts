import { dirname, resolve } from "node:path";
import { proveTraceWrong } from "../../chain/claims/proveTraceWrong.js";
import type { TraceFraud } from "../../chain/claims/proveFraud.js";
import { requireRpc } from "../../chain/claims/withClaims.js";
import type { Hex } from "../../chain/hex.js";
import { FastExecutors } from "../../fast/index.js";
import { ModelLibrary } from "../../optimistic/execution/modelLibrary.js";
import { claimsAccount, type ClaimsOptions } from "../claims.js";
import { modelsDirectory, tracesDirectory } from "../committed.js";
import { isDirectory } from "../model.js";
import { count, table } from "../format.js";
import type { Session } from "../session.js";

export interface ProveFraudOptions extends ClaimsOptions {
  readonly trace: string;
  readonly models?: string;
  readonly traces?: string;
}

/** 1 where the trace is right. */
export async function proveFraudCommand(session: Session, claimId: Hex, options: ProveFraudOptions): Promise<number> {
  requireRpc(options);
  const directory = resolve(isDirectory(options.trace) ? options.trace : dirname(options.trace));
  const library = new ModelLibrary(resolve(options.models ?? modelsDirectory()));
  const executors = new FastExecutors();
  const sources = { library, executors, traces: resolve(options.traces ?? tracesDirectory()), pool: session.pool };
  const { wrong, transaction, gasUsed = 0n } = await claimsAccount(session, options, (account) => proveTraceWrong(account, claimId, directory, sources, session.stages)).finally(() => executors.close());
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
