/** What each move of a game finds, after the checks that all moves share (contracts/optimistic: Games, Adjudication). */
import { treeDepth } from "../../math/merkle.js";
import { descend, type Descent } from "./descend.js";
import type { Hash } from "./hash.js";
import type { Judge, Question } from "./judge.js";
import type { AnswerMove, ExecuteMove, RefuteMove, SumsMove } from "./moves.js";
import { expansionBytes, isExpansionOf, type Position, showsChunk } from "./position.js";
import type { Rejection } from "./rejection.js";
import { type Claim, type DisputedTensor, type Game, type Nodes, otherSide, positionOf, type Side } from "./state.js";
import { segmentsOf, tensorLength } from "./views.js";

/** A game that is on, with the move counted and its clock stopped. */
export interface Scene<D, P> {
  readonly claimId: Hash;
  readonly claim: Claim;
  /** The challenger's. */
  readonly root: Hash;
  readonly game: Game;
  readonly judge: Judge<D, P>;
}

/** The game after a move; the side that lost it by the move, if any. */
export interface Played {
  readonly game: Game;
  readonly loser: Side | undefined;
}

export type Play = Played | Rejection;

/** Bytes of a tensor that a game can handle. */
export const MAX_TENSOR_BYTES = 2 ** 36;

export function playAnswer<D, P>(scene: Scene<D, P>, move: AnswerMove<D>): Play {
  const { game, claim } = scene;
  const position = positionOf(game);
  if (position === undefined || game.content.kind !== "nodes") return "WrongPhase";
  const byOperator = game.turn === "Operator";
  const shown = byOperator ? { claim: move.mine, challenger: move.theirs } : { claim: move.theirs, challenger: move.mine };
  const fault = expansionFault(position, game.content.nodes.claim, shown.claim, game.content.nodes.challenger, shown.challenger);
  if (fault !== undefined) return fault;
  if (showsChunk(position) && move.next.length > 0) return "NextMismatch";
  const descent = descend(claim, position, game.tensor?.type, shown);
  if (descent.kind !== "slot" && move.definition !== undefined) return "DefinitionNotNeeded";
  const played = enter(scene, descent, move.definition);
  return typeof played === "string" ? played : checkNext(played, game.turn, move.next);
}

function expansionFault(position: Position, claimNode: Hash, claimed: Uint8Array, challengerNode: Hash, challenged: Uint8Array): Rejection | undefined {
  const expected = expansionBytes(position);
  if (claimed.length !== expected || challenged.length !== expected) return "ExpansionLength";
  return isExpansionOf(position, claimNode, claimed) && isExpansionOf(position, challengerNode, challenged) ? undefined : "ExpansionMismatch";
}

/** The mover shows its next expansion exactly where the game goes on to a next node. */
function checkNext(played: Played, mover: Side, next: Uint8Array): Play {
  const { game, loser } = played;
  const position = loser === undefined ? positionOf(game) : undefined;
  if (position === undefined || game.content.kind !== "nodes") return next.length === 0 ? played : "NextMismatch";
  if (next.length !== expansionBytes(position)) return "ExpansionLength";
  const node = mover === "Operator" ? game.content.nodes.claim : game.content.nodes.challenger;
  return isExpansionOf(position, node, next) ? played : "NextMismatch";
}

/** The game at what the expansions' first difference leads to. */
function enter<D, P>(scene: Scene<D, P>, descent: Descent, definition: D | undefined): Play {
  const game = { ...scene.game, turn: otherSide(scene.game.turn) };
  switch (descent.kind) {
    case "ended":
      return { game: descent.reached === undefined ? game : { ...game, ...at(descent.reached.levels, descent.reached.index, descent.reached.nodes) }, loser: descent.loser };
    case "nodes": {
      const { area, levels, index } = descent.position;
      return { game: { ...game, phase: area === "trace" ? "Trace" : "Inner", ...at(levels, index, descent.nodes) }, loser: undefined };
    }
    case "slot":
      return enterTensor(scene, { ...game, ...at(0, descent.slot, descent.nodes) }, descent.slot, definition);
    case "element": {
      const segmented = (game.tensor?.segments ?? 1) > 1;
      const phase = segmented ? ({ phase: "Sums", turn: "Operator" } as const) : ({ phase: "Execute", turn: "Challenger" } as const);
      return { game: { ...game, ...phase, index: descent.element, content: { kind: "claimed", value: descent.claimed } }, loser: undefined };
    }
  }
}

function at(levels: number, index: number, nodes: Nodes): Pick<Game, "levels" | "index" | "content"> {
  return { levels, index, content: { kind: "nodes", nodes } };
}

function enterTensor<D, P>({ judge, claimId }: Scene<D, P>, game: Game, slot: number, definition: D | undefined): Play {
  if (definition === undefined) return "DefinitionMissing";
  const { value, fault } = judge.describe(claimId, slot, definition);
  if (fault !== undefined) return fault;
  const length = tensorLength(value);
  if (value.malformed || length > MAX_TENSOR_BYTES) return { game, loser: "Operator" };
  const tensor: DisputedTensor = { slot, type: value.type, length, segments: segmentsOf(value) };
  return { game: { ...game, phase: "Tensor", tensor, levels: treeDepth(length), index: 0 }, loser: undefined };
}

export function playExecute<D, P>(scene: Scene<D, P>, { onClaim, evidence }: ExecuteMove<P>): Play {
  const { game, judge } = scene;
  const { value, fault } = judge.execute(questionOf(scene, onClaim), evidence);
  if (fault !== undefined) return fault;
  return { game, loser: value === claimedOf(game) ? "Challenger" : "Operator" };
}

export function playSums<D, P>(scene: Scene<D, P>, { onClaim, partials, evidence }: SumsMove<P>): Play {
  const { game, judge } = scene;
  if (partials.length !== game.tensor?.segments) return "SumsCount";
  const { value, fault } = judge.finish(questionOf(scene, onClaim), partials, evidence);
  if (fault !== undefined) return fault;
  if (value !== claimedOf(game)) return "SumsMismatch";
  return { game: { ...game, phase: "Refute", turn: "Challenger", content: { kind: "partials", partials } }, loser: undefined };
}

export function playRefute<D, P>(scene: Scene<D, P>, { onClaim, partials, segment, evidence }: RefuteMove<P>): Play {
  const { game, judge } = scene;
  const { content } = game;
  if (content.kind !== "partials" || partials.length !== content.partials.length || partials.some((value, i) => value !== content.partials[i])) return "PartialsMismatch";
  if (segment >= partials.length) return "SegmentMissing";
  const { value, fault } = judge.segment(questionOf(scene, onClaim), segment, evidence);
  if (fault !== undefined) return fault;
  return value === partials[segment] ? "NotRefuted" : { game, loser: "Operator" };
}

/** The side to move let its clock run out. */
export function playExpire<D, P>({ game }: Scene<D, P>): Play {
  return { game, loser: game.turn };
}

function questionOf<D, P>({ claimId, claim, root, game }: Scene<D, P>, onClaim: boolean): Question {
  return { claimId, root: onClaim ? claim.traceRoot : root, slot: game.tensor?.slot ?? 0, element: game.index };
}

function claimedOf({ content }: Game): bigint | undefined {
  return content.kind === "claimed" ? content.value : undefined;
}
