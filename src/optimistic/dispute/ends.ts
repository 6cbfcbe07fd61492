/** How claims and games end, and who is paid what (contracts/optimistic: ClaimBook, GameBook). */
import type { Hash } from "./hash.js";
import type { Address, Claim, Game, Phase, Side, World } from "./state.js";
import { add, burn, creditsOf, fillPot, GWEI, isOver, maxCredits, NO_CREDITS, pay, takeShare, withClaim, withCredits, withGame } from "./world.js";

/** A game in a claim, with both ids. */
export interface Seat {
  readonly claimId: Hash;
  readonly gameId: Hash;
}

/** The bond goes back to the operator. */
export function makeFinal(world: World, claimId: Hash, claim: Claim): World {
  return pay(withClaim(world, claimId, { status: "Final", bond: 0n, openGames: 0, credits: 0n }), claim.operator, claim.bond);
}

/**
 * Divides a claim's bond: `credits` of the game that did it, other games' ones, and of the rest half is burned.
 * @returns paid: wei for that game's credits, and the reward
 */
export function defeat(world: World, claimId: Hash, claim: Claim, credits: bigint): { readonly world: World; readonly paid: bigint } {
  const others = claim.credits - credits;
  const own = credits * GWEI;
  const rest = claim.bond - own;
  const shared = others * GWEI < rest ? others * GWEI : rest;
  const reward = (rest - shared) / 2n;
  const ended = withClaim(world, claimId, { status: "Defeated", bond: 0n, openGames: 0, credits: 0n });
  return { world: burn(fillPot(ended, claimId, shared, others), rest - shared - reward), paid: own + reward };
}

/** The phase, which for a game that was on when its claim ended follows from that end. */
export function phaseIn({ status }: Claim, { phase, sameOutputs }: Game): Phase {
  if (phase === "None" || isOver(phase) || status === "Posted") return phase;
  return status === "Defeated" || sameOutputs ? "Released" : "ChallengerLost";
}

/** What a move adds to the credits of its mover, on the side that it serves. */
export interface Earning {
  readonly side: Side;
  readonly mover: Address;
  /** Gwei for its gas, and what it may count at most. */
  readonly earned: bigint;
  readonly most: bigint;
}

/** Adds it, up to the cap. */
export function count(world: World, { claimId, gameId }: Seat, claim: Claim, game: Game, { side, mover, earned, most }: Earning): { readonly world: World; readonly game: Game } {
  const left = maxCredits(world.parameters) - game.credits[side];
  const credits = [earned, left, most].reduce((least, amount) => (amount < least ? amount : least));
  const isOwn = mover === (side === "Operator" ? claim.operator : game.challenger);
  const counted = { ...game, credits: add(game.credits, side, credits), ownCredits: isOwn ? add(game.ownCredits, side, credits) : game.ownCredits };
  const inClaim = side === "Challenger" ? withClaim(world, claimId, { credits: claim.credits + credits }) : world;
  const inGame = isOwn ? inClaim : withCredits(inClaim, gameId, mover, add(creditsOf(world, gameId, mover), side, credits));
  return { world: inGame, game: counted };
}

/** The claim lost this game: its bond is divided, and the challenger has its own back. */
export function endByClaim(world: World, { claimId, gameId }: Seat, claim: Claim, game: Game): World {
  const all = game.credits.Challenger;
  const own = game.ownCredits.Challenger;
  const { world: defeated, paid } = defeat(world, claimId, claim, all);
  const share = all === 0n ? paid : (paid * own) / all;
  const filled = fillPot(defeated, gameId, paid - share, all - own);
  return withGame(pay(filled, game.challenger, world.parameters.challengeBond + share), gameId, { ...game, phase: "ClaimLost" });
}

/** The challenger lost: its bond pays the operator's side, and of the rest half is burned. */
export function endByChallenger(world: World, gameId: Hash, operator: Address, game: Game): World {
  const others = game.credits.Operator - game.ownCredits.Operator;
  const rest = world.parameters.challengeBond - game.credits.Operator * GWEI;
  const part = rest / 2n;
  const filled = fillPot(world, gameId, others * GWEI, others);
  const paid = pay(filled, operator, game.ownCredits.Operator * GWEI + part);
  return withGame(burn(paid, rest - part), gameId, { ...game, phase: "ChallengerLost" });
}

/** Ends a game whose claim ended elsewhere. */
export function release(world: World, { claimId, gameId }: Seat, claim: Claim, game: Game, phase: Phase): World {
  if (phase === "ChallengerLost") return endByChallenger(world, gameId, claim.operator, game);
  // When the claim was settled as right, there is no pot.
  const { world: taken, amount } = claim.status === "Defeated" ? takeShare(world, claimId, game.ownCredits.Challenger) : { world, amount: 0n };
  return withGame(pay(taken, game.challenger, world.parameters.challengeBond + amount), gameId, { ...game, phase });
}

/** Pays a mover what its credits of a game that is over are worth, for which they are given up. */
export function payShare(world: World, { claimId, gameId }: Seat, claim: Claim, phase: Phase, mover: Address): { readonly world: World; readonly amount: bigint } {
  const credits = creditsOf(world, gameId, mover);
  const forgotten = credits === NO_CREDITS ? world : withCredits(world, gameId, mover, NO_CREDITS);
  const share = (id: Hash, side: Side): ReturnType<typeof takeShare> => takeShare(forgotten, id, credits[side]);
  if (phase === "ChallengerLost") return share(gameId, "Operator");
  if (phase === "ClaimLost") return share(gameId, "Challenger");
  return claim.status === "Defeated" ? share(claimId, "Challenger") : { world: forgotten, amount: 0n };
}
