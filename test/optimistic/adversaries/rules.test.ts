/** What no party can bend: ends, storage, clocks of other games, and where a tree is cut. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Trace } from "../../../src/optimistic/trace/trace.js";
import { lyingTrace } from "../actors/lyingTrace.js";
import { openingOf } from "./actors/actor.js";
import { HonestParty } from "./actors/honest.js";
import { LyingOperator } from "./actors/liars.js";
import { Bench } from "./support/bench.js";
import { PARAMETERS, type Transaction } from "./support/court.js";
import { expectEnd, judge, playOut, settleUp } from "./support/play.js";
import { hostileSums, SPREADS } from "./support/sums.js";
import { slotOf } from "./support/toy.js";
import { viewOf } from "./support/view.js";

let bench: Bench;

beforeAll(async () => {
  bench = await Bench.start();
});
beforeEach(() => bench.reset());
afterAll(() => bench.stop());

const LARGE = slotOf("halved");

function lie(slot: number, element: number): Trace {
  return lyingTrace(bench.model, bench.honest, { slot, element, consistent: false });
}

/** Remembers all that is sent. */
function recorded(): Transaction[] {
  const sent: Transaction[] = [];
  bench.court.listeners.add((seen) => {
    sent.push(seen);
    return Promise.resolve();
  });
  return sent;
}

describe("attack dispute-02: finality with a game on, and moves after the end", () => {
  it("a wrong claim whose game is stalled is not final when its window is over, nor after it", async () => {
    const { court } = bench;
    const operator = await bench.lyingOperator(lie(LARGE, 100), { silentFrom: 1 });
    const watcher = await bench.watcher(operator.claimId);
    const { claim } = await viewOf(court, operator.claimId);
    court.passTo(claim.deadline - 1);
    await watcher.act();
    const finalize = { from: operator.address, name: "finalize", args: [operator.claimId] };
    for (const later of [1, 60, 300]) {
      court.passTo(claim.deadline + later);
      expect((await court.send(finalize)).done).toBe(false);
      expect(await court.read("isFinal", operator.claimId)).toBe(false);
    }
    await judge(bench, operator.claimId, [operator, watcher], [watcher], "Defeated");
    expect((await court.send(finalize)).done).toBe(false);
  });

  it.each(["Defeated", "Final"] as const)("of all that was sent, nothing is taken again when a claim is %s", async (status) => {
    const { court } = bench;
    const sent = recorded();
    const [operator, challenger] = status === "Final"
      ? await bench.honestOperator().then(async (party) => [party, await bench.lyingChallenger(party.claimId, lie(LARGE, 9000))] as const)
      : await bench.lyingOperator(lie(LARGE, 9000)).then(async (party) => [party, await bench.watcher(party.claimId)] as const);
    const honest = status === "Final" ? operator : challenger;
    await playOut(court, operator.claimId, [challenger, operator]);
    const names = await court.refusals(sent);
    expect(names.map((name, i) => [sent[i].name, name])).toEqual(sent.map(({ name }) => [name, { open: "ClaimNotPosted", finalize: "ClaimNotPosted", collect: "NothingToCollect" }[name] ?? "GameOver"]));
    await expectEnd(court, operator.claimId, status, bench.execution());
    await settleUp(court, [honest]);
  });
});

describe("attack dispute-03: forced growth, and the same game again", () => {
  it("openings of one root are one game; all but the first have their bonds back at once", async () => {
    const { court } = bench;
    const operator = await bench.lyingOperator(lie(LARGE, 5));
    const watcher = await bench.watcher(operator.claimId);
    await watcher.act();
    const before = await viewOf(court, operator.claimId);
    for (let i = 0; i < 3; i++) {
      const { address } = await bench.seat(operator.claimId);
      const { done } = await court.send(openingOf(address, operator.claimId, before.claim, bench.honest));
      expect(done).toBe(true);
      expect(await court.read("balanceOf", address)).toBe(PARAMETERS.challengeBond);
    }
    const after = await viewOf(court, operator.claimId);
    expect(after.games).toEqual(before.games);
    expect(after.claim).toEqual(before.claim);
    await judge(bench, operator.claimId, [operator, watcher], [watcher], "Defeated");
  });

  it("a root that has lost its game cannot have another", async () => {
    const { court } = bench;
    const operator = await bench.honestOperator();
    const challenger = await bench.lyingChallenger(operator.claimId, lie(LARGE, 5), { silentFrom: 1 });
    await challenger.act();
    await operator.act();
    court.passTo((await viewOf(court, operator.claimId)).games[0].game.deadline + 1);
    await operator.act();
    const { claim, games } = await viewOf(court, operator.claimId);
    expect(games[0].game.phase).toBe("ChallengerLost");
    const { address } = await bench.seat(operator.claimId);
    expect(court.now).toBeLessThan(claim.deadline);
    await court.send(openingOf(address, operator.claimId, claim, challenger.own.trace));
    expect((await viewOf(court, operator.claimId)).games).toEqual(games);
    await judge(bench, operator.claimId, [challenger, operator], [operator], "Final");
  });
});

describe("attack dispute-06: another game's time, another game's state", () => {
  it("two claims of one trace have games of their own, with clocks of their own", async () => {
    const { court } = bench;
    const claimed = lie(LARGE, 5);
    const seats = [await bench.claim(claimed, undefined, { nonce: 0n }), await bench.claim(claimed, undefined, { nonce: 1n })];
    const [late, prompt] = seats.map((seat, i) => new LyingOperator(seat, bench.execution(claimed), { late: i === 0 }));
    const challenger = await court.account();
    const [first, second] = seats.map(({ claimId }) => new HonestParty({ court, claimId, address: challenger }, () => bench.execution()));
    await first.act();
    court.passTo((await viewOf(court, seats[0].claimId)).games[0].game.deadline);
    await late.act();
    await second.act();
    await prompt.act();
    const [{ game: used }, { game: fresh }] = await Promise.all(seats.map(async ({ claimId }) => (await viewOf(court, claimId)).games[0]));
    expect([used.clocks.Operator, fresh.clocks.Operator]).toEqual([0, PARAMETERS.clock]);

    // The same nodes, the same turn: yet a move names its game's state.
    const decided = await first.decide();
    if (decided === undefined) throw new Error("nothing to do");
    const { transaction } = decided;
    expect(await court.refusal({ ...transaction, args: transaction.args.with(0, seats[1].claimId) })).toBe("StateMismatch");
    expect(await court.refusal(transaction)).toBe("done");
    await playOut(court, seats[0].claimId, [late, first]);
    await expectEnd(court, seats[0].claimId, "Defeated", bench.execution());
    await judge(bench, seats[1].claimId, [prompt, second], [first], "Defeated");
  });
});

describe("attack dispute-09: uneven partition", () => {
  // First and last, and on both sides of where chunks, expansions and the tensor end: 18 chunks of 512, 5 of 512, 64 bytes.
  const elements = [
    ...[0, 511, 512, 8191, 8192, 8703, 8704, 9215].map((element) => ({ slot: LARGE, element })),
    ...[127, 128, 511, 512, 575].map((element) => ({ slot: slotOf("turned"), element })),
    { slot: slotOf("mean"), element: 143 },
  ];

  it.each(elements)("of slot $slot, element $element is found, whoever is wrong", async ({ slot, element }) => {
    const wrong = lie(slot, element);
    const operator = await bench.lyingOperator(wrong, { change: hostileSums(bench.model, wrong, SPREADS["in the last one"]) });
    const watcher = await bench.watcher(operator.claimId);
    const right = await bench.honestOperator();
    const challenger = await bench.lyingChallenger(right.claimId, wrong);
    await playOut(bench.court, operator.claimId, [operator, watcher]);
    await playOut(bench.court, right.claimId, [challenger, right]);
    for (const [claimId, phase] of [[operator.claimId, "ClaimLost"], [right.claimId, "ChallengerLost"]] as const) {
      expect((await viewOf(bench.court, claimId)).games[0].game).toMatchObject({ phase, tensor: { slot }, index: element });
    }
    await settleUp(bench.court, [watcher, right]);
  });

  it("of 576 terms, the last segment has 64: a wrong one is refuted all the same", async () => {
    const claimed = lie(slotOf("long"), 15);
    const operator = await bench.lyingOperator(claimed, { change: hostileSums(bench.model, claimed, SPREADS["in the last one"]) });
    const watcher = await bench.watcher(operator.claimId);
    const sent = recorded();
    await judge(bench, operator.claimId, [operator, watcher], [watcher], "Defeated");
    expect(sent.find(({ name }) => name === "refute")?.args[5]).toBe(1);
  });
});
