/** Plays a claim to its end, and sees that everyone has what is theirs. */
import { expect } from "vitest";
import type { Hash } from "../../../../src/optimistic/dispute/hash.js";
import type { Status } from "../../../../src/optimistic/dispute/state.js";
import { tensorLength } from "../../../../src/optimistic/dispute/views.js";
import type { OwnExecution } from "../../../../src/optimistic/execution/party.js";
import type { Trace } from "../../../../src/optimistic/trace/trace.js";
import type { Actor } from "../actors/actor.js";
import type { Manners } from "../actors/liars.js";
import type { Bench } from "./bench.js";
import type { Court } from "./court.js";
import { type ClaimView, moversOf, viewOf } from "./view.js";

const MOST_TURNS = 2000;

/** Until nobody has anything to do any more. Whoever is earlier in the list is asked first. */
export async function playOut(court: Court, claimId: Hash, actors: readonly Actor[]): Promise<ClaimView> {
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    if (await everyoneOnce(actors)) continue;
    const view = await viewOf(court, claimId);
    const next = nextTime(view, court.now);
    if (next === undefined) return view;
    court.passTo(next);
  }
  throw new Error("the games do not end");
}

async function everyoneOnce(actors: readonly Actor[]): Promise<boolean> {
  let moved = false;
  for (const actor of actors) moved = (await actor.act()) || moved;
  return moved;
}

/** When somebody may want to do something that nobody wants to do now: last seconds, and those after them. */
function nextTime({ claim, on }: ClaimView, now: number): number | undefined {
  if (claim.status !== "Posted") return undefined;
  const deadlines = on.map(({ game }) => game.deadline);
  const times = [claim.deadline - 1, claim.deadline, ...deadlines, ...deadlines.map((deadline) => deadline + 1)];
  const coming = times.filter((time) => time > now);
  return coming.length === 0 ? undefined : Math.min(...coming);
}

/** All of it: plays a claim to its end, and gives everyone what is theirs. */
export async function judge(bench: Bench, claimId: Hash, actors: readonly Actor[], honest: readonly Actor[], status: Status): Promise<ClaimView> {
  await playOut(bench.court, claimId, actors);
  const view = await expectEnd(bench.court, claimId, status, bench.execution());
  await settleUp(bench.court, honest);
  return view;
}

/** A wrong claim that one watcher finds. */
export async function tryClaim(bench: Bench, claimed: Trace, manners: Manners = {}): Promise<ClaimView> {
  const operator = await bench.lyingOperator(claimed, manners);
  const watcher = await bench.watcher(operator.claimId);
  return judge(bench, operator.claimId, [operator, watcher], [watcher], "Defeated");
}

/** A right claim that somebody challenges. */
export async function tryChallenge(bench: Bench, challenged: Trace, manners: Manners = {}): Promise<ClaimView> {
  const operator = await bench.honestOperator();
  const challenger = await bench.lyingChallenger(operator.claimId, challenged, manners);
  return judge(bench, operator.claimId, [challenger, operator], [operator], "Final");
}

/** What a claim came to, within the stated worst case. */
export async function expectEnd(court: Court, claimId: Hash, status: Status, { model }: Pick<OwnExecution, "model">): Promise<ClaimView> {
  const view = await viewOf(court, claimId);
  expect(view.claim.status).toBe(status);
  expect(view.on).toEqual([]);
  const worst = await court.read<bigint>("worstCaseDelay", model.slots.length, Math.max(...model.slots.map(tensorLength)));
  const { window } = await court.parameters();
  // The last transaction of a claim that is played out is the one that ended it.
  expect(court.now - (view.posted.deadline - window), "seconds from the posting to the end").toBeLessThanOrEqual(Number(worst));
  return view;
}

/** Everyone takes what is theirs; then nothing is left. The honest have their bonds, and their moves paid. */
export async function settleUp(court: Court, honest: readonly Pick<Actor, "address">[]): Promise<void> {
  for (const claimId of court.claims) {
    const view = await viewOf(court, claimId);
    for (const { root, movers } of moversOf(view)) {
      for (const mover of movers) {
        const collect = { from: mover, name: "collect", args: [claimId, root, mover] };
        if ((await court.refusal(collect)) === "done") await court.must(collect);
      }
    }
  }
  for (const holder of court.holders) {
    if ((await court.read<bigint>("balanceOf", holder)) > 0n) await court.must({ from: holder, name: "withdraw", args: [holder] });
  }
  await court.expectEmpty();
  for (const { address } of honest) {
    court.ledger.expectExact(address, await court.etherOf(address));
    court.ledger.expectPaid(address);
  }
}
