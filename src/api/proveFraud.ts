import { dirname, resolve } from "node:path";
import { type FraudResult, proveTraceWrong } from "../chain/claims/proveTraceWrong.js";
import { requireRpc } from "../chain/claims/withClaims.js";
import { claimsAccount, type ClaimsOptions, type RecomputeOptions, toId, withSources } from "./claimsPlace.js";
import { isDirectory } from "./model.js";
import { withSession } from "./session.js";

export interface ProveFraudOptions extends ClaimsOptions, RecomputeOptions {
  /** The directory of the operator's trace, or a file in it. */
  readonly trace: string;
}

/**
 * Defeats a claim in one transaction by the first thing that is wrong in its operator's own trace: an element, a byte behind a
 * tensor's end, a leaf behind the last slot.
 *
 * @param claimId 0x and 64 digits
 * @returns without `wrong` where the trace is right, so that nothing was sent
 * @throws AssayError CLAIM_MISSING; ARTEFACT_MISSING without the model or the trace; ARTEFACT_STALE for another trace than the claim's
 */
export function proveFraud(claimId: string, options: ProveFraudOptions): Promise<FraudResult> {
  return withSession(options, (session) => {
    requireRpc(options);
    const directory = resolve(isDirectory(options.trace) ? options.trace : dirname(options.trace));
    return withSources(session, options, (sources) => claimsAccount(session, options, (account) => proveTraceWrong(account, toId(claimId), directory, sources, session.stages)));
  });
}
