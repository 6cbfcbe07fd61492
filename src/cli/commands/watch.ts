import { resolve } from "node:path";
import { withClaims, requireRpc } from "../../chain/claims/withClaims.js";
import { DEFAULT_MAX_FEE } from "../../chain/fees.js";
import type { WatchEvent } from "../../chain/watch/events.js";
import { ComputedExecutions } from "../../chain/watch/executions.js";
import { type Role, Watcher } from "../../chain/watch/watcher.js";
import { FastExecutors } from "../../fast/index.js";
import { ModelLibrary } from "../../optimistic/execution/modelLibrary.js";
import { type ClaimsOptions, senderNote } from "../claims.js";
import { modelsDirectory, tracesDirectory } from "../committed.js";
import { count } from "../format.js";
import type { Session } from "../session.js";

export interface WatchOptions extends ClaimsOptions {
  readonly models?: string;
  readonly traces?: string;
  readonly as?: Role;
  readonly once?: boolean;
}

export async function watchCommand(session: Session, options: WatchOptions): Promise<number> {
  requireRpc(options);
  const { as = "watcher", once = false, maxFee = DEFAULT_MAX_FEE } = options;
  const library = new ModelLibrary(resolve(options.models ?? modelsDirectory()));
  const executors = new FastExecutors();
  const events: WatchEvent[] = [];
  const onEvent = (event: WatchEvent): void => {
    events.push(event);
    session.note(eventText(event));
  };
  const { signal } = session;
  const wrong = await withClaims(options, { writes: true, maxFee, signal, onEvent: (event) => session.note(senderNote(event)) }, async (account) => {
    session.note(`${as} ${await account.sender.address()}, contract ${account.address}, chain ${account.endpoints.chainId}, models: ${library.ids().join(", ") || "none"}`);
    const executions = new ComputedExecutions(account, library, executors, resolve(options.traces ?? tracesDirectory()), session.pool);
    const watcher = new Watcher(account, executions, { role: as, maxFee, signal, onEvent });
    await (once ? watcher.once() : watcher.run());
    await executions.settled();
    return watcher.wrong;
  }).finally(() => executors.close());
  const alarms = events.filter(({ kind }) => kind === "alarm");
  session.print({ role: as, wrong: [...wrong], events }, [`${count(wrong.size)} wrong claims, ${count(alarms.length)} alarms, ${count(events.filter(({ kind }) => kind === "action").length)} transactions`]);
  return wrong.size > 0 ? 1 : 0;
}

function eventText(event: WatchEvent): string {
  const of = "claimId" in event && event.claimId !== undefined ? ` claim ${event.claimId}` : "";
  switch (event.kind) {
    case "claim":
      return `${event.verdict === "wrong" ? "WRONG" : event.verdict}:${of} of model ${event.modelId} by ${event.operator}`;
    case "alarm":
      return `ALARM ${event.code}:${of} ${event.message}${event.hint === undefined ? "" : `\n  try: ${event.hint}`}`;
    case "action":
      return `${event.action}:${of}${event.root === undefined ? "" : `, game of ${event.root}`}, ${count(event.gasUsed)} gas (${event.transaction})`;
    case "refused":
      return `not done, ${event.action}:${of} ${event.message}`;
    case "ended":
      return `${event.status.toLowerCase()}:${of}`;
    case "endpoint":
      return `endpoint ${event.report.rpcUrl} ${event.report.state}${event.report.detail === "" ? "" : `: ${event.report.detail}`}`;
  }
}
