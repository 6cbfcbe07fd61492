/** Several games of one claim, several parties of one game: nobody else's money or time is touched. */
import { describe, expect, it } from "vitest";
import { worstCaseDelay } from "../../../src/optimistic/dispute/cost.js";
import { type Hash, toHash, UNUSED_LEAF } from "../../../src/optimistic/dispute/hash.js";
import type { Address } from "../../../src/optimistic/dispute/state.js";
import { tensorLength } from "../../../src/optimistic/dispute/views.js";
import { GWEI } from "../../../src/optimistic/dispute/world.js";
import { proveNode } from "../../../src/math/merkleProofs.js";
import type { Trace } from "../../../src/optimistic/trace/trace.js";
import { SeededRandom } from "../../support/random.js";
import { descendingOnly, player, silent } from "./support/agents.js";
import { address, playToEnd } from "./support/arena.js";
import { ToyArena, type ToySeats } from "./support/toyEvidence.js";
import { type Case, LIES, randomCase } from "./support/lies.js";

const OPERATOR = address(1);
const HONEST = address(2);
const STRANGER = address(3);
const SYBIL = 100;

const SHAPE = { inputs: 2, steps: 7, count: 700, terms: 900 };
const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);

function topOf(trace: Trace): Uint8Array {
  return trace.expansion({ area: "trace", levels: trace.roots.depth, index: 0 });
}

/** Different wrong traces. */
function wrongTraces(of: Case, random: SeededRandom, count: number): Trace[] {
  const lies = Object.values(LIES);
  const found = new Map<Hash, Trace>();
  while (found.size < count) {
    const trace = lies[random.below(lies.length)](of, random);
    if (trace !== undefined) found.set(trace.root, trace);
  }
  return [...found.values()];
}

interface Scene {
  readonly of: Case;
  readonly random: SeededRandom;
  readonly arena: ToyArena;
}

function scene(seed: number): Scene {
  const random = new SeededRandom(seed);
  const of = randomCase(random, SHAPE);
  const arena = new ToyArena(of.model, random);
  arena.toyJudge.learn(of.honest);
  return { of, random, arena };
}

function openAll({ arena, of }: Scene, claimId: Hash, traces: readonly Trace[]): ToySeats[] {
  return traces.map((trace, i) => {
    arena.toyJudge.learn(trace);
    expect(arena.open(claimId, trace, topOf(trace), address(SYBIL + i))).toBeUndefined();
    return { root: trace.root, challengers: [player(of.model, trace, "Challenger", address(SYBIL + i), i % 2 === 0 ? "late" : "prompt")] };
  });
}

/** What an account ends up with: every game is collected for everybody, then all is withdrawn. */
function finalBalances(arena: ToyArena, claimId: Hash, seats: readonly ToySeats[], accounts: readonly Address[]): Map<Address, bigint> {
  for (const { root } of seats) for (const mover of accounts) arena.play({ kind: "collect", claimId, root, mover }, mover);
  const balances = new Map(accounts.map((account) => [account, arena.world.balances[account] ?? 0n]));
  arena.settleUp();
  expect(arena.world.held).toBe(0n);
  return balances;
}

function spent(arena: ToyArena, who: Address): bigint {
  return (arena.earned.get(who) ?? 0n) * GWEI;
}

/** Moves that a stranger copied, by seed. */
const copiedIn: number[] = [];

describe.each(SEEDS)("from seed %i", (seed) => {
  it("attack dispute-04: N challengers at once cost the operator nothing, and no time beyond the worst case", () => {
    const at = scene(seed);
    const { of, arena, random } = at;
    const claimId = arena.post(of.honest, OPERATOR);
    const posted = arena.now;
    arena.now = arena.claim(claimId).deadline - 1;
    const seats = openAll(at, claimId, wrongTraces(of, random, 8));
    expect(arena.play({ kind: "finalize", claimId }, OPERATOR)).toBe("WindowOpen");
    arena.now += 1;
    expect(arena.play({ kind: "finalize", claimId }, OPERATOR)).toBe("GamesOpen");
    playToEnd(arena, claimId, player(of.model, of.honest, "Operator", OPERATOR), seats);
    for (const { root } of seats) expect(arena.game(claimId, root).phase).toBe("ChallengerLost");
    expect(arena.play({ kind: "finalize", claimId }, OPERATOR)).toBeUndefined();
    expect(arena.claim(claimId).status).toBe("Final");
    const bounds = { slots: of.model.slots.length, longestTensor: Math.max(...of.model.slots.map(tensorLength)), segmented: true };
    // A second for each transaction, as all games are played one after another here.
    expect(arena.now - posted).toBeLessThanOrEqual(worstCaseDelay(arena.world.parameters, bounds) + 100);
    const balances = finalBalances(arena, claimId, seats, [OPERATOR, ...seats.flatMap(({ challengers }) => challengers.map((agent) => agent.address))]);
    expect(balances.get(OPERATOR)).toBeGreaterThanOrEqual(arena.world.parameters.claimBond + spent(arena, OPERATOR));
  });

  it("a wrong claim falls in a crowd of liars, and the honest challenger has its bond and its gas", () => {
    const at = scene(seed);
    const { of, arena, random } = at;
    const [claimed, ...others] = wrongTraces(of, random, 6);
    arena.toyJudge.learn(claimed);
    const claimId = arena.post(claimed, OPERATOR);
    const seats = openAll(at, claimId, others);
    expect(arena.open(claimId, of.honest, topOf(of.honest), HONEST)).toBeUndefined();
    const all = [...seats, { root: of.honest.root, challengers: [player(of.model, of.honest, "Challenger", HONEST)] }];
    playToEnd(arena, claimId, descendingOnly(player(of.model, claimed, "Operator", OPERATOR)), all);
    expect(arena.claim(claimId)).toMatchObject({ status: "Defeated", openGames: 0, credits: 0n, bond: 0n });
    const balances = finalBalances(arena, claimId, all, [HONEST, OPERATOR, ...seats.flatMap(({ challengers }) => challengers.map((agent) => agent.address))]);
    expect(balances.get(HONEST)).toBeGreaterThanOrEqual(arena.world.parameters.challengeBond + spent(arena, HONEST));
  });

  it("a stranger that opens with the right root and stalls is joined, and the joiner is paid for its moves", () => {
    const at = scene(seed);
    const { of, arena, random } = at;
    const [claimed] = wrongTraces(of, random, 1);
    arena.toyJudge.learn(claimed);
    const claimId = arena.post(claimed, OPERATOR);
    expect(arena.open(claimId, of.honest, topOf(of.honest), STRANGER)).toBeUndefined();
    expect(arena.open(claimId, of.honest, topOf(of.honest), HONEST)).toBeUndefined();
    expect(arena.world.balances[HONEST]).toBe(arena.world.parameters.challengeBond);
    expect(arena.claim(claimId).openGames).toBe(1);
    const seats = [{ root: of.honest.root, challengers: [silent("Challenger", STRANGER), player(of.model, of.honest, "Challenger", HONEST)] }];
    playToEnd(arena, claimId, descendingOnly(player(of.model, claimed, "Operator", OPERATOR)), seats);
    expect(arena.game(claimId, of.honest.root).phase).toBe("ClaimLost");
    const balances = finalBalances(arena, claimId, seats, [HONEST, STRANGER, OPERATOR]);
    expect(balances.get(HONEST)).toBeGreaterThanOrEqual(arena.world.parameters.challengeBond + spent(arena, HONEST));
    expect(balances.get(STRANGER)).toBeGreaterThanOrEqual(arena.world.parameters.challengeBond);
  });

  it("attack dispute-08: moves that a stranger makes first are made all the same", () => {
    const at = scene(seed);
    const { of, arena, random } = at;
    const [claimed] = wrongTraces(of, random, 1);
    arena.toyJudge.learn(claimed);
    const claimId = arena.post(claimed, OPERATOR);
    expect(arena.open(claimId, of.honest, topOf(of.honest), HONEST)).toBeUndefined();
    const honest = player(of.model, of.honest, "Challenger", HONEST);
    const copied: (string | undefined)[] = [];
    const copying = {
      ...honest,
      act: (view: Parameters<typeof honest.act>[0]) => {
        const move = honest.act(view);
        // At first, and then half of the time, somebody sees the transaction, and its own copy is mined before it.
        if (move === undefined || (copied.length > 0 && random.below(2) === 0)) return move;
        copied.push(arena.play(move, STRANGER));
        return move;
      },
    };
    playToEnd(arena, claimId, descendingOnly(player(of.model, claimed, "Operator", OPERATOR)), [{ root: of.honest.root, challengers: [copying, honest] }]);
    copiedIn.push(copied.length);
    expect(copied.filter((refused) => refused !== undefined)).toEqual([]);
    const refused = arena.rejections.filter(({ sender }) => sender === HONEST).map(({ name }) => name);
    expect(refused.filter((name) => name !== "StateMismatch" && name !== "GameOver")).toEqual([]);
    expect(arena.game(claimId, of.honest.root).phase).toBe("ClaimLost");
    const balances = finalBalances(arena, claimId, [{ root: of.honest.root, challengers: [] }], [HONEST, STRANGER, OPERATOR]);
    expect(balances.get(HONEST)).toBeGreaterThanOrEqual(arena.world.parameters.challengeBond + spent(arena, HONEST));
  });

  it("a claim of the zero root falls by time", () => {
    const { of, arena } = scene(seed);
    const claimId = arena.post({ root: UNUSED_LEAF }, OPERATOR);
    expect(arena.open(claimId, of.honest, topOf(of.honest), HONEST)).toBeUndefined();
    playToEnd(arena, claimId, silent("Operator", OPERATOR), [{ root: of.honest.root, challengers: [player(of.model, of.honest, "Challenger", HONEST)] }]);
    expect(arena.claim(claimId).status).toBe("Defeated");
    const { clock, grace } = arena.world.parameters;
    expect(arena.now).toBe(1_000_000 + grace + clock + 2);
  });

  it("a proof of fraud ends all games and gives the bonds back", () => {
    const at = scene(seed);
    const { of, arena, random } = at;
    const [claimed, ...others] = wrongTraces(of, random, 5);
    const claimId = arena.post(claimed, OPERATOR);
    const seats = openAll(at, claimId, others);
    expect(arena.play({ kind: "proveFraud", claimId, reply: "no fraud" }, HONEST)).toBe("NotFraud");
    expect(arena.play({ kind: "proveFraud", claimId, reply: "fraud" }, HONEST)).toBeUndefined();
    expect(arena.play({ kind: "proveFraud", claimId, reply: "fraud" }, STRANGER)).toBe("ClaimNotPosted");
    const openers = seats.flatMap(({ challengers }) => challengers.map((agent) => agent.address));
    const balances = finalBalances(arena, claimId, seats, [HONEST, ...openers]);
    for (const opener of openers) expect(balances.get(opener)).toBe(arena.world.parameters.challengeBond + spent(arena, opener));
    expect(balances.get(HONEST)).toBeGreaterThan(0n);
  });

  it.each(["same outputs", "other outputs"] as const)("attack dispute-12: a settlement by a proof of %s", (proof) => {
    const agrees = proof === "same outputs";
    const at = scene(seed);
    const { of, arena, random } = at;
    const outputs = of.model.outputs.map((slot) => ({ slot, root: toHash(of.honest.roots.nodes(0, slot, 1)) }));
    const unnamed = arena.post(of.honest, STRANGER, outputs);
    expect(arena.play({ kind: "settle", claimId: unnamed, beneficiary: HONEST, proof }, HONEST)).toBe("NoEntry");
    const claimId = arena.post(of.honest, OPERATOR, outputs, true);
    const seats = wrongTraces(of, random, 6).flatMap((trace, i) => {
      const roots = of.model.outputs.map((slot) => toHash(trace.roots.nodes(0, slot, 1)));
      const siblings = of.model.outputs.map((slot) => proveNode(trace.roots, slot));
      const move = { kind: "open", claimId, root: trace.root, expansion: topOf(trace), outputRoots: roots, outputSiblings: siblings } as const;
      const { challengeBond } = arena.world.parameters;
      expect(arena.play({ ...move, outputRoots: [] }, address(SYBIL + i), challengeBond)).toBe("OutputCount");
      expect(arena.play({ ...move, outputSiblings: siblings.map((list) => list.slice(1)) }, address(SYBIL + i), challengeBond)).toBe("PortMismatch");
      expect(arena.play({ ...move, outputRoots: roots.map((): Hash => `0x${"11".repeat(32)}`) }, address(SYBIL + i), challengeBond)).toBe("PortMismatch");
      expect(arena.play(move, address(SYBIL + i), challengeBond)).toBeUndefined();
      return [{ root: trace.root, challengers: [silent("Challenger", address(SYBIL + i))], same: roots.every((root, j) => root === outputs[j].root) }];
    });
    expect(arena.play({ kind: "settle", claimId, beneficiary: HONEST, proof: "invalid" }, STRANGER)).toBe("SettlementInvalid");
    expect(arena.play({ kind: "settle", claimId, beneficiary: HONEST, proof }, STRANGER)).toBeUndefined();
    expect(arena.claim(claimId).status).toBe(agrees ? "Final" : "Defeated");
    for (const { root, same, challengers } of seats) {
      const { address: opener } = challengers[0];
      expect(arena.play({ kind: "collect", claimId, root, mover: opener }, STRANGER)).toBeUndefined();
      expect(arena.game(claimId, root).phase).toBe(same || !agrees ? "Released" : "ChallengerLost");
      expect((arena.world.balances[opener] ?? 0n) >= arena.world.parameters.challengeBond).toBe(same || !agrees);
      expect(arena.play({ kind: "collect", claimId, root, mover: opener }, STRANGER)).toBe("NothingToCollect");
    }
    arena.now = arena.claim(unnamed).deadline;
    expect(arena.play({ kind: "finalize", claimId: unnamed }, OPERATOR)).toBeUndefined();
    finalBalances(arena, claimId, seats, [OPERATOR, HONEST]);
  });
});

it("of most seeds, moves were copied", () => {
  expect(copiedIn.filter((moves) => moves > 0).length).toBeGreaterThan(SEEDS.length / 2);
});
