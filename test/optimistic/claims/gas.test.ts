/** Gas of every function, beside a snapshot: UPDATE_GAS_SNAPSHOT=1 writes it. Calldata's floor price counts. */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { proveElement, proveStep } from "../../../src/optimistic/step/index.js";
import type { Receipt } from "./support/arena.js";
import { upload } from "./support/contest.js";
import { partialsFor } from "./support/partials.js";
import { question } from "./support/player.js";
import { Rig } from "./support/rig.js";
import { changed, traceOfBytes } from "./support/toy.js";

const SNAPSHOT = new URL("gas.snapshot.json", import.meta.url);
const UPDATE = process.env.UPDATE_GAS_SNAPSHOT === "1";
/** Hashes have more zero bytes or fewer. */
const TOLERANCE = 300n;

const snapshot = JSON.parse(readFileSync(SNAPSHOT, "utf8")) as Record<string, number>;
const rig = await Rig.start();
const { arena } = rig;

function check(name: string, ...receipts: readonly Receipt[]): void {
  const gas = receipts.reduce((sum, { gasUsed }) => sum + gasUsed, 0n);
  if (UPDATE) snapshot[name] = Number(gas);
  expect(gas, name).toBeLessThanOrEqual(BigInt(snapshot[name] ?? 0) + TOLERANCE);
}

afterAll(async () => {
  await rig.stop();
  if (UPDATE) writeFileSync(SNAPSHOT, `${JSON.stringify(snapshot, null, 2)}\n`);
});

beforeEach(async () => {
  await rig.reset();
});

describe("gas", () => {
  it("of a claim without disputes", async () => {
    check("upload, 9,216 bytes in one piece", ...(await upload(arena, rig.operator, 1n, rig.honest[0])));
    check("upload, 9,216 bytes in nine pieces", ...(await upload(arena, rig.operator, 2n, rig.honest[0], 1024)));
    const { id, receipt } = await rig.claim(rig.right);
    check("post, one input, two stored outputs of 104 bytes", receipt);
    await arena.pass(arena.parameters.window);
    check("finalize, no consumer", await arena.send(rig.stranger, "finalize", [id]));
    check("withdraw", await arena.send(rig.operator, "withdraw", [rig.operator]));
  });

  it("of a dispute with partial results, 20 slots", async () => {
    const claim = await rig.claim(traceOfBytes(changed(rig.honest, 3, 7)));
    const contest = await claim.open(rig.challenger, rig.right);
    await contest.descend(rig.operator, rig.challenger);
    const { partials, accumulator, wrong } = await partialsFor(rig.model, contest, rig.right);
    await contest.move(rig.operator, "sums", await contest.sumsArgs(partials, accumulator, false));
    await contest.move(rig.challenger, "refute", await contest.refuteArgs(partials, wrong, false));
    const [open, slots, slot, chunk, sums, refute] = contest.receipts;
    check("open", open);
    check("answer, 16 nodes each", slots);
    check("answer, with a descriptor", slot);
    check("answer, with two chunks", chunk);
    check("sums, two segments", sums);
    check("refute, 512 terms, claim defeated", refute);
    check("dispute: partial results, 20 slots, a tensor of one chunk", ...contest.receipts);
    expect(contest.receipts.length).toBe(6);
  });

  it("of a dispute in a long tensor, 20 slots", async () => {
    const claim = await rig.claim(traceOfBytes(changed(rig.honest, 1, 9000)));
    const contest = await claim.open(rig.challenger, rig.right);
    await contest.descend(rig.operator, rig.challenger);
    check("execute, one term, claim defeated", await contest.execute(rig.challenger, false));
    check("dispute: one term, 20 slots, a tensor of 18 chunks", ...contest.receipts);
    expect(contest.receipts.length).toBe(7);
  });

  it("of games that end otherwise", async () => {
    const claim = await rig.claim(rig.right);
    const first = await claim.open(rig.challenger, traceOfBytes(changed(rig.honest, 12, 0)));
    await first.descend(rig.stranger, rig.challenger);
    check("execute, 20 terms, game lost", await first.execute(rig.operator));
    check("collect, a mover's credit", await first.collect(rig.stranger));
    const second = await claim.open(rig.challenger, traceOfBytes(changed(rig.honest, 13, 0)));
    check("open on an existing root", await arena.send(rig.stranger, "open", second.openArgs(), arena.parameters.challengeBond));
    await arena.mineAt((await second.game()).deadline + 1n);
    check("expire, claim defeated", await second.move(rig.challenger, "expire", await second.head()));
  });

  it("of a fraud proof, 576 terms", async () => {
    const wrong = traceOfBytes(changed(rig.honest, 3, 7));
    const claim = await rig.claim(wrong);
    const contest = await claim.open(rig.challenger, rig.right);
    const { proof } = proveStep(rig.model.trees, wrong, 3, 7, { kind: "whole" });
    const data = question("isWrong", [rig.model.modelId, wrong.root, 3, 7, proof, proveElement(rig.model.trees, wrong, 3, 7)]);
    check("proveFraud, 576 terms", await arena.send(rig.stranger, "proveFraud", [claim.id, data]));
    check("collect, a released game", await contest.collect(rig.challenger));
  });
});
