import { resolve } from "node:path";
import { challengeClaim } from "../../chain/claims/challengeClaim.js";
import type { Hex } from "../../chain/hex.js";
import { FastExecutors } from "../../fast/index.js";
import { ModelLibrary } from "../../optimistic/execution/modelLibrary.js";
import { claimsAccount, type ClaimsOptions, etherText } from "../claims.js";
import { modelsDirectory, tracesDirectory } from "../committed.js";
import { requireRpc } from "../../chain/claims/withClaims.js";
import { count, table } from "../format.js";
import type { Session } from "../session.js";

export interface ChallengeOptions extends ClaimsOptions {
  readonly models?: string;
  readonly traces?: string;
}

/** 1 where the claim is right, so that there is nothing to challenge. */
export async function challengeCommand(session: Session, claimId: Hex, options: ChallengeOptions): Promise<number> {
  requireRpc(options);
  const library = new ModelLibrary(resolve(options.models ?? modelsDirectory()));
  const executors = new FastExecutors();
  const sources = { library, executors, traces: resolve(options.traces ?? tracesDirectory()), pool: session.pool };
  const result = await claimsAccount(session, options, (account) => challengeClaim(account, claimId, sources, session.stages, options.maxFee)).finally(() => executors.close());
  const { verdict, gameId, root, claimed, transaction, gasUsed = 0n, bond = 0n } = result;
  const { timingsMs } = session.stages;
  if (verdict === "right") {
    session.print({ claimId, verdict, root, timingsMs }, [`nothing to challenge: the claim is right, this machine computes the same trace ${root}`]);
    return 1;
  }
  session.print({ ...result, claimId, gasUsed: Number(gasUsed), timingsMs }, [
    ...table([
      ["claim", `${claimId} is WRONG`],
      ["game", `${gameId}${transaction === undefined ? " (open before)" : ""}`],
      ["roots", `claimed ${claimed}, computed ${root}`],
      ["bond", etherText(bond)],
      ["gas", count(gasUsed)],
    ]),
    "assay watch plays it to the end",
  ]);
  return 0;
}
