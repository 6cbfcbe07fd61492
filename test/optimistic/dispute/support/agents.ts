/** Who plays: the honest party by the library's player, and liars of many kinds. */
import type { GameMove } from "../../../../src/optimistic/dispute/moves.js";
import { nextMove, type Party } from "../../../../src/optimistic/dispute/player.js";
import type { Own } from "../../../../src/optimistic/dispute/watch.js";
import type { Address, Side } from "../../../../src/optimistic/dispute/state.js";
import type { Trace } from "../../../../src/optimistic/trace/trace.js";
import type { SeededRandom } from "../../../support/random.js";
import type { Agent, View } from "./arena.js";
import { toyEvidence, type ToyAgent, type ToyDefinition, type ToyGameMove, type ToyProof } from "./toyEvidence.js";
import { fittingPartials, type ToyModel } from "./toyModel.js";

export function partyOf(model: ToyModel, trace: Trace, side: Side): Party<ToyDefinition, ToyProof> {
  return { side, model, trace, evidence: toyEvidence(model, trace) };
}

export function ownOf(model: ToyModel, trace: Trace): Own<ToyDefinition, ToyProof> {
  return { ...partyOf(model, trace, "Challenger"), marked: (mark) => partyOf(model, mark === 0 ? trace : trace.marked(mark), "Challenger") };
}

/** Plays its trace by the library's player. */
export function player(model: ToyModel, trace: Trace, side: Side, address: Address, pace: ToyAgent["pace"] = "prompt"): ToyAgent {
  return playing(partyOf(model, trace, side), address, pace);
}

export function playing<D, P>(party: Party<D, P>, address: Address, pace: "prompt" | "late" = "prompt"): Agent<D, P> {
  const { side } = party;
  return { address, side, pace, act: ({ claim, record, now }) => nextMove(claim, record, party, now) };
}

/** As `agent`, but for what `change` makes of its moves; undefined: it is silent. */
export function changing<D, P>(agent: Agent<D, P>, change: (move: GameMove<D, P>, view: View) => GameMove<D, P> | undefined): Agent<D, P> {
  return {
    ...agent,
    act: (view) => {
      const move = agent.act(view);
      return move === undefined ? undefined : change(move, view);
    },
  };
}

export function late<D, P>(agent: Agent<D, P>): Agent<D, P> {
  return { ...agent, pace: "late" };
}

/** Shows nothing any more once the game has so many moves. */
export function withholding<D, P>(agent: Agent<D, P>, moves: number): Agent<D, P> {
  return changing(agent, (move, { record }) => (record.game.moves >= moves ? undefined : move));
}

/** Never computes on chain, and never lets time decide. */
export function descendingOnly<D, P>(agent: Agent<D, P>): Agent<D, P> {
  return changing(agent, (move) => (move.kind === "answer" ? move : undefined));
}

/** Has nothing to show. */
export function silent(side: Side, address: Address): Agent<never, never> {
  return { address, side, pace: "prompt", act: () => undefined };
}

/** Changes one byte, or cuts, or adds one, or leaves all out. */
export function damaged(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const copy = bytes.slice();
  switch (random.below(5)) {
    case 0:
      return copy.subarray(1);
    case 1:
      return Uint8Array.of(...copy, 0);
    case 2:
      return new Uint8Array(copy.length);
    case 3:
      return new Uint8Array(0);
    default:
      if (copy.length > 0) copy[random.below(copy.length)] ^= 1 << random.below(8);
      return copy;
  }
}

/** Damages its moves in all ways; what the contract takes nevertheless must not help. */
export function garbling(agent: ToyAgent, random: SeededRandom): ToyAgent {
  return changing(agent, (move) => garbled(move, random));
}

export function garbled(move: ToyGameMove, random: SeededRandom): ToyGameMove {
  const stale: ToyGameMove = { ...move, answered: `0x${"5a".repeat(32)}` };
  if (random.below(5) === 0) return stale;
  switch (move.kind) {
    case "answer":
      return garbledAnswer(move, random);
    case "execute":
      return { ...move, evidence: garbledProof(move.evidence, random) };
    case "sums":
      return { ...move, ...(random.below(2) === 0 ? { evidence: garbledProof(move.evidence, random) } : { partials: hostilePartials(move.partials, random) }) };
    case "refute":
      return { ...move, segment: random.below(move.partials.length + 2), partials: random.below(2) === 0 ? move.partials : hostilePartials(move.partials, random) };
    case "expire":
      return stale;
  }
}

function garbledAnswer(move: Extract<ToyGameMove, { kind: "answer" }>, random: SeededRandom): ToyGameMove {
  switch (random.below(5)) {
    case 0:
      return { ...move, theirs: damaged(move.theirs, random) };
    case 1:
      return { ...move, mine: damaged(move.mine, random) };
    case 2:
      return { ...move, next: damaged(move.next, random) };
    case 3:
      return { ...move, mine: move.theirs, theirs: move.mine };
    default:
      return { ...move, definition: move.definition === undefined ? { slot: 0 } : undefined };
  }
}

function garbledProof(proof: ToyProof, random: SeededRandom): ToyProof {
  return random.below(2) === 0 ? { ...proof, element: proof.element + 1 } : { ...proof, slot: proof.slot + 1 };
}

/** An operator whose partial results end in its claimed value, or are otherwise not what the operands give. */
export function summing(agent: ToyAgent, model: ToyModel, random: SeededRandom): ToyAgent {
  return changing(agent, (move, { record: { game } }) => {
    if (move.kind !== "sums" || game.content.kind !== "claimed" || game.tensor === undefined) return move;
    const fitting = fittingPartials(model, game.tensor.slot, game.content.value, move.partials, random);
    return { ...move, partials: random.below(4) === 0 ? hostilePartials(fitting, random) : fitting };
  });
}

const LEAST = -(2n ** 255n);

/** Other partial results: as often as not with the same sum. */
export function hostilePartials(partials: readonly bigint[], random: SeededRandom): bigint[] {
  const [from, to] = [random.below(partials.length), random.below(partials.length)];
  const shift = [1n, 2n ** 255n, LEAST, 2n ** 64n][random.below(4)];
  const changed = partials.map((value, i) => BigInt.asIntN(256, value + (i === from ? shift : 0n) - (i === to ? shift : 0n)));
  switch (random.below(5)) {
    case 0:
      return changed.map(() => LEAST);
    case 1:
      return partials.toReversed();
    case 2:
      return [...partials, 0n];
    case 3:
      return partials.map((value, i) => (i === from ? BigInt.asIntN(256, value + 1n) : value));
    default:
      return changed;
  }
}
