import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { listClaims } from "../../chain/claims/listClaims.js";
import { ModelLibrary } from "../../optimistic/execution/modelLibrary.js";
import { claimsContract, type ClaimsOptions, etherText, timeText } from "../claims.js";
import { modelsDirectory } from "../committed.js";
import { table } from "../format.js";
import type { Session } from "../session.js";

export interface ListOptions extends ClaimsOptions {
  readonly models?: string;
}

export async function claimsCommand(session: Session, options: ListOptions): Promise<number> {
  const directory = resolve(options.models ?? modelsDirectory());
  const held = new Set(options.models !== undefined || existsSync(directory) ? new ModelLibrary(directory).ids() : []);
  const listed = await claimsContract(session, options, async (contract) => listClaims(contract, await contract.endpoints.head()));
  const claims = listed.map(({ posted, claim, games }) => ({
    claimId: posted.claimId,
    status: claim.status,
    operator: posted.operator,
    modelId: posted.modelId,
    modelHeld: held.has(posted.modelId),
    traceRoot: posted.traceRoot,
    bond: claim.bond,
    deadline: posted.deadline,
    windowEnds: timeText(posted.deadline),
    openGames: claim.openGames,
    games: games.map(({ gameId, root, challenger }) => ({ gameId, root, challenger })),
  }));
  session.print({ claims }, claims.length === 0 ? ["no claims"] : claims.flatMap((claim) => [
    claim.claimId,
    ...table([
      ["  status", `${claim.status.toLowerCase()}, window until ${claim.windowEnds}`],
      ["  operator", claim.operator],
      ["  model", `${claim.modelId}${claim.modelHeld ? "" : " (its files are not here)"}`],
      ["  bond", etherText(claim.bond)],
      ...claim.games.map(({ gameId, challenger }): [string, string] => ["  game", `${gameId} by ${challenger}`]),
    ]),
  ]));
  return 0;
}
