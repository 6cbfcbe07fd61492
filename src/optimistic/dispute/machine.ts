/**
 * The claims contract as a state machine: state and move in, next state or rejection out. It mirrors contracts/optimistic down
 * to the order of checks and the division of every gwei; test/fuzz plays both against each other. Evidence is judged by a
 * {@link Judge}, time and gas come with the move.
 */
import { traceDepth } from "../../math/merkle.js";
import { foldProof } from "../../math/merkleProofs.js";
import { count, defeat, endByChallenger, endByClaim, makeFinal, payShare, phaseIn, release, type Seat } from "./ends.js";
import { fromHash, gameIdOf, type Hash, toHash } from "./hash.js";
import type { Judge } from "./judge.js";
import type { CollectMove, Context, FinalizeMove, FraudMove, GameMove, Move, OpenMove, PostMove, SettleMove } from "./moves.js";
import { type Play, type Played, playAnswer, playExecute, playExpire, playRefute, playSums, type Scene } from "./play.js";
import { expansionBytes, isExpansionOf, type TracePosition } from "./position.js";
import type { Rejection } from "./rejection.js";
import { type Address, type Claim, type Game, otherSide, type Outcome, type Parameters, type Phase, type Side, stateHashOf, type World } from "./state.js";
import { isOver, maxCredits, mostCredits, NO_CREDITS, pay, receive, withClaim, withGame } from "./world.js";

/** A row of the game's table. */
interface GameRule {
  /** Where the move is one; elsewhere it is a WrongPhase. */
  readonly phases: readonly Phase[];
  /** Whether the side to move must still have time, or none any more. */
  readonly clock: "running" | "run out";
  /** Refuses a sender, whatever the game's state. */
  readonly refuses: (claim: Claim | undefined, sender: Address) => Rejection | undefined;
}

const ANYONE: GameRule["refuses"] = () => undefined;

/** The game's table. What a move finds in its phase is in play.ts; all else is common to the moves: {@link playGame}. */
const GAME_RULES: Readonly<Record<GameMove<unknown, unknown>["kind"], GameRule>> = {
  answer: { phases: ["Trace", "Tensor", "Inner"], clock: "running", refuses: ANYONE },
  execute: { phases: ["Execute"], clock: "running", refuses: ANYONE },
  sums: { phases: ["Sums"], clock: "running", refuses: unlessOperator },
  refute: { phases: ["Refute"], clock: "running", refuses: ANYONE },
  expire: { phases: ["Trace", "Tensor", "Inner", "Execute", "Sums", "Refute"], clock: "run out", refuses: ANYONE },
};

/** No root fixes partial results: a stranger's could lose the operator the game. */
function unlessOperator(claim: Claim | undefined, sender: Address): Rejection | undefined {
  return claim?.operator === sender ? undefined : "NotOperator";
}

/** Plays a move. */
export function apply<D, P>(world: World, move: Move<D, P>, context: Context, judge: Judge<D, P>): Outcome {
  switch (move.kind) {
    case "post":
      return post(world, move, context);
    case "open":
      return open(world, move, context);
    case "answer":
    case "execute":
    case "sums":
    case "refute":
    case "expire":
      return playGame(world, move, context, judge);
    case "finalize":
      return finalize(world, move, context);
    case "proveFraud":
      return proveFraud(world, move, context);
    case "settle":
      return settle(world, move);
    case "collect":
      return collect(world, move);
    case "withdraw":
      return withdraw(world, context);
  }
}

function post(world: World, { claimId, posted }: PostMove, { sender, value, now }: Context): Outcome {
  const { claimBond, window } = world.parameters;
  if (value < claimBond) return { rejection: "BondTooSmall" };
  if (world.claims[claimId] !== undefined) return { rejection: "ClaimExists" };
  const claim: Claim = { ...posted, status: "Posted", operator: sender, bond: value, deadline: now + window, openGames: 0, credits: 0n };
  return { world: receive({ ...world, claims: { ...world.claims, [claimId]: claim } }, value) };
}

function open(world: World, move: OpenMove, { sender, value, now, earned }: Context): Outcome {
  const { claimId, root } = move;
  const claim = world.claims[claimId];
  if (claim?.status !== "Posted") return { rejection: "ClaimNotPosted" };
  if (now >= claim.deadline) return { rejection: "WindowClosed" };
  if (value !== world.parameters.challengeBond) return { rejection: "BondMismatch" };
  const gameId = gameIdOf(claimId, root);
  if (world.games[gameId] !== undefined) return { world: pay(receive(world, value), sender, value) };
  if (root === claim.traceRoot) return { rejection: "RootsEqual" };
  const sameOutputs = comparedOutputs(claim, move);
  if (typeof sameOutputs === "string") return { rejection: sameOutputs };
  const position: TracePosition = { area: "trace", levels: traceDepth(claim.slots), index: 0 };
  if (move.expansion.length !== expansionBytes(position)) return { rejection: "ExpansionLength" };
  if (!isExpansionOf(position, root, move.expansion)) return { rejection: "ExpansionMismatch" };
  const opened = newGame(world, claim, root, sender, now, sameOutputs);
  const locked = withClaim(receive(world, value), claimId, { openGames: claim.openGames + 1 });
  const { world: counted, game } = count(locked, { claimId, gameId }, { ...claim, openGames: claim.openGames + 1 }, opened, { side: "Challenger", mover: sender, earned, most: mostCredits(world.parameters, opened) });
  return { world: withGame(counted, gameId, game) };
}

function newGame({ parameters }: World, claim: Claim, root: Hash, challenger: Address, now: number, sameOutputs: boolean): Game {
  const { clock } = parameters;
  return {
    phase: "Trace", turn: "Operator", moves: 1, levels: traceDepth(claim.slots), index: 0, tensor: undefined,
    clocks: { Operator: clock, Challenger: clock }, lastMoveAt: now, deadline: 0,
    content: { kind: "nodes", nodes: { claim: claim.traceRoot, challenger: root } },
    challenger, sameOutputs, credits: NO_CREDITS, ownCredits: NO_CREDITS,
  };
}

/** Whether the challenger's trace ends in the claim's outputs, if that can ever matter. */
function comparedOutputs(claim: Claim, { root, outputRoots, outputSiblings }: OpenMove): boolean | Rejection {
  const expected = claim.settleable ? claim.outputs.length : 0;
  if (outputRoots.length !== expected || outputSiblings.length !== expected) return "OutputCount";
  for (const [i, { slot }] of claim.outputs.entries()) {
    if (!claim.settleable) break;
    if (outputSiblings[i].length !== traceDepth(claim.slots)) return "PortMismatch";
    if (toHash(foldProof(fromHash(outputRoots[i]), slot, outputSiblings[i])) !== root) return "PortMismatch";
  }
  return claim.settleable && claim.outputs.every((output, i) => output.root === outputRoots[i]);
}

/** What all moves of a game have in common: they answer the present state in time, count as moves, and may end the game. */
function playGame<D, P>(world: World, move: GameMove<D, P>, context: Context, judge: Judge<D, P>): Outcome {
  const { claimId, root } = move;
  const claim = world.claims[claimId];
  const gameId = gameIdOf(claimId, root);
  const rule = GAME_RULES[move.kind];
  const refused = rule.refuses(claim, context.sender);
  if (refused !== undefined) return { rejection: refused };
  const game = world.games[gameId];
  if (game === undefined || claim === undefined) return { rejection: "GameMissing" };
  if (isOver(game.phase) || claim.status !== "Posted") return { rejection: "GameOver" };
  if (move.answered !== stateHashOf(gameId, game)) return { rejection: "StateMismatch" };
  const isLate = context.now > game.deadline;
  if (isLate !== (rule.clock === "run out")) return { rejection: isLate ? "TooLate" : "NotExpired" };
  if (!rule.phases.includes(game.phase)) return { rejection: "WrongPhase" };
  const played = play({ claimId, claim, root, game: withMove(world.parameters, game, context.now), judge }, move);
  if (typeof played === "string") return { rejection: played };
  return { world: conclude(world, { claimId, gameId }, claim, played, game.turn, context) };
}

function play<D, P>(scene: Scene<D, P>, move: GameMove<D, P>): Play {
  switch (move.kind) {
    case "answer":
      return playAnswer(scene, move);
    case "execute":
      return playExecute(scene, move);
    case "sums":
      return playSums(scene, move);
    case "refute":
      return playRefute(scene, move);
    case "expire":
      return playExpire(scene);
  }
}

/** The mover's clock stops, unless it has run out. */
function withMove({ grace }: Parameters, game: Game, now: number): Game {
  const { turn, clocks, lastMoveAt, deadline } = game;
  const used = now > deadline ? 0 : Math.max(0, now - lastMoveAt - grace);
  return { ...game, moves: game.moves + 1, lastMoveAt: now, clocks: { ...clocks, [turn]: clocks[turn] - used } };
}

/** Counts the move for the side that it serves: the winner's, if it ends the game. Then ends the game or goes on. */
function conclude(world: World, seat: Seat, claim: Claim, { game, loser }: Played, mover: Side, { sender, earned }: Context): World {
  const served = loser === undefined ? mover : otherSide(loser);
  const most = loser === undefined ? mostCredits(world.parameters, game) : maxCredits(world.parameters);
  const counted = count(world, seat, claim, game, { side: served, mover: sender, earned, most });
  const known = counted.world.claims[seat.claimId] ?? claim;
  if (loser === undefined) return withGame(counted.world, seat.gameId, counted.game);
  if (loser === "Operator") return endByClaim(counted.world, seat, known, counted.game);
  const remaining = { openGames: known.openGames - 1, credits: known.credits - counted.game.credits.Challenger };
  return endByChallenger(withClaim(counted.world, seat.claimId, remaining), seat.gameId, claim.operator, counted.game);
}

function finalize(world: World, { claimId }: FinalizeMove, { now }: Context): Outcome {
  const claim = world.claims[claimId];
  if (claim?.status !== "Posted") return { rejection: "ClaimNotPosted" };
  if (now < claim.deadline) return { rejection: "WindowOpen" };
  if (claim.openGames !== 0) return { rejection: "GamesOpen" };
  return { world: makeFinal(world, claimId, claim) };
}

function proveFraud(world: World, { claimId, reply }: FraudMove, { sender }: Context): Outcome {
  const claim = world.claims[claimId];
  if (claim?.status !== "Posted") return { rejection: "ClaimNotPosted" };
  if (reply === "unknown") return { rejection: "QuestionUnknown" };
  return reply === "fraud" ? defeated(world, claimId, claim, sender) : { rejection: "NotFraud" };
}

function settle(world: World, { claimId, beneficiary, proof }: SettleMove): Outcome {
  const claim = world.claims[claimId];
  if (claim?.status !== "Posted") return { rejection: "ClaimNotPosted" };
  if (!claim.settleable) return { rejection: "NoEntry" };
  if (proof === "invalid") return { rejection: "SettlementInvalid" };
  return proof === "same outputs" ? { world: makeFinal(world, claimId, claim) } : defeated(world, claimId, claim, beneficiary);
}

/** No game did it: all credits share one pot. */
function defeated(world: World, claimId: Hash, claim: Claim, rewarded: Address): Outcome {
  const { world: after, paid } = defeat(world, claimId, claim, 0n);
  return { world: pay(after, rewarded, paid) };
}

function collect(world: World, { claimId, root, mover }: CollectMove): Outcome {
  const claim = world.claims[claimId];
  const gameId = gameIdOf(claimId, root);
  const game = world.games[gameId];
  if (claim === undefined || game === undefined) return { rejection: "GameMissing" };
  const phase = phaseIn(claim, game);
  const ends = phase !== game.phase;
  if (!isOver(phase)) return { rejection: "WrongPhase" };
  const seat = { claimId, gameId };
  const ended = ends ? release(world, seat, claim, game, phase) : world;
  const { world: shared, amount } = payShare(ended, seat, claim, phase, mover);
  if (amount === 0n && !ends) return { rejection: "NothingToCollect" };
  return { world: pay(shared, mover, amount) };
}

function withdraw(world: World, { sender }: Context): Outcome {
  const amount = world.balances[sender] ?? 0n;
  if (amount === 0n) return { rejection: "NothingToCollect" };
  return { world: receive({ ...world, balances: { ...world.balances, [sender]: 0n } }, -amount) };
}
