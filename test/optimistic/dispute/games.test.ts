/** Whole games without a node: whatever the liar commits to and however it plays, the honest side wins. */
import { describe, expect, it } from "vitest";
import { mostMoves, worstCaseDelay } from "../../../src/optimistic/dispute/cost.js";
import type { Hash } from "../../../src/optimistic/dispute/hash.js";
import { tensorLength } from "../../../src/optimistic/dispute/views.js";
import { GWEI } from "../../../src/optimistic/dispute/world.js";
import type { Trace } from "../../../src/optimistic/trace/trace.js";
import { SeededRandom } from "../../support/random.js";
import { descendingOnly, garbling, late, player, summing, withholding } from "./support/agents.js";
import { address, playToEnd } from "./support/arena.js";
import { ToyArena, type ToyAgent } from "./support/toyEvidence.js";
import type { ToyModel } from "./support/toyModel.js";
import { type Case, INPUT_LIES, type Lie, LIES, randomCase } from "./support/lies.js";

const OPERATOR = address(1);
const CHALLENGER = address(2);

/** Models of every shape: tiny ones, wide ones, such with long reductions, such with many slots. */
const SHAPES = [
  { inputs: 1, steps: 1, count: 4, terms: 3 },
  { inputs: 1, steps: 3, count: 40, terms: 4608 },
  { inputs: 2, steps: 4, count: 6000, terms: 12 },
  { inputs: 1, steps: 6, count: 300, terms: 1200 },
  { inputs: 3, steps: 9, count: 800, terms: 60 },
  { inputs: 1, steps: 19, count: 90, terms: 700 },
];

const CASES = SHAPES.map((shape, i) => randomCase(new SeededRandom(i + 1), shape));

/** Ways to play a trace, whatever it is. */
const MANNERS: Readonly<Record<string, (agent: ToyAgent, random: SeededRandom, model: ToyModel) => ToyAgent>> = {
  "plays along": (agent) => agent,
  "stalls to the last second": late,
  "leaves the end to others": descendingOnly,
  "withholds from some move on": (agent, random) => withholding(agent, 1 + random.below(9)),
  "moves late, then withholds": (agent, random) => late(withholding(agent, 3 + random.below(6))),
  "gives hostile partial sums": (agent, random, model) => summing(agent, model, random),
  "gives hostile partial sums in the last second": (agent, random, model) => late(summing(agent, model, random)),
  "sends garbage": garbling,
};

/** How games came to their ends. */
const endings = new Map<string, number>();

interface Ended {
  readonly arena: ToyArena;
  readonly claimId: Hash;
  readonly moves: number;
}

/** One claim, one game. */
function playOne(of: Case, random: SeededRandom, claimed: Trace, opened: Trace, operator: ToyAgent, challenger: ToyAgent): Ended {
  const arena = new ToyArena(of.model, random);
  for (const trace of [claimed, opened]) arena.toyJudge.learn(trace);
  const claimId = arena.post(claimed, OPERATOR);
  arena.now += random.below(arena.world.parameters.window);
  expect(arena.open(claimId, opened, opened.expansion({ area: "trace", levels: opened.roots.depth, index: 0 }), CHALLENGER)).toBeUndefined();
  playToEnd(arena, claimId, operator, [{ root: opened.root, challengers: [challenger] }]);
  const bounds = { slots: of.model.slots.length, longestTensor: Math.max(...of.model.slots.map(tensorLength)), segmented: true };
  expect(arena.now - 1_000_000).toBeLessThanOrEqual(worstCaseDelay(arena.world.parameters, bounds) + 1);
  const last = arena.played.at(-1) ?? "none";
  endings.set(last, (endings.get(last) ?? 0) + 1);
  return { arena, claimId, moves: checkedMoves(of, arena, claimId, opened.root) };
}

/** Moves of a game that has ended; as many as stated, where it came down to an element. */
function checkedMoves({ model }: Case, arena: ToyArena, claimId: Hash, root: Hash): number {
  const { moves, tensor, content } = arena.game(claimId, root);
  const most = mostMoves({ slots: model.slots.length, longestTensor: tensor?.length ?? 0, segmented: (tensor?.segments ?? 0) > 1 });
  if (tensor !== undefined) expect(moves).toBeLessThanOrEqual(most);
  if (content.kind === "partials") expect(moves).toBe(most);
  return moves;
}

/** All that a party has after everything is collected and withdrawn, less its bond. */
function profit(arena: ToyArena, claimId: Hash, root: Hash, who: typeof OPERATOR, bond: bigint): bigint {
  for (const mover of [OPERATOR, CHALLENGER]) arena.play({ kind: "collect", claimId, root, mover }, mover);
  return (arena.world.balances[who] ?? 0n) - bond;
}

function spent(arena: ToyArena, who: typeof OPERATOR): bigint {
  return (arena.earned.get(who) ?? 0n) * GWEI;
}

function expectDefeat({ arena, claimId }: Ended, root: Hash): void {
  const { claimBond, challengeBond } = arena.world.parameters;
  expect(arena.claim(claimId).status).toBe("Defeated");
  expect(arena.game(claimId, root).phase).toBe("ClaimLost");
  expect(profit(arena, claimId, root, CHALLENGER, challengeBond)).toBeGreaterThan(spent(arena, CHALLENGER));
  // A liar may make the last move against itself: at most half of what its bond has left comes back.
  expect(2n * (profit(arena, claimId, root, OPERATOR, 0n) - spent(arena, OPERATOR))).toBeLessThanOrEqual(claimBond);
  expect(2n * arena.world.burned).toBeGreaterThanOrEqual(claimBond - arena.game(claimId, root).credits.Challenger * GWEI);
  expectNothingLeft(arena);
}

function expectDefence({ arena, claimId }: Ended, root: Hash): void {
  const { claimBond } = arena.world.parameters;
  expect(arena.game(claimId, root).phase).toBe("ChallengerLost");
  expect(arena.claim(claimId)).toMatchObject({ status: "Posted", openGames: 0, credits: 0n });
  arena.now = Math.max(arena.now, arena.claim(claimId).deadline);
  expect(arena.play({ kind: "finalize", claimId }, OPERATOR)).toBeUndefined();
  expect(profit(arena, claimId, root, OPERATOR, claimBond)).toBeGreaterThanOrEqual(spent(arena, OPERATOR));
  expect(profit(arena, claimId, root, CHALLENGER, 0n)).toBeLessThanOrEqual(spent(arena, CHALLENGER));
  expectNothingLeft(arena);
}

/** Every wei has an owner, and all of them can have it. */
function expectNothingLeft(arena: ToyArena): void {
  arena.settleUp();
  expect(arena.world.held).toBe(0n);
}

const GAMES_A_LIE = 3;

function* lies(table: Readonly<Record<string, Lie>>, seed: number): Generator<{ of: Case; lie: Trace; random: SeededRandom }> {
  for (const [i, lie] of Object.values(table).entries()) {
    for (const [j, of] of CASES.entries()) {
      for (let k = 0; k < GAMES_A_LIE; k++) {
        const random = new SeededRandom(seed + 1000 * i + 10 * j + k);
        const trace = lie(of, random);
        if (trace !== undefined) yield { of, lie: trace, random };
      }
    }
  }
}

describe.each(Object.keys(MANNERS))("a liar that %s", (name) => {
  const manner = MANNERS[name];

  it("loses its claim to one honest challenger", () => {
    let games = 0;
    for (const { of, lie, random } of lies(LIES, 1)) {
      const operator = manner(player(of.model, lie, "Operator", OPERATOR), random, of.model);
      expectDefeat(playOne(of, random, lie, of.honest, operator, player(of.model, of.honest, "Challenger", CHALLENGER)), of.honest.root);
      games++;
    }
    expect(games).toBeGreaterThan(100);
  });

  it("loses its challenge of an honest operator", () => {
    let games = 0;
    for (const { of, lie, random } of lies({ ...LIES, ...INPUT_LIES }, 2)) {
      const challenger = manner(player(of.model, lie, "Challenger", CHALLENGER), random, of.model);
      expectDefence(playOne(of, random, of.honest, lie, player(of.model, of.honest, "Operator", OPERATOR), challenger), lie.root);
      games++;
    }
    expect(games).toBeGreaterThan(100);
  });
});

it("were thousands of games, that ended in every way", () => {
  const all = [...endings.values()].reduce((sum, count) => sum + count, 0);
  expect(all).toBeGreaterThan(3000);
  expect([...endings.keys()].sort()).toEqual(["answer", "execute", "expire", "refute"]);
  for (const count of endings.values()) expect(count).toBeGreaterThan(50);
});
