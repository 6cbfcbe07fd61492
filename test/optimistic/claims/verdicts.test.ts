/** Whatever the difference, the game ends for the right side: a wrong claim loses, a right one wins. */
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { ClaimUnderTest, type Contest, Status } from "./support/contest.js";
import { liesAbout } from "./support/lies.js";
import { partialsFor } from "./support/partials.js";
import { Phase } from "./support/player.js";
import { Rig } from "./support/rig.js";
import { changed, modelOf, toyProgram, traceOfBytes } from "./support/toy.js";

const rig = await Rig.start();
const lies = liesAbout(rig.honest);

afterAll(async () => {
  await rig.stop();
});

beforeEach(async () => {
  await rig.reset();
});

/** Plays the game to its end; the liar does what it can. */
async function play(contest: Contest, claimIsRight: boolean): Promise<void> {
  const game = await contest.descend(rig.operator, rig.challenger);
  const honest = claimIsRight ? contest.claim.setting.claimed : contest.challenged;
  if (game.phase === BigInt(Phase.Execute)) await contest.execute(claimIsRight ? rig.operator : rig.challenger, claimIsRight);
  if (game.phase !== BigInt(Phase.Sums)) return;
  const { partials, accumulator, wrong } = await partialsFor(rig.model, contest, honest);
  expect(wrong < 0).toBe(claimIsRight);
  await contest.move(rig.operator, "sums", await contest.sumsArgs(partials, accumulator));
  if (claimIsRight) {
    await rig.arena.mineAt((await contest.game()).deadline + 1n);
    await contest.move(rig.operator, "expire", await contest.head());
  } else {
    await contest.move(rig.challenger, "refute", await contest.refuteArgs(partials, wrong, false));
  }
}

describe("a game", () => {
  it.each(lies)("is lost by a claim that is wrong in $name", async ({ trace }) => {
    const claim = await rig.claim(trace);
    const contest = await claim.open(rig.challenger, rig.right);
    await play(contest, false);
    expect(Number((await contest.game()).phase)).toBe(Phase.ClaimLost);
    expect(Number((await claim.state()).status)).toBe(Status.Defeated);
    expect(await rig.arena.refusal(rig.operator, "finalize", [claim.id])).toBe("ClaimNotPosted");
    expect(await rig.arena.read<bigint>("balanceOf", rig.operator)).toBe(0n);
    expect(await rig.arena.read<bigint>("balanceOf", rig.challenger)).toBeGreaterThan(rig.arena.parameters.challengeBond);
  });

  it.each([...lies, { name: "an input", trace: traceOfBytes(changed(rig.honest, 0, 1000)) }])("is lost by a challenger that is wrong in $name", async ({ trace }) => {
    const claim = await rig.claim(rig.right);
    const contest = await claim.open(rig.challenger, trace);
    await play(contest, true);
    expect(Number((await contest.game()).phase)).toBe(Phase.ChallengerLost);
    expect(await claim.state()).toMatchObject({ status: BigInt(Status.Posted), openGames: 0n, credits: 0n });
    expect(await rig.arena.read<bigint>("balanceOf", rig.challenger)).toBe(0n);
    expect(await rig.arena.read<bigint>("balanceOf", rig.operator)).toBeGreaterThan(0n);
    const { deadline } = await claim.state();
    if (BigInt(await rig.arena.now()) < deadline) await rig.arena.mineAt(deadline);
    await rig.arena.send(rig.stranger, "finalize", [claim.id]);
  });

  it("is judged by the claim alone: of two wrong traces the claim loses where its element is wrong, and only there", async () => {
    const both = traceOfBytes(changed(rig.honest, 5, 3, 7));
    const claim = await rig.claim(both);
    // Wrong earlier than the claim is: there, the claim is right.
    const early = await claim.open(rig.challenger, traceOfBytes(changed(rig.honest, 4, 3)));
    await early.descend(rig.operator, rig.challenger);
    await early.execute(rig.stranger);
    expect(Number((await early.game()).phase)).toBe(Phase.ChallengerLost);
    // As wrong as the claim, in another way: the challenger need not be right.
    const other = await claim.open(rig.challenger, traceOfBytes(changed(rig.honest, 5, 3, 1)));
    await other.descend(rig.operator, rig.challenger);
    await other.execute(rig.stranger);
    expect(Number((await other.game()).phase)).toBe(Phase.ClaimLost);
  });

  it("is lost by a claim on a model with a malformed descriptor, at the slot in question", async () => {
    const model = modelOf(toyProgram(), new Map([[7, Uint8Array.of(1, 0)]]));
    const setting = { arena: rig.arena, model, operator: rig.operator, claimed: rig.right, post: { uploads: [rig.upload] } };
    const claim = await ClaimUnderTest.post(setting);
    const contest = await claim.open(rig.challenger, traceOfBytes(changed(rig.honest, 7, 0)));
    await contest.move(rig.operator, "answer", await contest.answerArgs());
    const args = await contest.answerArgs();
    expect(await rig.arena.refusal(rig.challenger, "answer", args)).toBe("NextMismatch");
    await contest.move(rig.challenger, "answer", await contest.answerArgs({ next: new Uint8Array(0) }));
    expect(Number((await contest.game()).phase)).toBe(Phase.ClaimLost);
  });
});
