import { watch, type WatchOptions } from "../../api/watch.js";
import type { WatchEvent } from "../../chain/watch/events.js";
import { count } from "../format.js";
import type { Session } from "../session.js";

export async function watchCommand(session: Session, options: WatchOptions): Promise<number> {
  const { role, wrong, events } = await watch({ ...options, session, onEvent: (event) => session.note(eventText(event)) });
  const alarms = events.filter(({ kind }) => kind === "alarm");
  session.print({ role, wrong, events }, [`${count(wrong.length)} wrong claims, ${count(alarms.length)} alarms, ${count(events.filter(({ kind }) => kind === "action").length)} transactions`]);
  return wrong.length > 0 ? 1 : 0;
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
