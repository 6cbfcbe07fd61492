import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readClaims } from "../../src/chain/claims/contract.js";
import type { Hash } from "../../src/optimistic/dispute/hash.js";
import { LyingOperator, type Manners } from "../optimistic/actors/lyingOperator.js";
import { type Lie, lyingTrace } from "../optimistic/actors/lyingTrace.js";
import { ClaimsRig, PARAMETERS, type Player } from "./support/claims.js";

let rig: ClaimsRig;

beforeAll(async () => {
  rig = await ClaimsRig.start();
});
afterAll(() => rig.close());

describe("an honest claim", () => {
  it("is posted once, and finalized after its window", async () => {
    const trace = rig.honest();
    const operator = await rig.player("operator", trace);
    const claim = await rig.claim(operator.account, trace);
    expect(claim).toMatchObject({ status: "Posted", fresh: true, bond: PARAMETERS.claimBond });
    expect(await rig.claim(operator.account, trace)).toMatchObject({ claimId: claim.claimId, fresh: false, transactions: [] });
    const watcher = await rig.player("watcher", trace);
    await watcher.act();
    await operator.act();
    expect(watcher.events).toMatchObject([{ kind: "claim", claimId: claim.claimId, verdict: "right" }]);
    await rig.wait(PARAMETERS.window);
    await operator.act();
    expect(operator.events).toContainEqual(expect.objectContaining({ kind: "action", action: "finalize" }));
    expect(await readClaims<boolean>(operator.account, await operator.account.endpoints.head(), "isFinal", claim.claimId)).toBe(true);
  });
});

describe("a wrong claim", () => {
  const lies: readonly (readonly [string, Lie, Manners, readonly string[]])[] = [
    ["in a short sum", { slot: 2, element: 299 }, {}, ["open", "answer", "execute"]],
    ["in the output alone, in its last bit", { slot: 3, element: 9, consistent: false }, {}, ["open", "execute"]],
    ["in a long sum, for which it finds no partial results", { slot: 1, element: 3 }, {}, ["open", "expire"]],
    ["in a long sum, with hostile partial results", { slot: 1, element: 3 }, { hostileSums: true }, ["open", "refute"]],
  ];

  it.each(lies)("%s, is defeated by a watcher, who has its gas back", async (_, lie, manners, expected) => {
    const honest = rig.honest();
    const operator = new LyingOperator(await rig.account(), rig.model, lyingTrace(rig.model, honest, lie), manners);
    const { claimId } = await operator.claim(PARAMETERS.claimBond);
    const watcher = await rig.player("watcher", honest);
    const before = await balance(watcher);
    await playToTheEnd(operator, watcher, claimId);
    expect(await statusOf(claimId)).toBe(3);
    const actions = watcher.events.flatMap((event) => (event.kind === "action" ? [event.action] : []));
    expect(actions).toEqual(expect.arrayContaining([...expected, "withdraw"]));
    expect(watcher.events).toContainEqual(expect.objectContaining({ kind: "claim", claimId, verdict: "wrong" }));
    expect(await balance(watcher)).toBeGreaterThan(before);
  });
});

/** Rounds of both, with a wait of more than a clock where nobody moves. */
async function playToTheEnd(operator: LyingOperator, watcher: Player, claimId: Hash): Promise<void> {
  for (let round = 0; round < 20 && (await statusOf(claimId)) === 1; round++) {
    const moved = (): number => [...watcher.events, ...operator.events].filter(({ kind }) => kind === "action").length;
    const before = moved();
    await watcher.act();
    await operator.defend();
    if (moved() === before) await rig.wait(PARAMETERS.clock + PARAMETERS.grace + 1);
  }
  await watcher.act();
}

async function statusOf(claimId: Hash): Promise<number> {
  const { account } = await rig.player("watcher", undefined);
  return Number((await readClaims<{ status: bigint }>(account, await account.endpoints.head(), "claim", claimId)).status);
}

async function balance({ address }: Player): Promise<bigint> {
  return rig.chain.connection.provider.getBalance(address);
}
