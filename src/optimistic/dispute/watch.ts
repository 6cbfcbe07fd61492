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

export interface Watcher<D, P> {
  readonly self: Address;
  /** The own execution of the claim's model on the claim's inputs; undefined where the model is not at hand. */
  readonly own: Omit<Party<D, P>, "side"> | undefined;
}

export type Task<D, P> =
  /** Nothing can be said of the claim, or nothing can be done any more. */
  | { readonly kind: "alarm"; readonly reason: "no model" | "own claim is wrong" | "window closed" | "game lost" }
  /** Open a game with the own root. */
  | { readonly kind: "challenge"; readonly root: Hash }
  | { readonly kind: "move"; readonly move: GameMove<D, P> }
  | { readonly kind: "finalize" }
  | { readonly kind: "collect"; readonly root: Hash };

/** All that can be done now; empty: nothing but to wait. */
export function tasksOf<D, P>(record: ClaimRecord, watcher: Watcher<D, P>, now: number): Task<D, P>[] {
  const collect = record.owed.map((root): Task<D, P> => ({ kind: "collect", root }));
  if (record.claim.status !== "Posted") return collect;
  return [...collect, ...(watcher.own === undefined ? [{ kind: "alarm", reason: "no model" } as const] : tasksOfPosted(record, watcher, watcher.own, now))];
}

function tasksOfPosted<D, P>(record: ClaimRecord, { self }: Watcher<D, P>, own: Omit<Party<D, P>, "side">, now: number): Task<D, P>[] {
  const { claim } = record;
  const { root } = own.trace;
  const isMine = claim.operator === self;
  if (root === claim.traceRoot) return isMine ? defend(record, own, now) : [];
  return isMine ? [{ kind: "alarm", reason: "own claim is wrong" }] : attack(record, root, own, now);
}

/** A right claim is left to its operator, whose bond it is. */
function defend<D, P>(record: ClaimRecord, own: Omit<Party<D, P>, "side">, now: number): Task<D, P>[] {
  const { claim, games } = record;
  if (now >= claim.deadline && claim.openGames === 0) return [{ kind: "finalize" }];
  return games.flatMap((game) => movesOf(claim, game, { ...own, side: "Operator" }, now));
}

/** A game of the own root, whoever opened it, is played; else it is opened. */
function attack<D, P>(record: ClaimRecord, root: Hash, own: Omit<Party<D, P>, "side">, now: number): Task<D, P>[] {
  const { claim, games } = record;
  const game = games.find((known) => known.root === root);
  if (game === undefined) return now < claim.deadline ? [{ kind: "challenge", root }] : [{ kind: "alarm", reason: "window closed" }];
  if (game.game.phase === "ChallengerLost") return [{ kind: "alarm", reason: "game lost" }];
  return movesOf(claim, game, { ...own, side: "Challenger" }, now);
}

function movesOf<D, P>(claim: Claim, game: GameRecord, party: Party<D, P>, now: number): Task<D, P>[] {
  const move = nextMove(claim, game, party, now);
  return move === undefined ? [] : [{ kind: "move", move }];
}

