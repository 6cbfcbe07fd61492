/** Opens a game against one claim, by hand. */
import { AssayError } from "../../errors.js";
import type { FastExecutors } from "../../fast/index.js";
import { gameIdOf, type Hash } from "../../optimistic/dispute/hash.js";
import { ownGame } from "../../optimistic/dispute/watch.js";
import type { ModelLibrary } from "../../optimistic/execution/modelLibrary.js";
import type { WorkerPool } from "../../pool/index.js";
import type { Progress } from "../../progress.js";
import { DEFAULT_MAX_FEE } from "../fees.js";
import { ComputedExecutions } from "../watch/executions.js";
import { fundsMissing, fundsToOpen } from "../watch/funds.js";
import type { ClaimsAccount } from "./contract.js";
import { findClaim } from "./findClaim.js";
import { openMove } from "./openMove.js";
import { openGame } from "./playMove.js";
import { readParameters } from "./readParameters.js";

/** What a claim is recomputed with. */
export interface Sources {
  readonly library: ModelLibrary;
  readonly executors: FastExecutors;
  /** Directory of executions. */
  readonly traces: string;
  readonly pool: () => WorkerPool;
}

/** What recomputing a claim came to, and the game against it. */
export interface Challenge {
  /** right: both traces have the same root, and nothing was sent. */
  readonly verdict: "right" | "wrong";
  /** Of the own trace. */
  readonly root: Hash;
  /** Of the operator's trace. */
  readonly claimed: Hash;
  /** Where the claim is wrong. */
  readonly gameId?: Hash;
  /** Wei. */
  readonly bond?: bigint;
  /** Undefined where the game was open before. */
  readonly transaction?: string;
  /** By the opening. */
  readonly gasUsed?: bigint;
}

/**
 * Recomputes the claim and opens a game unless it is right.
 * @throws AssayError CLAIM_MISSING; ARTEFACT_MISSING without the model; FUNDS_MISSING for the bond and the whole game; BAD_USAGE for
 *         a claim that has ended or whose window is over
 */
export async function challengeClaim(account: ClaimsAccount, claimId: Hash, sources: Sources, progress: Progress, maxFee = DEFAULT_MAX_FEE): Promise<Challenge> {
  const head = await account.endpoints.head();
  const { posted, claim, games } = await findClaim(account, head, claimId);
  if (claim.status !== "Posted") throw new AssayError("BAD_USAGE", `the claim is ${claim.status.toLowerCase()}`, { where: `claim ${claimId}` });
  const executions = new ComputedExecutions(account, sources.library, sources.executors, sources.traces, sources.pool);
  const own = await progress.stage("execute", () => executions.result(posted, head));
  const claimed = posted.traceRoot;
  if (own.trace.root === claimed) return { verdict: "right", root: claimed, claimed };
  const { mark, game } = ownGame({ claim, games: games.map(({ record }) => record) }, own);
  const { trace } = own.marked(mark);
  const found = { root: trace.root, claimed };
  const gameId = gameIdOf(posted.claimId, trace.root);
  if (game !== undefined) return { verdict: "wrong", ...found, gameId };
  if (head.timestamp >= claim.deadline) throw new AssayError("BAD_USAGE", "the claim is wrong, but its window is over", { where: `claim ${claimId}` });
  const parameters = await readParameters(account, head);
  const funds = await fundsToOpen(account, head, parameters, 0, maxFee);
  if (funds.has < funds.needs) throw fundsMissing(funds, await account.sender.address());
  const receipt = await progress.stage("chain", () => openGame(account, openMove(posted.claimId, claim, trace), parameters.challengeBond));
  return { verdict: "wrong", ...found, gameId, bond: parameters.challengeBond, transaction: receipt.hash, gasUsed: receipt.gasUsed };
}
