import { listClaims, type ListClaimsOptions } from "../../api/listClaims.js";
import { etherText, timeText } from "../claims.js";
import { table } from "../format.js";
import type { Session } from "../session.js";

export async function claimsCommand(session: Session, options: ListClaimsOptions): Promise<number> {
  const claims = (await listClaims({ ...options, session })).map((claim) => ({ ...claim, windowEnds: timeText(claim.deadline) }));
  session.print({ claims }, claims.length === 0 ? ["no claims"] : claims.flatMap((claim) => [
    claim.claimId,
    ...table([
      ["  status", `${claim.status.toLowerCase()}, window until ${claim.windowEnds}`],
      ["  operator", claim.operator],
      ["  model", `${claim.modelId}${claim.modelHeld ? "" : " (its files are not here)"}`],
      ["  bond", etherText(claim.bond)],
      ...(claim.entry === undefined ? [] : [["  settled by", `proofs under ${claim.entry}`] satisfies [string, string]]),
      ...claim.games.map(({ gameId, challenger }): [string, string] => ["  game", `${gameId} by ${challenger}`]),
    ]),
  ]));
  return 0;
}
