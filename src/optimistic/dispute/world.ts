/** Small changes of a {@link World}, each a new one, and the one invariant of its money. */
import type { Hash } from "./hash.js";
import type { Address, BySide, Claim, Game, Parameters, Phase, Side, World } from "./state.js";

export const GWEI = 10n ** 9n;

export const NO_CREDITS: BySide = { Operator: 0n, Challenger: 0n };

export function emptyWorld(parameters: Parameters): World {
  return { parameters, claims: {}, games: {}, credits: {}, pots: {}, balances: {}, held: 0n, burned: 0n };
}

/** Gwei: the most that a side's moves of one game count. */
export function maxCredits({ worstGas, statedPrice }: Parameters): bigint {
  return (worstGas * statedPrice) / GWEI;
}

/** A move on the way to the element counts for one part in so many of that at most. */
const PARTS_OF_CAP = 6n;

/** Gwei: the most that a move counts which leads to such a game. Partial results are the operator's own affair. */
export function mostCredits(parameters: Parameters, { phase }: Game): bigint {
  return phase === "Refute" ? maxCredits(parameters) : maxCredits(parameters) / PARTS_OF_CAP;
}

export function isOver(phase: Phase): boolean {
  return phase === "ClaimLost" || phase === "ChallengerLost" || phase === "Released";
}

/** The side to move may do so until then, included. */
export function deadlineOf({ grace }: Parameters, { phase, turn, clocks, lastMoveAt }: Game): number {
  return phase === "None" || isOver(phase) ? 0 : lastMoveAt + grace + clocks[turn];
}

export function withClaim(world: World, id: Hash, change: Partial<Claim>): World {
  const claim = world.claims[id];
  return claim === undefined ? world : { ...world, claims: { ...world.claims, [id]: { ...claim, ...change } } };
}

/** Sets the deadline that follows from the rest. */
export function withGame(world: World, id: Hash, game: Game): World {
  return { ...world, games: { ...world.games, [id]: { ...game, deadline: deadlineOf(world.parameters, game) } } };
}

export function pay(world: World, account: Address, amount: bigint): World {
  return amount === 0n ? world : { ...world, balances: { ...world.balances, [account]: (world.balances[account] ?? 0n) + amount } };
}

export function burn(world: World, amount: bigint): World {
  return { ...world, held: world.held - amount, burned: world.burned + amount };
}

export function receive(world: World, amount: bigint): World {
  return { ...world, held: world.held + amount };
}

/** Sets aside what movers with so many credits in all share. */
export function fillPot(world: World, id: Hash, amount: bigint, credits: bigint): World {
  return credits === 0n ? world : { ...world, pots: { ...world.pots, [id]: { amount, credits } } };
}

/** Takes the share of some of a pot's credits; the last one takes the rest. */
export function takeShare(world: World, id: Hash, credits: bigint): { readonly world: World; readonly amount: bigint } {
  const pot = world.pots[id];
  if (credits === 0n || pot === undefined) return { world, amount: 0n };
  const amount = (pot.amount * credits) / pot.credits;
  return { world: { ...world, pots: { ...world.pots, [id]: { amount: pot.amount - amount, credits: pot.credits - credits } } }, amount };
}

export function creditsOf(world: World, gameId: Hash, mover: Address): BySide {
  return world.credits[gameId]?.[mover] ?? NO_CREDITS;
}

export function withCredits(world: World, gameId: Hash, mover: Address, credits: BySide): World {
  return { ...world, credits: { ...world.credits, [gameId]: { ...world.credits[gameId], [mover]: credits } } };
}

export function add(credits: BySide, side: Side, amount: bigint): BySide {
  return { ...credits, [side]: credits[side] + amount };
}

/** What the contract's ether is owed to: bonds of claims and of games that are not closed, balances and pots. */
export function obligations({ parameters, claims, games, balances, pots }: World): bigint {
  const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);
  const values = <T>(table: Readonly<Partial<Record<string, T>>>): T[] => Object.values(table).filter((value) => value !== undefined);
  const openGames = values(games).filter(({ phase }) => !isOver(phase)).length;
  return (
    sum(values(claims).map(({ bond }) => bond)) +
    BigInt(openGames) * parameters.challengeBond +
    sum(values(balances)) +
    sum(values(pots).map(({ amount }) => amount))
  );
}
