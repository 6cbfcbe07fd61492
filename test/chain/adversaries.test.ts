/** Whole games between processes: whatever one side does, the other one's watcher wins, is paid, and in time. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readClaims } from "../../src/chain/claims/contract.js";
import { openMove } from "../../src/chain/claims/openMove.js";
import { openGame } from "../../src/chain/claims/playMove.js";
import { findClaim } from "../../src/chain/claims/findClaim.js";
import { type Hash, worstCaseDelay } from "../../src/optimistic/dispute/index.js";
import type { Trace } from "../../src/optimistic/trace/index.js";
import { LyingOperator, type Manners } from "../optimistic/actors/lyingOperator.js";
import { lyingTrace, withLeaf } from "../optimistic/actors/lyingTrace.js";
import { ClaimsRig, PARAMETERS, type Player } from "./support/claims.js";

let rig: ClaimsRig;
let honest: Trace;
let nonce = 0n;

beforeAll(async () => {
  rig = await ClaimsRig.start();
  honest = rig.honest();
});
afterAll(() => rig.close());

const STATUSES = ["None", "Posted", "Final", "Defeated"] as const;
const BOUNDS = { slots: 4, longestTensor: 1200, segmented: true };

async function statusOf(claimId: Hash): Promise<string> {
  const { account } = await rig.player("watcher", undefined);
  return STATUSES[Number((await readClaims<{ status: bigint }>(account, await account.endpoints.head(), "claim", claimId)).status)];
}

const balanceOf = ({ address }: Player): Promise<bigint> => rig.chain.connection.provider.getBalance(address);
const actions = ({ events }: Pick<Player, "events">): string[] => events.flatMap((event) => (event.kind === "action" ? [event.action] : []));
const now = async (): Promise<number> => (await rig.chain.connection.provider.getBlock("latest"))?.timestamp ?? 0;

async function lyingClaim(trace: Trace, manners?: Manners): Promise<{ readonly operator: LyingOperator; readonly claimId: Hash; readonly since: number }> {
  const operator = new LyingOperator(await rig.account(), rig.model, trace, manners);
  const { claimId } = await operator.claim(PARAMETERS.claimBond, nonce++);
  return { operator, claimId, since: await now() };
}

/** In turn, until the claim has ended; when nobody moves, `pause` seconds go by. */
async function play(claimId: Hash, sides: readonly { readonly events: readonly { readonly kind: string }[]; readonly turn: () => Promise<void> }[], pause = PARAMETERS.clock + PARAMETERS.grace + 1): Promise<void> {
  const moved = (): number => sides.reduce((sum, { events }) => sum + events.filter(({ kind }) => kind === "action").length, 0);
  for (let round = 0; round < 30 && (await statusOf(claimId)) === "Posted"; round++) {
    const before = moved();
    for (const { turn } of sides) await turn();
    if (moved() === before) await rig.wait(pause);
  }
}

const sideOf = (player: Player): { events: Player["events"]; turn: () => Promise<void> } => ({ events: player.events, turn: player.act });
const liarsSide = (operator: LyingOperator): { events: LyingOperator["events"]; turn: () => Promise<void> } => ({ events: operator.events, turn: () => operator.defend() });

describe("an operator of a wrong claim", () => {
  const lie = { slot: 2, element: 299 };
  const cases: readonly (readonly [string, () => Trace, Manners])[] = [
    ["shows nothing of its trace", () => lyingTrace(rig.model, honest, lie), { movesAtMost: 0 }],
    ["shows its tensors' roots and no more", () => lyingTrace(rig.model, honest, lie), { movesAtMost: 1 }],
    ["claims zeros where a tensor's root should be", () => withLeaf(honest, 2), {}],
  ];

  it.each(cases)("who %s is defeated in time, and pays the watcher", async (_, traceOf, manners) => {
    const { operator, claimId, since } = await lyingClaim(traceOf(), manners);
    const watcher = await rig.player("watcher", honest);
    const before = await balanceOf(watcher);
    await play(claimId, [sideOf(watcher), liarsSide(operator)]);
    await watcher.act();
    expect(await statusOf(claimId)).toBe("Defeated");
    expect((await now()) - since).toBeLessThanOrEqual(worstCaseDelay(PARAMETERS, BOUNDS));
    expect(await balanceOf(watcher)).toBeGreaterThan(before);
  });

  it("who answers at the last second is defeated in time", async () => {
    const { operator, claimId, since } = await lyingClaim(lyingTrace(rig.model, honest, lie));
    const watcher = await rig.player("watcher", honest);
    for (let round = 0; round < 10 && (await statusOf(claimId)) === "Posted"; round++) {
      await watcher.act();
      const { games } = await findClaim(watcher.account, await watcher.account.endpoints.head(), claimId).catch(() => ({ games: [] }));
      const { turn, deadline } = games[0].record.game;
      if (turn === "Operator" && deadline !== 0) await rig.wait(Math.max(1, deadline - (await now()) - 3));
      await operator.defend();
    }
    await watcher.act();
    expect(await statusOf(claimId)).toBe("Defeated");
    expect((await now()) - since).toBeLessThanOrEqual(worstCaseDelay(PARAMETERS, BOUNDS));
  });
});

describe("a challenger", () => {
  it("who opens with the right root and stalls does not save the claim: another watcher plays on, and is paid", async () => {
    const { operator, claimId } = await lyingClaim(lyingTrace(rig.model, honest, { slot: 1, element: 0, consistent: false }), { hostileSums: true });
    const staller = await rig.account();
    const { claim } = await findClaim(staller, await staller.endpoints.head(), claimId);
    await openGame(staller, openMove(claimId, claim, honest), PARAMETERS.challengeBond);
    const watcher = await rig.player("watcher", honest);
    const before = await balanceOf(watcher);
    await play(claimId, [sideOf(watcher), liarsSide(operator)], PARAMETERS.grace / 2);
    await watcher.act();
    expect(await statusOf(claimId)).toBe("Defeated");
    expect(actions(watcher)).not.toContain("open");
    expect(await balanceOf(watcher)).toBeGreaterThan(before);
  });

  it("who uses up the right root while nobody watches does not save the claim: a later watcher opens again, and is paid", async () => {
    const { operator, claimId } = await lyingClaim(lyingTrace(rig.model, honest, { slot: 2, element: 299 }));
    const accomplice = await rig.account();
    const { claim } = await findClaim(accomplice, await accomplice.endpoints.head(), claimId);
    await openGame(accomplice, openMove(claimId, claim, honest), PARAMETERS.challengeBond);
    await operator.defend();
    await rig.wait(PARAMETERS.clock + PARAMETERS.grace + 1);
    await operator.defend();
    const watcher = await rig.player("watcher", honest);
    const before = await balanceOf(watcher);
    await play(claimId, [sideOf(watcher), liarsSide(operator)]);
    await watcher.act();
    expect(await statusOf(claimId)).toBe("Defeated");
    const { games } = await findClaim(accomplice, await accomplice.endpoints.head(), claimId);
    expect(games.map(({ record: { root, ranOut, game } }) => ({ root, ranOut, phase: game.phase }))).toEqual([
      { root: honest.root, ranOut: true, phase: "ChallengerLost" },
      { root: honest.marked(1).root, ranOut: false, phase: "ClaimLost" },
    ]);
    expect(await balanceOf(watcher)).toBeGreaterThan(before);
  });

  it("of a right claim under many names loses every game and pays the operator; the claim becomes final in time", async () => {
    const operator = await rig.player("operator", honest);
    const { claimId } = await rig.claim(operator.account, honest, nonce++);
    const since = await now();
    const before = await balanceOf(operator);
    const liars = [{ slot: 1, element: 0 }, { slot: 2, element: 3 }, { slot: 3, element: 1 }];
    const sybils = await Promise.all(liars.map((lie) => rig.player("watcher", lyingTrace(rig.model, honest, { ...lie, consistent: false }))));
    await play(claimId, [sideOf(operator), ...sybils.map(sideOf)], PARAMETERS.window / 2);
    await operator.act();
    expect(await statusOf(claimId)).toBe("Final");
    expect((await now()) - since).toBeLessThanOrEqual(worstCaseDelay(PARAMETERS, BOUNDS));
    expect(sybils.map((sybil) => actions(sybil).includes("open"))).toEqual(liars.map(() => true));
    // Its bond is back as well.
    expect((await balanceOf(operator)) - before).toBeGreaterThan(PARAMETERS.claimBond);
  });
});
