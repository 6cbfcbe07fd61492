/** Games played to their end without a node: a world, its time, and what must hold after every move. */
import { mostMoves } from "../../../../src/optimistic/dispute/cost.js";
import { gameIdOf, type Hash, hashWords } from "../../../../src/optimistic/dispute/hash.js";
import type { Judge } from "../../../../src/optimistic/dispute/judge.js";
import { apply } from "../../../../src/optimistic/dispute/machine.js";
import type { GameMove, Move } from "../../../../src/optimistic/dispute/moves.js";
import type { GameRecord } from "../../../../src/optimistic/dispute/player.js";
import type { Rejection } from "../../../../src/optimistic/dispute/rejection.js";
import { type Address, type Claim, type Game, type Parameters, type Side, stateHashOf, type World } from "../../../../src/optimistic/dispute/state.js";
import { type GameModel, tensorLength } from "../../../../src/optimistic/dispute/views.js";
import { emptyWorld, GWEI, isOver, maxCredits, obligations } from "../../../../src/optimistic/dispute/world.js";
import type { Trace } from "../../../../src/optimistic/trace/trace.js";
import { SeededRandom } from "../../../support/random.js";

const WORST_GAS = 2_000_000n;
const PRICE = 20n * GWEI;

export const PARAMETERS: Parameters = {
  window: 7 * 86_400,
  clock: 86_400,
  grace: 600,
  worstGas: WORST_GAS,
  statedPrice: PRICE,
  claimBond: 4n * WORST_GAS * PRICE,
  challengeBond: WORST_GAS * PRICE,
};

/** What an agent sees of a game: all that the chain tells. */
export interface View {
  readonly claim: Claim;
  readonly record: GameRecord;
  readonly now: number;
}

export interface Agent<D, P> {
  readonly address: Address;
  readonly side: Side;
  /** "prompt": as soon as it can; "late": in the last second of its time. */
  readonly pace: "prompt" | "late";
  act(view: View): GameMove<D, P> | undefined;
}

export function address(number: number): Address {
  return `0x${number.toString(16).padStart(40, "0")}`;
}

export class Arena<D, P> {
  world: World;
  now = 1_000_000;
  rejections: { readonly sender: Address; readonly name: Rejection }[] = [];
  /** Kinds of the accepted moves, in order. */
  readonly played: Move<D, P>["kind"][] = [];
  /** Gwei by sender, as the gas came. */
  readonly earned = new Map<Address, bigint>();
  readonly #published = new Map<Hash, Uint8Array>();
  readonly #ranOut = new Set<Hash>();
  #deposited = 0n;
  #withdrawn = 0n;

  constructor(
    readonly model: GameModel,
    readonly judge: Judge<D, P>,
    private readonly random: SeededRandom,
  ) {
    this.world = emptyWorld(PARAMETERS);
  }

  /** Plays a move; the rejection, if it is refused. Money is conserved either way. */
  play(move: Move<D, P>, sender: Address, value = 0n): Rejection | undefined {
    const earned = BigInt(1_000_000 + this.random.below(2_000_000));
    const outcome = apply(this.world, move, { sender, value, now: this.now, earned }, this.judge);
    if (outcome.rejection !== undefined) {
      this.rejections.push({ sender, name: outcome.rejection });
      return outcome.rejection;
    }
    if (move.kind === "withdraw") this.#withdrawn += this.world.held - outcome.world.held;
    this.#deposited += value;
    this.played.push(move.kind);
    const joined = move.kind === "open" && this.world.games[gameIdOf(move.claimId, move.root)] !== undefined;
    this.world = outcome.world;
    if (!joined && (move.kind === "open" || move.kind === "answer")) this.#published.set(gameIdOf(move.claimId, move.root), move.kind === "open" ? move.expansion : move.next);
    if (move.kind === "expire") this.#ranOut.add(gameIdOf(move.claimId, move.root));
    if (!joined) this.#count(sender, move, earned);
    this.#assertSolvent();
    return undefined;
  }

  post(trace: Pick<Trace, "root">, operator: Address, outputs: Claim["outputs"] = [], settleable = false): Hash {
    const { slots, inputs } = this.model;
    const claimId = hashWords(trace.root, BigInt(operator));
    const refused = this.play({ kind: "post", claimId, posted: { traceRoot: trace.root, slots: slots.length, inputs, outputs, settleable } }, operator, this.world.parameters.claimBond);
    if (refused !== undefined) throw new Error(`the claim was refused: ${refused}`);
    return claimId;
  }

  open(claimId: Hash, { root }: Pick<Trace, "root">, expansion: Uint8Array, challenger: Address): Rejection | undefined {
    return this.play({ kind: "open", claimId, root, expansion, outputRoots: [], outputSiblings: [] }, challenger, this.world.parameters.challengeBond);
  }

  claim(claimId: Hash): Claim {
    const claim = this.world.claims[claimId];
    if (claim === undefined) throw new Error("there is no such claim");
    return claim;
  }

  game(claimId: Hash, root: Hash): Game {
    const game = this.world.games[gameIdOf(claimId, root)];
    if (game === undefined) throw new Error("there is no such game");
    return game;
  }

  view(claimId: Hash, root: Hash): View {
    const gameId = gameIdOf(claimId, root);
    const published = this.#published.get(gameId) ?? new Uint8Array(0);
    return { claim: this.claim(claimId), record: { claimId, root, game: this.game(claimId, root), published, ranOut: this.#ranOut.has(gameId) }, now: this.now };
  }

  isOn(claimId: Hash, root: Hash): boolean {
    return this.claim(claimId).status === "Posted" && !isOver(this.game(claimId, root).phase);
  }

  /** Withdraws whatever anybody has; what is left is owed to nobody. */
  settleUp(): void {
    for (const account of Object.keys(this.world.balances) as Address[]) if ((this.world.balances[account] ?? 0n) > 0n) this.play({ kind: "withdraw" }, account);
  }

  #count(sender: Address, move: Move<D, P>, earned: bigint): void {
    const moves = ["open", "answer", "execute", "sums", "refute", "expire"];
    if (moves.includes(move.kind)) this.earned.set(sender, (this.earned.get(sender) ?? 0n) + earned);
  }

  #assertSolvent(): void {
    const { held, burned } = this.world;
    if (held !== obligations(this.world)) throw new Error(`holds ${held}, owes ${obligations(this.world)}`);
    if (held + burned + this.#withdrawn !== this.#deposited) throw new Error("money in is not money out, held and burned");
    for (const { credits } of Object.values(this.world.games).filter((game) => game !== undefined)) {
      if (credits.Operator > maxCredits(this.world.parameters) || credits.Challenger > maxCredits(this.world.parameters)) throw new Error("credits beyond the cap");
    }
  }
}

/** Moves of a game on this model at most. */
export function movesAtMost(model: GameModel): number {
  return mostMoves({ slots: model.slots.length, longestTensor: Math.max(...model.slots.map(tensorLength)), segmented: model.slots.some(({ terms, segment }) => terms > segment) });
}

/** A game with all who play on its challenger's side. */
export interface Seats<D, P> {
  readonly root: Hash;
  readonly challengers: readonly Agent<D, P>[];
}

/** Plays all games of a claim until none is on. */
export function playToEnd<D, P>(arena: Arena<D, P>, claimId: Hash, operator: Agent<D, P>, seats: readonly Seats<D, P>[]): void {
  const silent = new Set<string>();
  for (let turns = 0; seats.some(({ root }) => arena.isOn(claimId, root)); turns++) {
    if (turns > 100 * (seats.length + 1)) throw new Error("the games do not end");
    const on = seats.filter(({ root }) => arena.isOn(claimId, root));
    if (movePrompt(arena, claimId, operator, on, silent)) continue;
    // Nobody moves at once: the next who would wait until the last second, or the first clock that runs out.
    const waiting = on.filter(({ root }) => arena.now <= arena.game(claimId, root).deadline);
    if (waiting.length === 0) continue;
    const [{ root, challengers }] = waiting.sort((a, b) => arena.game(claimId, a.root).deadline - arena.game(claimId, b.root).deadline);
    const { deadline, turn } = arena.game(claimId, root);
    const willing = (turn === "Operator" ? [operator] : challengers).filter((agent) => !silent.has(keyOf(arena, claimId, root, agent)));
    arena.now = willing.length === 0 ? deadline + 1 : deadline;
    for (const agent of willing) if (!move(arena, claimId, root, agent)) silent.add(keyOf(arena, claimId, root, agent));
  }
}

function movePrompt<D, P>(arena: Arena<D, P>, claimId: Hash, operator: Agent<D, P>, on: readonly Seats<D, P>[], silent: Set<string>): boolean {
  for (const { root, challengers } of on) {
    for (const agent of [operator, ...challengers]) {
      const key = keyOf(arena, claimId, root, agent);
      const isLate = arena.now > arena.game(claimId, root).deadline;
      if ((agent.pace === "late" && !isLate) || silent.has(key)) continue;
      if (move(arena, claimId, root, agent)) return true;
      // Whoever has nothing to do now may have it when a clock has run out.
      if (arena.game(claimId, root).turn === agent.side) silent.add(key);
    }
  }
  return false;
}

function move<D, P>(arena: Arena<D, P>, claimId: Hash, root: Hash, agent: Agent<D, P>): boolean {
  const chosen = agent.act(arena.view(claimId, root));
  if (chosen === undefined) return false;
  const refused = arena.play(chosen, agent.address);
  if (refused === undefined) arena.now += 1;
  return refused === undefined;
}

function keyOf<D, P>(arena: Arena<D, P>, claimId: Hash, root: Hash, { address: who }: Agent<D, P>): string {
  return `${who} ${stateHashOf(gameIdOf(claimId, root), arena.game(claimId, root))}`;
}
