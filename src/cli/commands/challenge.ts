import { challenge, type ChallengeOptions } from "../../api/challenge.js";
import { etherText } from "../claims.js";
import { count, table } from "../format.js";
import type { Session } from "../session.js";

/** 1 where the claim is right, so that there is nothing to challenge. */
export async function challengeCommand(session: Session, claimId: string, options: ChallengeOptions): Promise<number> {
  const result = await challenge(claimId, { ...options, session });
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
