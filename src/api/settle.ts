import { settleClaim, type Settlement } from "../chain/claims/settleClaim.js";
import { requireRpc } from "../chain/claims/withClaims.js";
import { parseProofDirectory, type ProofDirectory, readProofDirectory } from "../zk/bundle.js";
import { claimsAccount, type ClaimsOptions, toId } from "./claimsPlace.js";
import { withSession } from "./session.js";

export interface SettleOptions extends ClaimsOptions {
  /** A proof directory, or what {@link prove} gave, made `for` the claim. */
  readonly proof: string | ProofDirectory;
}

/**
 * Ends a claim by a zero-knowledge proof under the registry entry that it named: final if the proof shows its outputs, defeated if it
 * shows others.
 *
 * @param claimId 0x and 64 digits
 * @throws AssayError CONTEXT_MISMATCH for a proof under another entry, or for another claim, chain or verifier; PROOF_INVALID;
 *         INPUT_MISMATCH; CLAIM_MISSING; BAD_USAGE for a claim that has ended or that no proof can settle
 */
export function settle(claimId: string, options: SettleOptions): Promise<Settlement> {
  return withSession(options, (session) => {
    requireRpc(options);
    const directory = typeof options.proof === "string" ? readProofDirectory(options.proof) : parseProofDirectory(options.proof);
    return claimsAccount(session, options, (account) => settleClaim(account, toId(claimId), directory, session.stages));
  });
}
