/** What to do about a claim, given what one has computed oneself: pure, so that a process can be killed and ask again. */
import type { Hash } from "./hash.js";
import type { GameMove } from "./moves.js";
import { type GameRecord, nextMove, type Party } from "./player.js";
import type { Address, Claim } from "./state.js";

/** A claim with its games, as the chain tells them. */
export interface ClaimRecord {
  readonly claimId: Hash;
  readonly claim: Claim;
  readonly games: readonly GameRecord[];
  /** Roots of ended games that owe the watcher something. */
  readonly owed: readonly Hash[];
}

/** An own execution, from which a party of either side is made. */
export interface Own<D, P> extends Omit<Party<D, P>, "side"> {
  /** The same tensors under another root, for each mark ≥ 1; 0: itself. */
  marked(mark: number): Omit<Party<D, P>, "side">;
}

export interface Watcher<D, P> {
  readonly self: Address;
  /** The own execution of the claim's model on the claim's inputs; undefined where the model is not at hand. */
  readonly own: Own<D, P> | undefined;
}

export type AlarmReason = "no model" | "own claim is wrong" | "window closed" | "game run out" | "game lost";

export type Task<D, P> =
  /** Nothing can be said of the claim, or nothing can be done any more. */
  | { readonly kind: "alarm"; readonly reason: AlarmReason }
  /** Open a game with the own trace under this mark. */
  | { readonly kind: "challenge"; readonly root: Hash; readonly mark: number }
  | { readonly kind: "move"; readonly move: GameMove<D, P> }
  | { readonly kind: "finalize" }
  | { readonly kind: "collect"; readonly root: Hash };

/** All that can be done now; empty: nothing but to wait. */
export function tasksOf<D, P>(record: ClaimRecord, watcher: Watcher<D, P>, now: number): Task<D, P>[] {
  const collect = record.owed.map((root): Task<D, P> => ({ kind: "collect", root }));
  if (record.claim.status !== "Posted") return collect;
  return [...collect, ...(watcher.own === undefined ? [{ kind: "alarm", reason: "no model" } as const] : tasksOfPosted(record, watcher, watcher.own, now))];
}

function tasksOfPosted<D, P>(record: ClaimRecord, { self }: Watcher<D, P>, own: Own<D, P>, now: number): Task<D, P>[] {
  const { claim } = record;
  const isMine = claim.operator === self;
  if (own.trace.root === claim.traceRoot) return isMine ? defend(record, own, now) : [];
  return isMine ? [{ kind: "alarm", reason: "own claim is wrong" }] : attack(record, own, now);
}

/** A right claim is left to its operator, whose bond it is. */
function defend<D, P>(record: ClaimRecord, own: Omit<Party<D, P>, "side">, now: number): Task<D, P>[] {
  const { claim, games } = record;
  if (now >= claim.deadline && claim.openGames === 0) return [{ kind: "finalize" }];
  return games.flatMap((game) => movesOf(claim, game, { ...own, side: "Operator" }, now));
}

/** A game of the own root, whoever opened it, is played; else it is opened. */
function attack<D, P>(record: ClaimRecord, own: Own<D, P>, now: number): Task<D, P>[] {
  const { claim } = record;
  const { mark, party, game } = ownGame(record, own);
  if (game === undefined) return now < claim.deadline ? [{ kind: "challenge", root: party.trace.root, mark }] : [{ kind: "alarm", reason: mark === 0 ? "window closed" : "game run out" }];
  if (game.game.phase === "ChallengerLost") return [{ kind: "alarm", reason: "game lost" }];
  return movesOf(claim, game, { ...party, side: "Challenger" }, now);
}

/** The game to play against a wrong claim; `game` is undefined where it must be opened first. */
export interface OwnGame<D, P> {
  readonly mark: number;
  readonly party: Omit<Party<D, P>, "side">;
  readonly game: GameRecord | undefined;
}

/**
 * Where somebody let the clock of a game with the own root run out, the next mark gives another; a game that the contract judged
 * would end the same way again.
 */
export function ownGame<D, P>({ claim, games }: Pick<ClaimRecord, "claim" | "games">, own: Own<D, P>): OwnGame<D, P> {
  for (let mark = 0; ; mark++) {
    const party = own.marked(mark);
    const { root } = party.trace;
    // A claim's own root cannot be played against it.
    if (root === claim.traceRoot) continue;
    const game = games.find((known) => known.root === root);
    if (game?.game.phase !== "ChallengerLost" || !game.ranOut) return { mark, party, game };
  }
}

function movesOf<D, P>(claim: Claim, game: GameRecord, party: Party<D, P>, now: number): Task<D, P>[] {
  const move = nextMove(claim, game, party, now);
  return move === undefined ? [] : [{ kind: "move", move }];
}

