/** Parties that do not play to win: they stall, withhold, crowd, copy and come at the last second. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Trace } from "../../../src/optimistic/trace/trace.js";
import { lyingTrace } from "../actors/lyingTrace.js";
import type { Hash } from "../../../src/optimistic/dispute/hash.js";
import type { Actor } from "./actors/actor.js";
import type { Manners } from "./actors/liars.js";
import { FrontRunner, Staller } from "./actors/strangers.js";
import { Bench } from "./support/bench.js";
import { GWEI, PARAMETERS } from "./support/court.js";
import { judge } from "./support/play.js";
import { viewOf } from "./support/view.js";
import { hostileSums, SPREADS } from "./support/sums.js";
import { slotOf } from "./support/toy.js";

let bench: Bench;

beforeAll(async () => {
  bench = await Bench.start();
});
beforeEach(() => bench.reset());
afterAll(() => bench.stop());

/** In a tensor of many chunks: the longest way down. */
const DEEP = { slot: slotOf("halved"), element: 9000 };
/** An element of several partial results. */
const LONG = { slot: slotOf("long"), element: 5 };

function lie(of: { readonly slot: number; readonly element?: number }): Trace {
  return lyingTrace(bench.model, bench.honest, { consistent: false, ...of });
}

/** For a wrong trace with partial results that pass. */
function summing(trace: Trace): Manners {
  return { change: hostileSums(bench.model, trace, SPREADS["in the first one"]) };
}

describe("attack dispute-10: withheld data", () => {
  // A game has that many moves at most before its last one, opening included.
  const levels = [1, 2, 3, 4, 5, 6, 7];

  it.each(levels)("an operator that shows nothing any more after %i moves loses by time at the latest", async (silentFrom) => {
    for (const of of [DEEP, LONG]) {
      const claimed = lie(of);
      const operator = await bench.lyingOperator(claimed, { ...summing(claimed), silentFrom });
      const watcher = await bench.watcher(operator.claimId);
      await judge(bench, operator.claimId, [operator, watcher], [watcher], "Defeated");
      await bench.reset();
    }
  });

  it.each(levels)("a challenger that shows nothing any more after %i moves loses by time at the latest", async (silentFrom) => {
    for (const of of [DEEP, LONG]) {
      const operator = await bench.honestOperator();
      const challenger = await bench.lyingChallenger(operator.claimId, lie(of), { silentFrom });
      const { games } = await judge(bench, operator.claimId, [challenger, operator], [operator], "Final");
      expect(games[0].game.phase).toBe("ChallengerLost");
      await bench.reset();
    }
  });
});

describe("answers at the last second", () => {
  it.each([DEEP, LONG])("an operator's, in slot $slot", async (of) => {
    const claimed = lie(of);
    const operator = await bench.lyingOperator(claimed, { ...summing(claimed), late: true });
    const watcher = await bench.watcher(operator.claimId);
    const [{ game }] = (await judge(bench, operator.claimId, [operator, watcher], [watcher], "Defeated")).games;
    // Its first answer took all that it had: it came to the others in their graces.
    expect(game.clocks.Operator).toBe(0);
    expect(game.clocks.Challenger).toBe(PARAMETERS.clock);
  });

  it.each([DEEP, LONG])("attack dispute-01: a challenger's, in a game that opens in the window's last second, in slot $slot", async (of) => {
    const operator = await bench.honestOperator();
    const challenger = await bench.lyingChallenger(operator.claimId, lie(of), { late: true });
    const { games } = await judge(bench, operator.claimId, [challenger, operator], [operator], "Final");
    expect(games[0].game.clocks.Operator).toBe(PARAMETERS.clock);
  });
});

describe("opens with the correct root and stalls", () => {
  it("a stranger: the watcher goes on by moves, and is paid for them", async () => {
    const operator = await bench.lyingOperator(lie(DEEP));
    const staller = new Staller(await bench.seat(operator.claimId), bench.honest);
    await staller.act();
    const watcher = await bench.watcher(operator.claimId);
    const { games } = await judge(bench, operator.claimId, [staller, operator, watcher], [watcher], "Defeated");
    expect(games).toMatchObject([{ game: { challenger: staller.address, phase: "ClaimLost" } }]);
    expect(bench.court.ledger.of(watcher.address).paidIn).toBe(0n);
  });

  it("the operator itself: it loses its bond all the same", async () => {
    const operator = await bench.lyingOperator(lie(LONG), summing(lie(LONG)));
    const staller = new Staller({ court: bench.court, claimId: operator.claimId, address: operator.address }, bench.honest);
    await staller.act();
    const watcher = await bench.watcher(operator.claimId);
    await judge(bench, operator.claimId, [operator, watcher], [watcher], "Defeated");
    const { paidIn, paidOut } = bench.court.ledger.of(operator.address);
    expect(paidIn - paidOut, "of its bonds, more than half of the claim's is gone").toBeGreaterThan(PARAMETERS.claimBond / 2n);
  });
});

describe("uses up the correct root", () => {
  it("while nobody watches: who comes later in the window opens with the same trace under a mark", async () => {
    const operator = await bench.lyingOperator(lie(DEEP));
    const { claimId } = operator;
    await new Staller(await bench.seat(claimId), bench.honest).act();
    await runOut(operator, claimId);
    const watcher = await bench.watcher(claimId);
    const { games } = await judge(bench, claimId, [operator, watcher], [watcher], "Defeated");
    expect(games.map(({ root, game: { phase } }) => ({ root, phase }))).toEqual([
      { root: bench.honest.root, phase: "ChallengerLost" },
      { root: bench.honest.marked(1).root, phase: "ClaimLost" },
    ]);
  });

  /** The operator plays its game on to the end, since nobody else does. */
  async function runOut(operator: Actor, claimId: Hash): Promise<void> {
    for (let moves = 0; moves < 20; moves++) {
      if (await operator.act()) continue;
      const { on } = await viewOf(bench.court, claimId);
      if (on.length === 0) return;
      bench.court.passTo(on[0].game.deadline + 1);
    }
    throw new Error("the game does not end");
  }
});

describe("attack dispute-04: N sybils at once", () => {
  const SYBILS = 8;

  function roots(): Trace[] {
    return Array.from({ length: SYBILS }, (_, i) => lie(i % 2 === 0 ? { slot: DEEP.slot, element: 100 * i } : { slot: LONG.slot + (i % 3), element: i }));
  }

  it("against a right claim: each pays for its own game, and all of them take no longer than one", async () => {
    const operator = await bench.honestOperator();
    const sybils = await Promise.all(roots().map((trace, i) => bench.lyingChallenger(operator.claimId, trace, { late: i === 2 })));
    const { games } = await judge(bench, operator.claimId, [...sybils, operator], [operator], "Final");
    expect(games.map(({ game }) => game.phase)).toEqual(sybils.map(() => "ChallengerLost"));
  });

  it("around a wrong claim: they neither save it nor take the watcher's money", async () => {
    const operator = await bench.lyingOperator(lie(DEEP));
    const sybils = await Promise.all(roots().slice(1).map((trace, i) => bench.lyingChallenger(operator.claimId, trace, { silentFrom: i })));
    const watcher = await bench.watcher(operator.claimId);
    await judge(bench, operator.claimId, [...sybils, operator, watcher], [watcher], "Defeated");
  });
});

describe("attack dispute-08: front-runs", () => {
  it("every move and the opening of a watcher: the claim falls, and the watcher's own moves are paid", async () => {
    const claimed = lie(LONG);
    const operator = await bench.lyingOperator(claimed, summing(claimed));
    const watcher = await bench.watcher(operator.claimId);
    const runner = new FrontRunner(await bench.seat(operator.claimId), new Set([watcher.address]));
    await judge(bench, operator.claimId, [operator, watcher], [watcher], "Defeated");
    expect(runner.copied.map(({ name, done }) => `${name} ${done}`)).toEqual(["open true", "answer true", "refute true"]);
  });

  it("every other move of a watcher", async () => {
    const operator = await bench.lyingOperator(lie(DEEP));
    const watcher = await bench.watcher(operator.claimId);
    let seen = 0;
    const runner = new FrontRunner(await bench.seat(operator.claimId), new Set([watcher.address]), () => seen++ % 2 === 0);
    await judge(bench, operator.claimId, [operator, watcher], [watcher], "Defeated");
    expect(runner.copied.length).toBeGreaterThan(1);
  });

  it("every move of an honest operator: the challenger loses, and partial results are the operator's alone to give", async () => {
    const operator = await bench.honestOperator();
    const challenger = await bench.lyingChallenger(operator.claimId, lie(LONG));
    const runner = new FrontRunner(await bench.seat(operator.claimId), new Set([operator.address]), ({ name }) => name !== "finalize");
    await judge(bench, operator.claimId, [challenger, operator], [operator], "Final");
    expect(runner.copied).toContainEqual({ name: "sums", done: false });
    expect(runner.copied).toContainEqual({ name: "answer", done: true });
  });

  it.each(["open", "answer"])("with calldata that nobody needs in %s, to use up what the honest are paid from", async (name) => {
    const claimed = lie(LONG);
    const operator = await bench.lyingOperator(claimed, summing(claimed));
    const watcher = await bench.watcher(operator.claimId);
    const padding = "ff".repeat(120_000);
    const runner = new FrontRunner(await bench.seat(operator.claimId), new Set([watcher.address]), (seen) => seen.name === name, (seen) => ({ ...seen, padding }));
    await judge(bench, operator.claimId, [operator, watcher], [watcher], "Defeated");
    expect(runner.copied.map(({ done }) => done)).not.toContain(true);
  });
});

describe("at the highest price that the contract states", () => {
  // Credits are at their caps, and bonds at what covers them.
  beforeEach(() => bench.court.setBaseFee(PARAMETERS.statedPrice - GWEI));

  it.each([DEEP, LONG])("a watcher is paid for its gas all the same, in slot $slot", async (of) => {
    const claimed = lie(of);
    const operator = await bench.lyingOperator(claimed, summing(claimed));
    const watcher = await bench.watcher(operator.claimId);
    await judge(bench, operator.claimId, [operator, watcher], [watcher], "Defeated");
  });

  it("an operator is paid by each of several challengers", async () => {
    const operator = await bench.honestOperator();
    const challengers = [DEEP, LONG, { slot: slotOf("mean"), element: 3 }].map(lie);
    const actors = await Promise.all(challengers.map((trace) => bench.lyingChallenger(operator.claimId, trace)));
    await judge(bench, operator.claimId, [...actors, operator], [operator], "Final");
  });
});
