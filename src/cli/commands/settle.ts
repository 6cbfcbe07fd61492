import { settleClaim } from "../../chain/claims/settleClaim.js";
import { requireRpc } from "../../chain/claims/withClaims.js";
import type { Hex } from "../../chain/hex.js";
import { readProofDirectory } from "../../zk/bundle.js";
import { claimsAccount, type ClaimsOptions, etherText } from "../claims.js";
import { count, table } from "../format.js";
import type { Session } from "../session.js";

export interface SettleOptions extends ClaimsOptions {
  readonly proof: string;
}

/** 0 whichever way the proof decides: it is the command's result, not its success. */
export async function settleCommand(session: Session, claimId: Hex, options: SettleOptions): Promise<number> {
  requireRpc(options);
  const directory = readProofDirectory(options.proof);
  const result = await claimsAccount(session, options, (account) => settleClaim(account, claimId, directory, session.stages));
  const { outcome, beneficiary, reward, transaction, gasUsed } = result;
  session.print({ ...result, gasUsed: Number(gasUsed), timingsMs: session.stages.timingsMs }, table([
    ["claim", `${claimId} is ${outcome === "final" ? "final: the proof shows its outputs" : "DEFEATED: the proof shows other outputs"}`],
    ...(outcome === "defeated" ? [["reward", `${etherText(reward)}, for ${beneficiary}`] as [string, string]] : []),
    ["gas", `${count(gasUsed)} (${transaction})`],
  ]));
  return 0;
}
