/**
 * What a party does in a game: a pure function of the game's state and the party's own trace. It moves only where its own
 * trace is the one that its side has committed to, so that a game of somebody else's is left alone.
 */
import { equalBytes } from "../../math/merkleProofs.js";
import { descend, type Descent } from "./descend.js";
import { gameIdOf, type Hash } from "./hash.js";
import type { AnswerMove, GameMove } from "./moves.js";
import { treePosition } from "./position.js";
import { type Claim, type Game, positionOf, type Side, stateHashOf } from "./state.js";
import { type EvidenceSource, type GameModel, tensorLength, type TraceView } from "./views.js";
import { isOver } from "./world.js";

/** A game as the chain tells it: the contract's state, and what the last mover published. */
export interface GameRecord {
  readonly claimId: Hash;
  /** The challenger's. */
  readonly root: Hash;
  readonly game: Game;
  /** The last published expansion: of the node of the side that is not to move. */
  readonly published: Uint8Array;
  /** Whether the game is over because a clock ran out: then nothing was judged. */
  readonly ranOut: boolean;
}

export interface Party<D, P> {
  readonly side: Side;
  readonly model: GameModel;
  readonly trace: TraceView;
  readonly evidence: EvidenceSource<D, P>;
}

/** The party's move in the present state; undefined when there is nothing to do, or nothing that could help. */
export function nextMove<D, P>(claim: Claim, record: GameRecord, party: Party<D, P>, now: number): GameMove<D, P> | undefined {
  const { game } = record;
  if (claim.status !== "Posted" || isOver(game.phase) || !isCommitted(claim, record, party)) return undefined;
  if (now > game.deadline) return game.turn === party.side ? undefined : { kind: "expire", ...answering(record) };
  switch (game.phase) {
    case "Trace":
    case "Tensor":
    case "Inner":
      return game.turn === party.side ? answer(claim, record, party) : undefined;
    case "Execute":
      return execute(record, party);
    case "Sums":
      return party.side === "Operator" ? sums(record, party) : undefined;
    case "Refute":
      return party.side === "Challenger" ? refute(record, party) : undefined;
    case "None":
    case "ClaimLost":
    case "ChallengerLost":
    case "Released":
      return undefined;
  }
}

/** Whether the party's trace is its side's in this game. */
function isCommitted<D, P>({ traceRoot }: Claim, { root }: GameRecord, { side, trace }: Party<D, P>): boolean {
  return trace.root === (side === "Operator" ? traceRoot : root);
}

function answering({ claimId, root, game }: GameRecord): Pick<AnswerMove<unknown>, "claimId" | "root" | "answered"> {
  return { claimId, root, answered: stateHashOf(gameIdOf(claimId, root), game) };
}

function answer<D, P>(claim: Claim, record: GameRecord, party: Party<D, P>): AnswerMove<D> | undefined {
  const { game, published: theirs } = record;
  const position = positionOf(game);
  if (position === undefined || game.content.kind !== "nodes") return undefined;
  const mine = party.trace.expansion(treePosition(position));
  // Of different nodes, so never the same: unless the own trace is not what its root says.
  if (equalBytes(mine, theirs)) return undefined;
  const shown = party.side === "Operator" ? { claim: mine, challenger: theirs } : { claim: theirs, challenger: mine };
  const descent = descend(claim, position, game.tensor?.type, shown);
  return { kind: "answer", ...answering(record), theirs, mine, next: nextExpansion(descent, party), definition: definitionFor(descent, party) };
}

/** Nothing where a claim's model has no such tensor: then its descriptor ends the game. */
function nextExpansion<D, P>(descent: Descent, { model, trace }: Party<D, P>): Uint8Array {
  switch (descent.kind) {
    case "nodes":
      return trace.expansion(treePosition(descent.position));
    case "slot":
      return trace.expansion(treePosition({ area: "tensor", slot: descent.slot, length: tensorLength(model.slots[descent.slot]) }));
    case "ended":
    case "element":
      return new Uint8Array(0);
  }
}

function definitionFor<D, P>(descent: Descent, { evidence }: Party<D, P>): D | undefined {
  return descent.kind === "slot" ? evidence.definition(descent.slot) : undefined;
}

/** Both sides' operands are the same: each proves them from its own trace. */
function execute<D, P>(record: GameRecord, { side, evidence }: Party<D, P>): GameMove<D, P> | undefined {
  const { tensor, index } = record.game;
  if (tensor === undefined) return undefined;
  return { kind: "execute", ...answering(record), onClaim: side === "Operator", evidence: evidence.step(tensor.slot, index) };
}

function sums<D, P>(record: GameRecord, { evidence }: Party<D, P>): GameMove<D, P> | undefined {
  const { tensor, index } = record.game;
  if (tensor === undefined) return undefined;
  const partials = evidence.partials(tensor.slot, index);
  return { kind: "sums", ...answering(record), onClaim: true, partials, evidence: evidence.finish(tensor.slot, index) };
}

function refute<D, P>(record: GameRecord, { evidence }: Party<D, P>): GameMove<D, P> | undefined {
  const { tensor, index, content } = record.game;
  if (tensor === undefined || content.kind !== "partials") return undefined;
  const { partials } = content;
  const segment = evidence.partials(tensor.slot, index).findIndex((value, i) => value !== partials[i]);
  if (segment < 0) return undefined;
  return { kind: "refute", ...answering(record), onClaim: false, partials, segment, evidence: evidence.segment(tensor.slot, index, segment) };
}
