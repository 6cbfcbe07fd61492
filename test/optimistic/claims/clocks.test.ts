/** Each side has a clock a game and a grace a move: neither can be stretched, and the worst case is the one that is stated. */
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { type Contest, type Game, Status } from "./support/contest.js";
import { OPERATOR, Phase } from "./support/player.js";
import { Rig } from "./support/rig.js";
import { changed, traceOfBytes } from "./support/toy.js";

const rig = await Rig.start();
const { arena } = rig;
const { window, clock, grace, challengeBond } = arena.parameters;
const wrong = traceOfBytes(changed(rig.honest, 1, 9000));
const other = traceOfBytes(changed(rig.honest, 12, 0));

afterAll(async () => {
  await rig.stop();
});

beforeEach(async () => {
  await rig.reset();
});

async function opened(claimed = wrong, challenged = rig.right): Promise<Contest> {
  return (await rig.claim(claimed)).open(rig.challenger, challenged);
}

/** The next move of a descent, so many seconds after the last one. */
async function answerAfter(contest: Contest, seconds: bigint): Promise<Game> {
  const args = await contest.answerArgs();
  const { lastMoveAt } = await contest.game();
  await arena.nextAt(lastMoveAt + seconds);
  await contest.move(rig.stranger, "answer", args);
  return contest.game();
}

describe("attack dispute-01: a clock", () => {
  it("does not run during the grace, and then runs for the side to move only", async () => {
    const contest = await opened();
    expect(await answerAfter(contest, grace)).toMatchObject({ operatorClock: clock, challengerClock: clock });
    expect(await answerAfter(contest, grace + 10n)).toMatchObject({ operatorClock: clock, challengerClock: clock - 10n });
    expect(await answerAfter(contest, grace + 7n)).toMatchObject({ operatorClock: clock - 7n, challengerClock: clock - 10n });
    expect(await answerAfter(contest, 0n)).toMatchObject({ operatorClock: clock - 7n, challengerClock: clock - 10n });
  });

  it("gives no time back for quick moves", async () => {
    const contest = await opened();
    await answerAfter(contest, grace + clock);
    await answerAfter(contest, 0n);
    const { operatorClock, deadline, lastMoveAt } = await contest.game();
    expect(operatorClock).toBe(0n);
    expect(deadline).toBe(lastMoveAt + grace);
  });

  it("lets a move in at its last second and not a second later; then anyone ends the game", async () => {
    const contest = await opened();
    const { deadline } = await contest.game();
    const args = await contest.answerArgs();
    await arena.mineAt(deadline);
    expect(await arena.refusal(rig.operator, "answer", args)).toBe("done");
    expect(await arena.refusal(rig.stranger, "expire", await contest.head())).toBe("NotExpired");
    await arena.mineAt(deadline + 1n);
    expect(await arena.refusal(rig.operator, "answer", args)).toBe("TooLate");
    await contest.move(rig.stranger, "expire", await contest.head());
    expect((await contest.game()).phase).toBe(BigInt(Phase.ClaimLost));
    expect(await arena.refusal(rig.operator, "answer", args)).toBe("GameOver");
    expect(await arena.refusal(rig.operator, "expire", args.slice(0, 3))).toBe("GameOver");
  });

  it("runs for the challenger after the operator's move: a challenger that stalls loses, even with the right root", async () => {
    const contest = await opened();
    await answerAfter(contest, 0n);
    const { deadline } = await contest.game();
    await arena.mineAt(deadline + 1n);
    await contest.move(rig.operator, "expire", await contest.head());
    expect((await contest.game()).phase).toBe(BigInt(Phase.ChallengerLost));
    expect((await contest.claim.state()).status).toBe(BigInt(Status.Posted));
  });

  it("of a staller is saved by any honest party: moves are the root's, not the sender's", async () => {
    const contest = await opened();
    for (;;) {
      const { phase, turn } = await contest.game();
      if (phase === BigInt(Phase.Execute)) break;
      await contest.move(turn === OPERATOR ? rig.operator : rig.stranger, "answer", await contest.answerArgs());
    }
    await contest.execute(rig.stranger, false);
    expect((await contest.game()).phase).toBe(BigInt(Phase.ClaimLost));
  });

  it("attack dispute-06: is a game's own: another game neither inherits it nor shares it", async () => {
    const claim = await rig.claim(wrong);
    const first = await claim.open(rig.challenger, rig.right);
    await answerAfter(first, grace + 100n);
    const second = await claim.open(rig.stranger, other);
    expect(await second.game()).toMatchObject({ operatorClock: clock, challengerClock: clock, moves: 1n });
    await answerAfter(second, grace + 5n);
    expect((await second.game()).operatorClock).toBe(clock - 5n);
    expect((await first.game()).operatorClock).toBe(clock - 100n);
  });

  it("runs in every phase: no execution, no sums, no refutation in time", async () => {
    for (const [slot, offset] of [[12, 0], [3, 7]]) {
      await rig.reset();
      const contest = await opened(traceOfBytes(changed(rig.honest, slot, offset)));
      const { phase, turn, deadline } = await contest.descend(rig.operator, rig.challenger);
      await arena.mineAt(deadline + 1n);
      await contest.move(rig.stranger, "expire", await contest.head());
      const loser = turn === OPERATOR ? Phase.ClaimLost : Phase.ChallengerLost;
      expect(phase).toBe(BigInt(slot === 3 ? Phase.Sums : Phase.Execute));
      expect((await contest.game()).phase).toBe(BigInt(loser));
    }
  });
});

describe("attack dispute-02: the window", () => {
  it("takes games until it is over, and finality waits for them", async () => {
    const claim = await rig.claim(rig.right);
    const { deadline } = await claim.state();
    await arena.nextAt(deadline - 1n);
    const contest = await claim.open(rig.challenger, wrong);
    await arena.mineAt(deadline);
    expect(await arena.refusal(rig.challenger, "open", claim.contest(other).openArgs(), challengeBond)).toBe("WindowClosed");
    expect(await arena.refusal(rig.challenger, "open", contest.openArgs(), challengeBond)).toBe("WindowClosed");
    expect(await arena.refusal(rig.operator, "finalize", [claim.id])).toBe("GamesOpen");
    await contest.descend(rig.operator, rig.challenger);
    expect(await arena.refusal(rig.operator, "finalize", [claim.id])).toBe("GamesOpen");
    await contest.execute(rig.operator);
    await arena.send(rig.operator, "finalize", [claim.id]);
    expect((await claim.state()).status).toBe(BigInt(Status.Final));
  });

  it("closes with its games' ends when a claim was final before: no late opening, no late fraud proof", async () => {
    const claim = await rig.claim(wrong);
    await arena.pass(window);
    await arena.send(rig.operator, "finalize", [claim.id]);
    expect(await arena.refusal(rig.challenger, "open", claim.contest(rig.right).openArgs(), challengeBond)).toBe("ClaimNotPosted");
    expect(await arena.refusal(rig.challenger, "proveFraud", [claim.id, "0x"])).toBe("ClaimNotPosted");
  });
});

describe("the worst case", () => {
  it("holds although both sides take their whole clocks and every grace, in games that open at the last second", async () => {
    const claim = await rig.claim(rig.right);
    const { deadline } = await claim.state();
    const contests: Contest[] = [];
    // Slot 3 takes partial sums; slots 1 and 12 have other depths. Sybils change nothing.
    const lies = [[3, 7], [3, 8], [1, 9000], [12, 19]].map(([slot, offset]) => traceOfBytes(changed(rig.honest, slot, offset)));
    for (const [i, trace] of lies.entries()) {
      await arena.nextAt(deadline - BigInt(lies.length - i));
      contests.push(await claim.open(rig.challenger, trace));
    }
    const worst = await arena.read<bigint>("worstCaseDelay", 20, 9216);
    expect(worst).toBe(window + 2n * clock + (2n + 2n + 1n + 2n) * grace);
    const end = deadline - window + worst;
    for (;;) {
      const games = await Promise.all(contests.map((contest) => contest.game()));
      const open = games.flatMap((game, i) => (game.phase <= BigInt(Phase.Refute) ? [{ game, contest: contests[i] }] : []));
      if (open.length === 0) break;
      const { game, contest } = open.reduce((a, b) => (a.game.deadline <= b.game.deadline ? a : b));
      expect(game.deadline).toBeLessThan(end);
      // Each side spends its clock on its first move and every grace afterwards; whoever cannot move has lost at the deadline.
      if (game.phase > BigInt(Phase.Inner)) {
        await arena.mineAt(game.deadline + 1n);
        await contest.move(rig.stranger, "expire", await contest.head());
        continue;
      }
      const args = await contest.answerArgs();
      await arena.nextAt(game.deadline);
      await contest.move(rig.stranger, "answer", args);
    }
    expect(BigInt(await arena.now())).toBeLessThanOrEqual(end);
  });
});
