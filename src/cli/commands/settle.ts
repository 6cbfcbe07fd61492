import { settle, type SettleOptions } from "../../api/settle.js";
import { etherText } from "../claims.js";
import { count, table } from "../format.js";
import type { Session } from "../session.js";

/** 0 whichever way the proof decides: it is the command's result, not its success. */
export async function settleCommand(session: Session, claimId: string, options: SettleOptions): Promise<number> {
  const result = await settle(claimId, { ...options, session });
  const { outcome, beneficiary, reward, transaction, gasUsed } = result;
  session.print({ ...result, gasUsed: Number(gasUsed), timingsMs: session.stages.timingsMs }, table([
    ["claim", `${claimId} is ${outcome === "final" ? "final: the proof shows its outputs" : "DEFEATED: the proof shows other outputs"}`],
    ...(outcome === "defeated" ? [["reward", `${etherText(reward)}, for ${beneficiary}`] as [string, string]] : []),
    ["gas", `${count(gasUsed)} (${transaction})`],
  ]));
  return 0;
}
