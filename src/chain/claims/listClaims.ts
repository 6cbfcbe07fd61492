import type { Claim } from "../../optimistic/dispute/state.js";
import type { Head } from "../endpoints.js";
import type { ClaimsContract } from "./contract.js";
import { longestDelay } from "./deployment.js";
import type { OpenedGame, PostedClaim } from "./events.js";
import { ClaimsFollower } from "./follower.js";
import { readClaim } from "./readClaim.js";
import { readParameters } from "./readParameters.js";

export interface ListedClaim {
  readonly posted: PostedClaim;
  readonly claim: Claim;
  readonly games: readonly OpenedGame[];
}

/** All claims that can still matter, oldest first. */
export async function listClaims(contract: ClaimsContract, head: Head): Promise<ListedClaim[]> {
  const parameters = await readParameters(contract, head);
  const follower = await ClaimsFollower.since(contract, head, parameters.window + longestDelay(parameters));
  const { claims, games } = await follower.update(head);
  return Promise.all(
    [...claims.values()].map(async (posted) => ({
      posted,
      claim: await readClaim(contract, head, posted),
      games: [...games.values()].filter(({ claimId }) => claimId === posted.claimId),
    })),
  );
}
