import { type Challenge, challengeClaim } from "../chain/claims/challengeClaim.js";
import { requireRpc } from "../chain/claims/withClaims.js";
import { claimsAccount, type ClaimsOptions, type RecomputeOptions, toId, withSources } from "./claimsPlace.js";
import { withSession } from "./session.js";

export interface ChallengeOptions extends ClaimsOptions, RecomputeOptions {}

/**
 * Recomputes one claim, and opens a game unless it is right. {@link watch} plays it to the end.
 *
 * @param claimId 0x and 64 digits
 * @throws AssayError CLAIM_MISSING; ARTEFACT_MISSING without the model; FUNDS_MISSING for the bond and the whole game; BAD_USAGE for
 *         a claim that has ended or whose window is over
 */
export function challenge(claimId: string, options: ChallengeOptions): Promise<Challenge> {
  return withSession(options, (session) => {
    requireRpc(options);
    return withSources(session, options, (sources) => claimsAccount(session, options, (account) => challengeClaim(account, toId(claimId), sources, session.stages, options.maxFee)));
  });
}
