import { AssayError } from "../../errors.js";
import { type Content, contentWord, type DisputedTensor, type Game, type Phase, PHASES } from "../../optimistic/dispute/state.js";
import type { GameRecord } from "../../optimistic/dispute/player.js";
import { ELEMENT_TYPES } from "../../program/elementType.js";
import type { Head } from "../endpoints.js";
import { lower } from "../hex.js";
import { type ClaimsContract, readClaims } from "./contract.js";
import type { GameMoveEvent, OpenedGame, PostedClaim } from "./events.js";

interface Decoded {
  readonly phase: bigint;
  readonly turn: bigint;
  readonly moves: bigint;
  readonly levels: bigint;
  readonly index: bigint;
  readonly slot: bigint;
  readonly elementType: bigint;
  readonly length: bigint;
  readonly segments: bigint;
  readonly operatorClock: bigint;
  readonly challengerClock: bigint;
  readonly lastMoveAt: bigint;
  readonly deadline: bigint;
  readonly content: string;
  readonly challenger: string;
  readonly sameOutputs: boolean;
  readonly operatorCredits: bigint;
  readonly operatorOwnCredits: bigint;
  readonly challengerCredits: bigint;
  readonly challengerOwnCredits: bigint;
}

/**
 * A game's state at a block, with what its events add.
 * @throws AssayError CHAIN_DISAGREES when the events do not lead to that state
 */
export async function readGame(contract: ClaimsContract, head: Head, posted: PostedClaim, opened: OpenedGame): Promise<GameRecord> {
  const { claimId, root } = opened;
  const decoded = await readClaims<Decoded>(contract, head, "game", claimId, root);
  const game = gameOf(decoded, posted, opened);
  if (isOn(game.phase) && contentWord(game.content) !== lower(decoded.content)) {
    throw new AssayError("CHAIN_DISAGREES", "the game's events do not lead to its state", { where: `game ${opened.gameId}`, hint: "an endpoint that keeps all events is needed; give another --rpc" });
  }
  return { claimId, root, game, published: publishedIn(opened.events), ranOut: ranOut(opened.events) };
}

function gameOf(decoded: Decoded, posted: PostedClaim, opened: OpenedGame): Game {
  const phase = PHASES[Number(decoded.phase)];
  return {
    phase,
    turn: decoded.turn === 0n ? "Operator" : "Challenger",
    moves: Number(decoded.moves),
    levels: Number(decoded.levels),
    index: Number(decoded.index),
    tensor: tensorOf(decoded),
    clocks: { Operator: Number(decoded.operatorClock), Challenger: Number(decoded.challengerClock) },
    lastMoveAt: Number(decoded.lastMoveAt),
    deadline: Number(decoded.deadline),
    content: contentOf(phase, decoded.content, posted, opened),
    challenger: lower(decoded.challenger),
    sameOutputs: decoded.sameOutputs,
    credits: { Operator: decoded.operatorCredits, Challenger: decoded.challengerCredits },
    ownCredits: { Operator: decoded.operatorOwnCredits, Challenger: decoded.challengerOwnCredits },
  };
}

function tensorOf({ slot, elementType, length, segments }: Decoded): DisputedTensor | undefined {
  if (length === 0n) return undefined;
  return { slot: Number(slot), type: ELEMENT_TYPES[Number(elementType)], length: Number(length), segments: Number(segments) };
}

/** The contract keeps a hash of nodes and of partial results: the events have them. */
function contentOf(phase: Phase, word: string, { traceRoot }: PostedClaim, { root, events }: OpenedGame): Content {
  if (phase === "Execute" || phase === "Sums") return { kind: "claimed", value: BigInt.asIntN(256, BigInt(word)) };
  if (phase === "Refute") return { kind: "partials", partials: events.findLast((event) => event.kind === "summed")?.partials ?? [] };
  const element = events.findLast((event) => event.kind === "element");
  if (element !== undefined) return { kind: "claimed", value: element.claimed };
  const answered = events.findLast((event) => event.kind === "answered");
  return { kind: "nodes", nodes: answered?.nodes ?? { claim: traceRoot, challenger: root } };
}

function isOn(phase: Phase): boolean {
  return phase !== "None" && phase !== "ClaimLost" && phase !== "ChallengerLost" && phase !== "Released";
}

/** A judgement comes with an event of the move that led to it. */
function ranOut(events: readonly GameMoveEvent[]): boolean {
  const end = events.findLast(({ kind }) => kind === "ended");
  return end !== undefined && events.every((event) => event === end || event.transaction !== end.transaction);
}

/** What the last mover showed of its next node. */
function publishedIn(events: readonly GameMoveEvent[]): Uint8Array {
  const last = events.findLast((event) => event.kind === "answered" || event.kind === "opened");
  if (last === undefined) return new Uint8Array(0);
  return last.kind === "answered" ? last.next : last.expansion;
}
