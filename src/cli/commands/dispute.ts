import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type DescribedDispute, describeDispute } from "../../chain/claims/describeDispute.js";
import { findClaim, type FoundClaim } from "../../chain/claims/findClaim.js";
import { readParameters } from "../../chain/claims/readParameters.js";
import type { Hex } from "../../chain/hex.js";
import { traceName } from "../../chain/watch/executions.js";
import type { Question } from "../../optimistic/dispute/index.js";
import { storedTrace } from "../../optimistic/execution/computeTrace.js";
import { ModelLibrary } from "../../optimistic/execution/modelLibrary.js";
import { claimsContract, type ClaimsOptions, durationText, etherText, timeText } from "../claims.js";
import { modelsDirectory, tracesDirectory } from "../committed.js";
import { count, shapeText, table } from "../format.js";
import type { Session } from "../session.js";

export interface DisputeOptions extends ClaimsOptions {
  readonly models?: string;
  readonly traces?: string;
}

/** @param id of a game, or of a claim for all of its games */
export async function disputeCommand(session: Session, id: Hex, options: DisputeOptions): Promise<number> {
  const { found, disputes } = await claimsContract(session, options, async (contract) => {
    const head = await contract.endpoints.head();
    const [claim, { challengeBond }] = await Promise.all([findClaim(contract, head, id), readParameters(contract, head)]);
    const { model, trace } = ownOf(claim, options);
    const wanted = claim.games.filter(({ opened }) => id === claim.posted.claimId || id === opened.gameId);
    return { found: claim, disputes: wanted.map((game) => describeDispute(game, claim.claim, challengeBond, head, model, trace)) };
  });
  const { posted, claim } = found;
  if (id === posted.claimId && disputes.length === 0) session.note("no game has been opened against the claim");
  session.print({ claimId: posted.claimId, status: claim.status, operator: posted.operator, modelId: posted.modelId, windowEnds: timeText(posted.deadline), disputes }, [
    ...table([
      ["claim", `${posted.claimId}, ${claim.status.toLowerCase()}`],
      ["operator", posted.operator],
      ["model", posted.modelId],
      ["window ends", timeText(posted.deadline)],
    ]),
    ...disputes.flatMap(disputeLines),
  ]);
  return 0;
}

/** What this machine holds of the model and of the claim's execution. */
function ownOf({ posted }: FoundClaim, options: DisputeOptions): { readonly model?: ReturnType<ModelLibrary["find"]>; readonly trace?: ReturnType<typeof storedTrace> } {
  const directory = resolve(options.models ?? modelsDirectory());
  if (options.models === undefined && !existsSync(directory)) return {};
  const model = new ModelLibrary(directory).find(posted.modelId);
  if (model === undefined) return {};
  return { model, trace: storedTrace(model, join(resolve(options.traces ?? tracesDirectory()), traceName(posted.modelId, posted.inputRoots))) };
}

function disputeLines(dispute: DescribedDispute): string[] {
  const { gameId, challenger, phase, turn, timeLeft = 0, clocks, bonds, moves, question, values, computed } = dispute;
  const late = timeLeft < 0 ? "too late: anyone can end the game" : `${durationText(timeLeft)} left`;
  return [
    "",
    ...table([
      ["game", gameId],
      ["challenger", challenger],
      ["state", turn === undefined ? phaseText(phase) : `${phaseText(phase)}; ${turn.toLowerCase()} to move, ${late}`],
      ["clocks", `operator ${durationText(clocks.Operator)}, challenger ${durationText(clocks.Challenger)}`],
      ["bonds", `operator ${etherText(bonds.Operator)}, challenger ${etherText(bonds.Challenger)}`],
      ...(question === undefined ? [] : [["about", questionText(question)] satisfies [string, string]]),
      ...(values === undefined ? [] : [["values", `claimed ${values.claimed}, challenged ${values.challenged}`] satisfies [string, string]]),
      ...(computed === undefined ? [] : [["computed", `${computed} on chain`] satisfies [string, string]]),
      ...moves.map(({ kind, mover, transaction }): [string, string] => [`  ${kind}`, `${mover} (${transaction})`]),
    ]),
  ];
}

function phaseText(phase: string): string {
  const texts: Readonly<Record<string, string>> = {
    Trace: "looking for the first tensor that differs",
    Tensor: "looking for the first element that differs",
    Inner: "looking for the first element that differs",
    Execute: "the element is to be computed on chain",
    Sums: "the operator is to give partial results",
    Refute: "the operator's partial results can be refuted",
    ClaimLost: "over: the claim lost",
    ChallengerLost: "over: the challenger lost",
    Released: "over: the claim ended elsewhere",
  };
  return texts[phase] ?? phase;
}

function questionText(question: Question): string {
  switch (question.kind) {
    case "tensors":
      return `one of the tensors of ${question.nodes.join(", ")}`;
    case "elements":
      return `node ${question.node}, ${question.elements === undefined ? "behind its last element" : `elements ${question.elements.map(count).join(" to ")}`} of ${shapeText(question.shape)}`;
    case "element":
      return `node ${question.node} (${question.operations.join(", ")}), element [${question.coordinate.join(", ")}] of ${shapeText(question.shape)}, ${count(question.terms)} terms${question.own === undefined ? "" : `; this machine computes ${question.own}`}`;
  }
}
