import { dispute, type DisputeOptions } from "../../api/listClaims.js";
import type { DescribedDispute } from "../../chain/claims/describeDispute.js";
import type { Question } from "../../optimistic/dispute/index.js";
import { durationText, etherText, timeText } from "../claims.js";
import { count, shapeText, table } from "../format.js";
import type { Session } from "../session.js";

/** @param id of a game, or of a claim for all of its games */
export async function disputeCommand(session: Session, id: string, options: DisputeOptions): Promise<number> {
  const { claimId, status, operator, modelId, deadline, disputes } = await dispute(id, { ...options, session });
  if (id === claimId && disputes.length === 0) session.note("no game has been opened against the claim");
  session.print({ claimId, status, operator, modelId, windowEnds: timeText(deadline), disputes }, [
    ...table([
      ["claim", `${claimId}, ${status.toLowerCase()}`],
      ["operator", operator],
      ["model", modelId],
      ["window ends", timeText(deadline)],
    ]),
    ...disputes.flatMap(disputeLines),
  ]);
  return 0;
}

function disputeLines(described: DescribedDispute): string[] {
  const { gameId, challenger, phase, turn, timeLeft = 0, clocks, bonds, moves, question, values, computed } = described;
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
