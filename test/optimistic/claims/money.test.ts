/** Who pays whom. That the contract holds what it owes is asserted after every transaction (support/arena.ts). */
import { concat } from "ethers";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { Agent, Mode } from "./support/agent.js";
import { BURN, hex, type Receipt } from "./support/arena.js";
import { type ClaimUnderTest, type Contest, Status } from "./support/contest.js";
import { OPERATOR, Phase } from "./support/player.js";
import { Rig } from "./support/rig.js";
import { changed, traceOfBytes } from "./support/toy.js";

const GWEI = 10n ** 9n;

const rig = await Rig.start();
const { arena } = rig;
const { claimBond, challengeBond, statedPrice, window } = arena.parameters;
const wrong = traceOfBytes(changed(rig.honest, 12, 19));
/** Other wrong roots, for more games on one claim: wrong where it is still right. */
const others = [4, 5, 6, 7].map((slot) => traceOfBytes(changed(rig.honest, slot, 3)));

afterAll(async () => {
  await rig.stop();
});

beforeEach(async () => {
  await rig.reset();
});

function balance(account: string): Promise<bigint> {
  return arena.read<bigint>("balanceOf", account);
}

/** To the last move before the end, a side's moves by one account. */
async function untilExecution(contest: Contest, operator = rig.operator, challenger = rig.challenger): Promise<void> {
  expect((await contest.descend(operator, challenger)).phase).toBe(BigInt(Phase.Execute));
}

/** Sends a move at a base fee, with a tip; whether its credit covers its cost. */
async function paidMove(from: string, name: string, args: readonly unknown[], baseFee: bigint, tip: bigint): Promise<Receipt> {
  await arena.rpc("anvil_setNextBlockBaseFeePerGas", [hex(baseFee)]);
  const fields = { maxFeePerGas: hex(baseFee + tip), maxPriorityFeePerGas: hex(tip) };
  return arena.sendData(from, arena.address, arena.claims.encodeFunctionData(name, args), 0n, fields);
}

describe("credits", () => {
  it("cover what a move costs, and hardly more", async () => {
    const claim = await rig.claim(traceOfBytes(changed(rig.honest, 1, 9000)));
    const contest = await claim.open(rig.challenger, rig.right);
    const opened = await contest.game();
    expect(opened.challengerCredits * GWEI).toBeGreaterThanOrEqual(contest.receipts[0].fee);
    for (;;) {
      const before = await contest.game();
      if (before.phase === BigInt(Phase.Execute)) break;
      const [from, field] = before.turn === OPERATOR ? ([rig.operator, "operatorCredits"] as const) : ([rig.challenger, "challengerCredits"] as const);
      const { fee } = await paidMove(from, "answer", await contest.answerArgs(), 30n * GWEI, 2n * GWEI);
      const earned = ((await contest.game())[field] - before[field]) * GWEI;
      expect(earned).toBeGreaterThanOrEqual(fee);
      expect(earned).toBeLessThan((fee * 115n) / 100n);
    }
    const { challengerCredits } = await contest.game();
    const { evidence } = await contest.evidence(false);
    const { fee } = await paidMove(rig.challenger, "execute", [...(await contest.head()), false, evidence], 30n * GWEI, 2n * GWEI);
    const earned = ((await contest.game()).challengerCredits - challengerCredits) * GWEI;
    expect(earned).toBeGreaterThanOrEqual(fee);
    expect(earned).toBeLessThan((fee * 150n) / 100n);
  });

  it("count neither a price above the stated one nor a tip above the usual one", async () => {
    const claim = await rig.claim(wrong);
    const contest = await claim.open(rig.challenger, rig.right);
    const { gasUsed } = await paidMove(rig.operator, "answer", await contest.answerArgs(), GWEI, 500n * GWEI);
    const tipped = (await contest.game()).operatorCredits;
    expect(tipped).toBeLessThan((gasUsed * 3n * 115n) / 100n);
    const before = (await contest.game()).challengerCredits;
    const { gasUsed: later } = await paidMove(rig.challenger, "answer", await contest.answerArgs(), 2n * statedPrice, GWEI);
    const earned = (await contest.game()).challengerCredits - before;
    expect(earned * GWEI).toBeGreaterThanOrEqual(later * statedPrice);
    expect(earned * GWEI).toBeLessThan((later * statedPrice * 115n) / 100n);
  });

  it("of a contract count its execution alone: it could make up calldata for nothing", async () => {
    const claim = await rig.claim(wrong);
    const contest = await claim.open(rig.challenger, rig.right);
    const agent = await Agent.create(arena, rig.stranger);
    const plain = await arena.snapshot();
    await contest.move(rig.stranger, "answer", await contest.answerArgs());
    const { operatorSide: full } = await contest.creditsOf(rig.stranger);
    await arena.restore(plain);
    const args = await contest.answerArgs();
    await agent.forward("answer", args);
    const { operatorSide } = await contest.creditsOf(agent.address);
    expect(operatorSide).toBeGreaterThan(0n);
    expect(operatorSide).toBeLessThan((full * 85n) / 100n);
  });

  it("attack dispute-08: a stranger that moves first, with evidence that nobody reads, leaves the others their credits", async () => {
    const contest = await (await rig.claim(wrong)).open(rig.challenger, rig.right);
    await contest.move(rig.operator, "answer", await contest.answerArgs());
    const [claimId, root, answered, theirs, mine, next, definition] = await contest.answerArgs();
    const padded = concat([definition as string, new Uint8Array(80_000).fill(1)]);
    const before = (await contest.game()).challengerCredits;
    const { gasUsed } = await paidMove(rig.stranger, "answer", [claimId, root, answered, theirs, mine, next, padded], 1000n * GWEI, GWEI);
    const cap = (arena.parameters.worstGas * statedPrice) / GWEI;
    expect(gasUsed * statedPrice).toBeGreaterThan(cap * GWEI);
    expect((await contest.game()).challengerCredits - before).toBe(cap / 6n);
    await untilExecution(contest);
    const { challengerCredits } = await contest.game();
    const { evidence } = await contest.evidence(false);
    const last = await paidMove(rig.challenger, "execute", [...(await contest.head()), false, evidence], 1000n * GWEI, GWEI);
    expect(((await contest.game()).challengerCredits - challengerCredits) * GWEI).toBeGreaterThanOrEqual(last.gasUsed * statedPrice);
  });

  it("of a side end at the worst case of a game", async () => {
    const small = { ...arena.parameters, worstGas: 1_500_000n, challengeBond: 15n * 10n ** 16n, claimBond: 6n * 10n ** 17n };
    expect(small.worstGas * statedPrice).toBe(small.challengeBond);
    const poor = await Rig.start(small);
    try {
      const trace = traceOfBytes(changed(poor.honest, 1, 9000));
      const contest = await (await poor.claim(trace)).open(poor.challenger, poor.right);
      await poor.arena.rpc("anvil_setNextBlockBaseFeePerGas", [hex(1000n * GWEI)]);
      await contest.descend(poor.operator, poor.challenger);
      const { evidence } = await contest.evidence(false);
      // Evidence that is not needed makes a move dearer; the cap holds all the same.
      const padded = concat([evidence, new Uint8Array(90_000).fill(1)]);
      await poor.arena.rpc("anvil_setNextBlockBaseFeePerGas", [hex(1000n * GWEI)]);
      await contest.move(poor.challenger, "execute", [...(await contest.head()), false, padded]);
      const { challengerCredits } = await contest.game();
      expect(challengerCredits * GWEI).toBe(small.worstGas * statedPrice);
      expect(await poor.arena.read<bigint>("balanceOf", poor.challenger)).toBe(small.challengeBond + (small.claimBond + small.worstGas * statedPrice) / 2n);
    } finally {
      await poor.stop();
    }
  });
});

describe("a defeated claim's bond", () => {
  it("pays the winning side's credits; half of the rest is burned, half shared in proportion to them", async () => {
    const claim = await rig.claim(wrong);
    const contest = await claim.open(rig.challenger, rig.right);
    await untilExecution(contest, rig.operator, rig.stranger);
    await contest.execute(rig.stranger, false);
    const { challengerCredits: all, challengerOwnCredits: own } = await contest.game();
    const { challengerSide } = await contest.creditsOf(rig.stranger);
    expect(own + challengerSide).toBe(all);
    const rest = claimBond - all * GWEI;
    expect(await arena.etherOf(BURN)).toBe(rest - rest / 2n);
    const pot = all * GWEI + rest / 2n;
    expect(await balance(rig.challenger)).toBe(challengeBond + (pot * own) / all);
    expect(await balance(rig.stranger)).toBe(0n);
    await contest.collect(rig.stranger);
    expect(await balance(rig.stranger)).toBe(pot - (pot * own) / all);
    expect(await balance(rig.operator)).toBe(0n);
    for (const account of [rig.stranger, rig.challenger, rig.operator]) {
      expect(await arena.refusal(account, "collect", [claim.id, rig.right.root, account])).toBe("NothingToCollect");
    }
  });

  it("releases the other games: their bonds go back, their credits are paid, and no move counts any more", async () => {
    const claim = await rig.claim(wrong);
    const contest = await claim.open(rig.challenger, rig.right);
    const losers: Contest[] = [];
    for (const [i, trace] of others.entries()) {
      const other = await claim.open(arena.accounts[4 + i], trace);
      await other.move(rig.operator, "answer", await other.answerArgs());
      if (i > 0) await other.move(rig.stranger, "answer", await other.answerArgs());
      losers.push(other);
    }
    // One of them is lost before: its credits are worth nothing.
    await untilExecution(losers[3]);
    await losers[3].execute(rig.operator);
    const operatorBefore = await balance(rig.operator);
    expect((await claim.state()).openGames).toBe(4n);

    await untilExecution(contest);
    const released = losers.slice(0, 3);
    const late = await Promise.all(released.map(async (other) => [other, await other.head(), await other.answerArgs()] as const));
    await contest.execute(rig.challenger, false);
    for (const [other, head, args] of late) {
      expect(await other.game()).toMatchObject({ phase: BigInt(Phase.Released), bond: challengeBond });
      expect(await arena.refusal(rig.challenger, "expire", head)).toBe("GameOver");
      expect(await arena.refusal(rig.operator, "answer", args)).toBe("GameOver");
    }
    const owed = (await Promise.all(released.map((other) => other.game()))).reduce((sum, { challengerCredits }) => sum + challengerCredits, 0n);
    expect(await arena.read("pot", claim.id)).toEqual({ amount: owed * GWEI, credits: owed });

    for (const [i, other] of released.entries()) {
      const opener = arena.accounts[4 + i];
      const { challengerOwnCredits } = await other.game();
      await other.collect(opener);
      expect(await balance(opener)).toBe(challengeBond + challengerOwnCredits * GWEI);
      expect(await other.game()).toMatchObject({ phase: BigInt(Phase.Released), bond: 0n });
      expect(await arena.refusal(opener, "collect", [claim.id, other.challenged.root, opener])).toBe("NothingToCollect");
      if (i > 0) await other.collect(rig.stranger);
      // The operator's moves are the loser's.
      expect(await arena.refusal(rig.operator, "collect", [claim.id, other.challenged.root, rig.operator])).toBe("NothingToCollect");
    }
    expect(await arena.read("pot", claim.id)).toEqual({ amount: 0n, credits: 0n });
    expect(await balance(rig.operator)).toBe(operatorBefore);
    expect(await balance(arena.accounts[7])).toBe(0n);
  });

  it("attack dispute-07: does not go to games that end it as a crowd: shares are pro rata, and it never pays out more than it has", async () => {
    const small = { ...arena.parameters, worstGas: 1_500_000n, challengeBond: 15n * 10n ** 16n, claimBond: 6n * 10n ** 17n };
    const crowd = await Rig.start(small);
    try {
      const claim = await crowd.claim(traceOfBytes(changed(crowd.honest, 12, 19)));
      const contests: Contest[] = [];
      const dear = async (): Promise<unknown> => crowd.arena.rpc("anvil_setNextBlockBaseFeePerGas", [hex(300n * GWEI)]);
      for (let i = 0; i < 60; i++) {
        await dear();
        contests.push(await claim.open(crowd.stranger, traceOfBytes(changed(crowd.honest, 4, i % 20, 1 + i))));
      }
      const contest = await claim.open(crowd.challenger, crowd.right);
      await contest.descend(crowd.operator, crowd.challenger);
      await contest.execute(crowd.challenger, false);
      const { challengerCredits } = await contest.game();
      const { amount, credits } = await crowd.arena.read<{ amount: bigint; credits: bigint }>("pot", claim.id);
      // The game that did it is paid in full, the others share what is left, and nothing is burned.
      expect(amount).toBe(small.claimBond - challengerCredits * GWEI);
      expect(amount).toBeLessThan(credits * GWEI);
      expect(await crowd.arena.etherOf(BURN)).toBe(0n);
      for (const other of contests) await other.collect(crowd.stranger);
      expect(await crowd.arena.read<bigint>("balanceOf", crowd.stranger)).toBe(60n * small.challengeBond + amount);
    } finally {
      await crowd.stop();
    }
  });
});

describe("a lost game's bond", () => {
  it("pays the operator's side; half of the rest is burned, half is the operator's", async () => {
    const claim = await rig.claim(rig.right);
    const contest = await claim.open(rig.challenger, wrong);
    await untilExecution(contest, rig.stranger);
    await contest.execute(rig.operator);
    const { operatorCredits: all, operatorOwnCredits: own, bond } = await contest.game();
    const { operatorSide } = await contest.creditsOf(rig.stranger);
    expect(bond).toBe(0n);
    expect(own + operatorSide).toBe(all);
    const rest = challengeBond - all * GWEI;
    expect(await arena.etherOf(BURN)).toBe(rest - rest / 2n);
    expect(await balance(rig.operator)).toBe(own * GWEI + rest / 2n);
    await contest.collect(rig.stranger);
    expect(await balance(rig.stranger)).toBe(operatorSide * GWEI);
    expect(await balance(rig.challenger)).toBe(0n);
    expect(await arena.refusal(rig.challenger, "collect", [claim.id, wrong.root, rig.challenger])).toBe("NothingToCollect");
  });

  it("cannot be collected while the game is on", async () => {
    const claim = await rig.claim(rig.right);
    await claim.open(rig.challenger, wrong);
    expect(await arena.refusal(rig.challenger, "collect", [claim.id, wrong.root, rig.challenger])).toBe("WrongPhase");
    expect(await arena.refusal(rig.challenger, "collect", [claim.id, rig.right.root, rig.challenger])).toBe("GameMissing");
  });
});

describe("foreign code", () => {
  it("cannot withdraw twice by withdrawing while it is paid", async () => {
    const agent = await Agent.create(arena, rig.challenger);
    const claim = await rig.claim(wrong);
    await claim.open(rig.challenger, rig.right);
    // It joins, so that it has a balance; another's bond is in the contract, too.
    await agent.forward("open", claim.contest(rig.right).openArgs(), challengeBond);
    await agent.set(Mode.React, "withdraw", [agent.address]);
    await agent.forward("withdraw", [agent.address]);
    expect(await agent.outcome()).toBe(1n);
    expect(await arena.etherOf(agent.address)).toBe(challengeBond);
    expect(await balance(agent.address)).toBe(0n);
  });

  it("cannot keep others from their money by refusing its own", async () => {
    const claim = await rig.claim(wrong);
    const contest = claim.contest(rig.right);
    await arena.send(rig.stranger, "open", contest.openArgs(), challengeBond);
    await arena.send(rig.stranger, "open", contest.openArgs(), challengeBond);
    expect(await arena.refusal(rig.stranger, "withdraw", [arena.address])).toBe("TransferFailed");
    await arena.send(rig.stranger, "withdraw", [rig.stranger]);
  });

  const finalized = async (mode: Mode, name?: string, args: (claim: ClaimUnderTest) => readonly unknown[] = () => []): Promise<{ agent: Agent; claim: ClaimUnderTest; receipt: Receipt }> => {
    const agent = await Agent.create(arena, rig.stranger);
    const claim = await rig.claim(rig.right, { consumer: agent.address });
    await agent.set(mode, name, args(claim));
    await arena.pass(window);
    return { agent, claim, receipt: await arena.send(rig.operator, "finalize", [claim.id]) };
  };

  it("is told of finality, and cannot go back behind it", async () => {
    const { agent, claim, receipt } = await finalized(Mode.React, "finalize", ({ id }) => [id]);
    expect(await agent.told()).toBe(claim.id);
    expect(await agent.outcome()).toBe(1n);
    expect(receipt.events.map(({ name }) => name)).toEqual(["Credited", "ClaimFinal"]);
  });

  it.each([Mode.Revert, Mode.BurnGas])("that fails when it is told changes nothing (%i)", async (mode) => {
    const { agent, claim, receipt } = await finalized(mode);
    expect(receipt.events.at(-1)?.name).toBe("CallbackFailed");
    expect(BigInt(await agent.told())).toBe(0n);
    expect((await claim.state()).status).toBe(BigInt(Status.Final));
    expect(receipt.gasUsed).toBeLessThan(450_000n);
  });

  it("may return as much as it likes at its own cost", async () => {
    const { claim, receipt } = await finalized(Mode.ReturnMuch);
    expect((await claim.state()).status).toBe(BigInt(Status.Final));
    expect(receipt.gasUsed).toBeLessThan(450_000n);
  });

  it("gets its gas: whoever finalizes cannot starve it", async () => {
    const agent = await Agent.create(arena, rig.stranger);
    const claim = await rig.claim(rig.right, { consumer: agent.address });
    await arena.pass(window);
    const request = { from: rig.operator, to: arena.address, data: arena.claims.encodeFunctionData("finalize", [claim.id]) };
    const enough: number[] = [];
    for (let gas = 60_000; gas <= 500_000; gas += 10_000) {
      const done = await arena.rpc("eth_call", [{ ...request, gas: hex(gas) }, "latest"]).then(
        () => true,
        () => false,
      );
      if (done) enough.push(gas);
    }
    expect(Math.min(...enough)).toBeGreaterThan(350_000);
    expect(enough.length).toBeGreaterThan(1);
  });
});
