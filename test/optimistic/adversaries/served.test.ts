/** Traces that an operator serves itself: whatever is wrong in them is found, and ends the claim in one transaction. */
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findFraud, questionOf, type TraceFraud } from "../../../src/chain/claims/proveFraud.js";
import { openClaimed } from "../../../src/optimistic/trace/claimedTrace.js";
import { openTrace, tensorsOf, Trace } from "../../../src/optimistic/trace/index.js";
import { WorkerPool } from "../../../src/pool/index.js";
import { lyingTrace, withLeaf } from "../actors/lyingTrace.js";
import { FraudProver } from "./actors/strangers.js";
import { Bench } from "./support/bench.js";
import { withDirtyPadding, withDirtyTail, withUnusedSlot } from "./support/lies.js";
import { judge } from "./support/play.js";
import { serve } from "./support/served.js";
import { slotOf } from "./support/toy.js";

let bench: Bench;
let pool: WorkerPool;
let scratch: string;
let directories = 0;

beforeAll(async () => {
  bench = await Bench.start();
  pool = new WorkerPool({ size: 1 });
  scratch = mkdtempSync(join(tmpdir(), "assay-served-"));
});
beforeEach(() => bench.reset());
afterAll(async () => {
  await Promise.all([bench.stop(), pool.close()]);
  rmSync(scratch, { recursive: true });
});

const [LARGE, SEVERAL, SMALL] = [slotOf("halved"), slotOf("turned"), slotOf("gram")];

async function served(trace: Trace): Promise<string> {
  const directory = join(scratch, String(directories++));
  await serve(directory, bench.model, trace, pool);
  return directory;
}

function opened(directory: string, { root }: Pick<Trace, "root">): Trace {
  return openClaimed(directory, { modelId: bench.model.modelId, root, tensors: tensorsOf(bench.model.plan) });
}

interface Dirt {
  readonly name: string;
  readonly lie: () => Trace;
  readonly fraud: Partial<TraceFraud>;
}

const dirt: readonly Dirt[] = [
  { name: "a wrong element", lie: () => lyingTrace(bench.model, bench.honest, { slot: SEVERAL, element: 300 }), fraud: { kind: "element", slot: SEVERAL, element: 300 } },
  { name: "dirty padding of one chunk", lie: () => withDirtyPadding(bench.honest, SMALL), fraud: { kind: "padding", slot: SMALL } },
  { name: "dirty padding of the last chunk of several", lie: () => withDirtyPadding(bench.honest, SEVERAL), fraud: { kind: "padding", slot: SEVERAL } },
  { name: "a dirty chunk behind a tensor's end", lie: () => withDirtyTail(bench.honest, LARGE), fraud: { kind: "tail", slot: LARGE } },
  { name: "a non-empty unused slot", lie: () => withUnusedSlot(bench.honest), fraud: { kind: "unused" } },
  { name: "dirt before a wrong element that was computed from it", lie: () => withDirtyPadding(lyingTrace(bench.model, bench.honest, { slot: slotOf("raw"), consistent: false }), SMALL), fraud: { kind: "padding", slot: SMALL } },
];

describe("what an operator serves", () => {
  it.each(dirt)("attack dispute-10: $name defeats its claim", async ({ lie, fraud }) => {
    const claimed = lie();
    const { claimId } = await bench.claim(claimed);
    const trace = opened(await served(claimed), claimed);
    expect(trace.root).toBe(claimed.root);
    const found = findFraud(bench.model, trace, bench.honest);
    expect(found).toMatchObject(fraud);
    if (found === undefined) return;
    const prover = new FraudProver(await bench.seat(claimId), questionOf(bench.model, trace, found));
    await judge(bench, claimId, [prover], [prover], "Defeated");
  });

  it("is no fraud when it is right, nor is what is right proven wrong", async () => {
    const { honest, model, court } = bench;
    expect(findFraud(model, opened(await served(honest), honest), honest)).toBeUndefined();
    const { claimId, address: from } = await bench.claim(honest);
    const node = "";
    const questions: readonly TraceFraud[] = [
      { kind: "element", slot: SEVERAL, node, element: 300, claimed: 0n, computed: 1n },
      { kind: "padding", slot: SMALL, node, byte: 16 },
      { kind: "tail", slot: LARGE, node, chunk: 18 },
      { kind: "unused", slot: model.plan.slots },
    ];
    const transactions = questions.map((fraud) => ({ from, name: "proveFraud", args: [claimId, questionOf(model, honest, fraud)] }));
    expect(await court.refusals(transactions)).toEqual(questions.map(() => "NotFraud"));
  });

  it("is not taken for one's own execution, nor with bytes that it did not commit to", async () => {
    const { honest } = bench;
    for (const lie of [withDirtyPadding(honest, SMALL), withUnusedSlot(honest)]) {
      const directory = await served(lie);
      expect(() => openTrace(directory, { root: lie.root })).toThrow(expect.objectContaining({ code: "ARTEFACT_STALE" }) as Error);
    }
    const directory = await served(honest);
    appendFileSync(join(directory, `${String(SMALL).padStart(4, "0")}.bin`), Uint8Array.of(1));
    expect(() => opened(directory, honest)).toThrow(/does not hold what was committed to/);
    appendFileSync(join(directory, `${String(SMALL).padStart(4, "0")}.bin`), new Uint8Array(600));
    expect(() => opened(directory, honest)).toThrow(/has room for 512/);
    expect(() => opened(directory, withLeaf(honest, LARGE))).toThrow(/another trace/);
  });
});
