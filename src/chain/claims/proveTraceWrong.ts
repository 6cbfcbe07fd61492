import { join } from "node:path";
import { AssayError } from "../../errors.js";
import type { Hash } from "../../optimistic/dispute/hash.js";
import { openClaimed } from "../../optimistic/trace/claimedTrace.js";
import { tensorsOf } from "../../optimistic/trace/trace.js";
import type { Progress } from "../../progress.js";
import { ComputedExecutions, missingModel } from "../watch/executions.js";
import type { Sources } from "./challengeClaim.js";
import type { ClaimsAccount } from "./contract.js";
import { findClaim } from "./findClaim.js";
import { assertSameInputs, findFraud, proveFraud, questionOf, type TraceFraud } from "./proveFraud.js";

/** What was found in a trace, and the transaction that showed it. */
export interface FraudResult {
  /** Undefined where the trace is right, so that nothing was sent. */
  readonly wrong: TraceFraud | undefined;
  /** 0x and 64 digits; the claim is defeated by it. */
  readonly transaction?: string;
  /** By that transaction. */
  readonly gasUsed?: bigint;
}

/**
 * Defeats a claim by the first thing that is wrong in its own trace.
 * @param directory the operator's trace
 * @throws AssayError ARTEFACT_STALE for a trace other than the claim's
 */
export async function proveTraceWrong(account: ClaimsAccount, claimId: Hash, directory: string, sources: Sources, progress: Progress): Promise<FraudResult> {
  const head = await account.endpoints.head();
  const { posted, claim } = await findClaim(account, head, claimId);
  if (claim.status !== "Posted") throw new AssayError("BAD_USAGE", `the claim is ${claim.status.toLowerCase()}`, { where: `claim ${claimId}` });
  const model = sources.library.find(posted.modelId);
  if (model === undefined) throw missingModel(posted);
  const trace = openClaimed(directory, { modelId: posted.modelId, root: posted.traceRoot, tensors: tensorsOf(model.plan) });
  assertSameInputs(model, trace, posted.inputRoots);
  // Beside the kept executions: the trace in question may be one of those.
  const executions = new ComputedExecutions(account, sources.library, sources.executors, join(sources.traces, "compared"), sources.pool);
  const own = await progress.stage("execute", () => executions.result(posted, head));
  const wrong = await progress.stage("compare", () => findFraud(model, trace, own.trace));
  executions.forget(posted);
  if (wrong === undefined) return { wrong };
  const question = await progress.stage("evidence", () => questionOf(model, trace, wrong));
  const receipt = await progress.stage("chain", () => proveFraud(account, posted.claimId, question));
  return { wrong, transaction: receipt.hash, gasUsed: receipt.gasUsed };
}
