/** Random moves, legal and not. */
import { proveNode } from "../../../src/math/merkleProofs.js";
import { gameIdOf, type Hash, toHash } from "../../../src/optimistic/dispute/hash.js";
import type { GameMove } from "../../../src/optimistic/dispute/moves.js";
import { type GameRecord, nextMove } from "../../../src/optimistic/dispute/player.js";
import { type Side, stateHashOf } from "../../../src/optimistic/dispute/state.js";
import { isOver } from "../../../src/optimistic/dispute/world.js";
import type { Trace } from "../../../src/optimistic/trace/trace.js";
import { damaged, hostilePartials } from "../../optimistic/dispute/support/agents.js";
import type { FuzzMove } from "./calldata.js";
import { type Definition, evidenceOf, foldPartials, type Proof, wrap } from "./evidence.js";
import type { Lane, Planned } from "./lane.js";
import { PARAMETERS } from "./rig.js";

type FuzzGameMove = GameMove<Definition, Proof>;

const OPERATOR = 0;
const ACTORS = 4;

/** A move of the lane's claim or of one of its games. */
export function propose(lane: Lane, now: number): Planned {
  const claim = lane.planned.claims[lane.claim.claimId];
  if (claim === undefined) return post(lane);
  const options: [weight: number, make: (lane: Lane, now: number) => Planned][] =
    claim.status === "Posted" && claim.openGames === 0 && now >= claim.deadline
      ? [[4, finalize], [1, open], [1, gameMove], [1, proveFraud], [1, settle], [4, collect], [1, expire]]
      : claim.status === "Posted"
      ? [[7, open], [60, gameMove], [14, varied], [4, elsewhere], [2, expire], [1.5, finalize], [0.3, proveFraud], [0.6, settle], [1.5, collect], [1, withdraw], [0.3, post]]
      : [[10, collect], [3, withdraw], [0.5, open], [1, gameMove], [0.5, expire], [0.5, finalize], [0.5, proveFraud], [0.5, settle], [0.5, post]];
  return pick(lane, options)(lane, now);
}

function pick<T>({ random }: Lane, options: readonly (readonly [weight: number, value: T])[]): T {
  let at = random.uniform() * options.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, value] of options) {
    at -= weight;
    if (at < 0) return value;
  }
  return options[options.length - 1][1];
}

function by(sender: number, move: FuzzMove, value = 0n): Planned {
  return { move, sender, value, padded: false };
}

function anyone({ random }: Lane): number {
  return random.below(ACTORS);
}

function post(lane: Lane): Planned {
  const { claimId, files, settleable } = lane.claim;
  const { model } = files.of;
  const outputs = model.outputs.map((slot) => ({ slot, root: toHash(files.claimed.roots.nodes(0, slot, 1)) }));
  const value = PARAMETERS.claimBond + (lane.random.below(10) === 0 ? -1n : BigInt(lane.random.below(1000)));
  return by(OPERATOR, { kind: "post", claimId, posted: { traceRoot: files.claimed.root, slots: model.slots.length, inputs: model.inputs, outputs, settleable } }, value);
}

function open(lane: Lane): Planned {
  const { random, claim } = lane;
  const trace = lane.random.below(30) === 0 ? claim.files.claimed : lane.someTrace();
  const { outputs } = claim.files.of.model;
  const expansion = trace.expansion({ area: "trace", levels: trace.roots.depth, index: 0 });
  const named = claim.settleable === random.below(20) > 0;
  const move = {
    kind: "open",
    claimId: claim.claimId,
    root: trace.root,
    expansion: random.below(12) === 0 ? damaged(expansion, random) : expansion,
    outputRoots: named ? outputs.map((slot) => toHash(random.below(30) === 0 ? trace.roots.nodes(0, 0, 1) : trace.roots.nodes(0, slot, 1))) : [],
    outputSiblings: named ? outputs.map((slot) => proveNode(trace.roots, slot).slice(random.below(30) === 0 ? 1 : 0)) : [],
  } as const;
  return { ...by(1 + random.below(ACTORS - 1), move, PARAMETERS.challengeBond + (random.below(15) === 0 ? 1n : 0n)), padded: random.below(40) === 0 };
}

/** A game that the lane has, rather one that is on. */
function someGame(lane: Lane): GameRecord | undefined {
  const records = lane.claim.traces.map(({ root }) => lane.record(root)).filter((record) => record !== undefined);
  const on = records.filter(({ game }) => !isOver(game.phase));
  const among = on.length > 0 && lane.random.below(10) > 0 ? on : records;
  return among.length === 0 ? undefined : among[lane.random.below(among.length)];
}

/** What the side to move would do; its end is decided by chance. */
function gameMove(lane: Lane, now: number): Planned {
  const record = someGame(lane);
  const move = record === undefined ? undefined : sideMove(lane, record, now);
  if (record === undefined || move === undefined) return open(lane);
  const sender = move.kind === "sums" && lane.random.below(20) > 0 ? OPERATOR : anyone(lane);
  return by(sender, decided(lane, record, move));
}

function sideMove(lane: Lane, record: GameRecord, now: number): FuzzGameMove | undefined {
  const claim = lane.planned.claims[lane.claim.claimId];
  const { game } = record;
  if (claim === undefined) return undefined;
  const side = game.turn;
  const late = now > game.deadline;
  const other: Side = side === "Operator" ? "Challenger" : "Operator";
  const mover = late ? other : side;
  const trace = mover === "Operator" ? lane.claim.files.claimed : traceOf(lane, record.root);
  const { model } = lane.claim.files.of;
  return trace === undefined ? undefined : nextMove(claim, record, { side: mover, model, trace, evidence: evidenceOf(model, trace) }, now);
}

function traceOf({ claim }: Lane, root: Hash): Trace | undefined {
  return claim.traces.find((trace) => trace.root === root);
}

/** The executor believes: results are right, or whatever makes the move work, or anything. */
function decided({ random }: Lane, { game }: GameRecord, move: FuzzGameMove): FuzzGameMove {
  const claimed = game.content.kind === "claimed" ? game.content.value : 0n;
  switch (move.kind) {
    case "execute":
      return { ...move, evidence: { ...move.evidence, value: [move.evidence.value, claimed, claimed + 1n, -(2n ** 255n)][random.below(4)] } };
    case "sums": {
      const partials = random.below(3) === 0 ? hostilePartials(move.partials, random) : move.partials;
      const value = random.below(4) === 0 ? move.evidence.value : wrap(claimed - foldPartials(move.evidence.maximum, partials));
      return { ...move, partials, evidence: { ...move.evidence, value } };
    }
    case "refute":
      return random.below(4) === 0 ? { ...move, evidence: { ...move.evidence, value: move.partials[move.segment] } } : move;
    case "answer":
      return move.definition !== undefined && random.below(15) === 0 ? { ...move, definition: { ...move.definition, description: { ...move.definition.description, malformed: true } } } : move;
    case "expire":
      return move;
  }
}

/** A move with something wrong about it. */
function varied(lane: Lane, now: number): Planned {
  const planned = gameMove(lane, now);
  const { random } = lane;
  const { move } = planned;
  switch (move.kind) {
    case "answer":
      return random.below(12) === 0 ? { ...planned, padded: true } : { ...planned, move: variedAnswer(lane, move) };
    case "execute":
      return { ...planned, move: { ...variedProving(lane, move), evidence: variedProof(lane, move.evidence) } };
    case "sums":
      return { ...planned, move: { ...variedProving(lane, move), partials: hostilePartials(move.partials, random), evidence: variedProof(lane, move.evidence) } };
    case "refute":
      return { ...planned, move: { ...variedProving(lane, move), ...variedSegment(lane, move), evidence: variedProof(lane, move.evidence) } };
    case "post":
    case "open":
    case "expire":
    case "finalize":
    case "proveFraud":
    case "settle":
    case "collect":
    case "withdraw":
      return planned;
  }
}

function variedAnswer(lane: Lane, move: Extract<FuzzGameMove, { kind: "answer" }>): FuzzGameMove {
  const { random } = lane;
  switch (random.below(8)) {
    case 0:
      return { ...move, theirs: damaged(move.theirs, random) };
    case 1:
      return { ...move, mine: damaged(move.mine, random) };
    case 2:
      return { ...move, next: damaged(move.next, random) };
    case 3:
      return { ...move, mine: move.theirs, theirs: move.mine };
    case 4:
      return { ...move, mine: move.theirs };
    case 5:
      return { ...move, next: move.mine };
    case 6:
      return { ...move, definition: variedDefinition(lane, move.definition) };
    default:
      return { ...move, answered: staleHash(lane) };
  }
}

function variedDefinition({ random, claim }: Lane, definition: Definition | undefined): Definition | undefined {
  const description = { ...claim.files.of.model.slots[0], malformed: false };
  if (definition === undefined) return { slot: 0, description, damaged: random.below(2) === 0 };
  switch (random.below(4)) {
    case 0:
      return undefined;
    case 1:
      return { ...definition, damaged: true };
    case 2:
      return { ...definition, slot: definition.slot + 1 };
    default:
      // Longer than any tensor may be, or of another length than the trace's.
      return { ...definition, description: { ...definition.description, count: random.below(2) === 0 ? 2 ** 37 : definition.description.count + 512 } };
  }
}

function variedProving<M extends { readonly answered: Hash; readonly onClaim: boolean }>(lane: Lane, move: M): M {
  const { random } = lane;
  return { ...move, answered: random.below(6) === 0 ? staleHash(lane) : move.answered, onClaim: random.below(4) === 0 ? !move.onClaim : move.onClaim };
}

function variedSegment({ random }: Lane, { partials, segment }: { readonly partials: readonly bigint[]; readonly segment: number }): { readonly partials: readonly bigint[]; readonly segment: number } {
  return random.below(2) === 0 ? { partials: hostilePartials(partials, random), segment } : { partials, segment: random.below(partials.length + 2) };
}

function variedProof({ random }: Lane, proof: Proof): Proof {
  switch (random.below(8)) {
    case 0:
      return { ...proof, damaged: true };
    case 1:
      return { ...proof, slot: proof.slot + 1 };
    case 2:
      return { ...proof, element: proof.element + 1 };
    case 3:
      return { ...proof, segment: proof.segment + 1 };
    case 4:
      return { ...proof, maximum: !proof.maximum };
    default:
      return proof;
  }
}

/** Of another game, or of none. */
function staleHash(lane: Lane): Hash {
  const record = someGame(lane);
  return record === undefined || lane.random.below(2) === 0 ? `0x${"5a".repeat(32)}` : answered(record);
}

function answered({ claimId, root, game }: GameRecord): Hash {
  return stateHashOf(gameIdOf(claimId, root), game);
}

/** A move of another phase, about the game as it is. */
function elsewhere(lane: Lane): Planned {
  const record = someGame(lane);
  if (record === undefined) return open(lane);
  const { claimId, root, game } = record;
  const { random } = lane;
  const of = { claimId, root, answered: answered(record) };
  const evidence: Proof = { maximum: false, root, slot: game.tensor?.slot ?? 0, element: game.index, segment: 0, value: 0n, damaged: false };
  const partials = game.content.kind === "partials" ? game.content.partials : Array.from({ length: game.tensor?.segments ?? 1 }, () => 0n);
  switch (random.below(4)) {
    case 0:
      return by(anyone(lane), { kind: "answer", ...of, theirs: record.published, mine: record.published, next: new Uint8Array(0), definition: undefined });
    case 1:
      return by(anyone(lane), { kind: "execute", ...of, onClaim: false, evidence });
    case 2:
      return by(random.below(4) === 0 ? anyone(lane) : OPERATOR, { kind: "sums", ...of, onClaim: false, partials, evidence });
    default:
      return by(anyone(lane), { kind: "refute", ...of, onClaim: false, partials, segment: 0, evidence });
  }
}

function expire(lane: Lane): Planned {
  const record = someGame(lane);
  const { claimId } = lane.claim;
  if (record === undefined || lane.random.below(20) === 0) return by(anyone(lane), { kind: "expire", claimId, root: lane.someTrace().root, answered: staleHash(lane) });
  return { ...by(anyone(lane), { kind: "expire", claimId, root: record.root, answered: answered(record) }), padded: lane.random.below(20) === 0 };
}

function finalize(lane: Lane): Planned {
  return by(anyone(lane), { kind: "finalize", claimId: lane.claim.claimId });
}

function proveFraud(lane: Lane): Planned {
  const replies = ["fraud", "no fraud", "no fraud", "unknown"] as const;
  return by(anyone(lane), { kind: "proveFraud", claimId: lane.claim.claimId, reply: replies[lane.random.below(4)] });
}

function settle(lane: Lane): Planned {
  const proofs = ["same outputs", "other outputs", "invalid", "invalid"] as const;
  const beneficiary = lane.actors[anyone(lane)];
  return by(anyone(lane), { kind: "settle", claimId: lane.claim.claimId, beneficiary, proof: proofs[lane.random.below(4)] });
}

function collect(lane: Lane): Planned {
  const root = (lane.random.below(8) === 0 ? undefined : someGame(lane)?.root) ?? lane.someTrace().root;
  return by(anyone(lane), { kind: "collect", claimId: lane.claim.claimId, root, mover: lane.actors[anyone(lane)] });
}

function withdraw(lane: Lane): Planned {
  return by(anyone(lane), { kind: "withdraw" });
}
