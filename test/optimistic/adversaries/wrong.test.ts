/** Claims and challenges that are wrong, in every way, each against one honest party. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Trace } from "../../../src/optimistic/trace/trace.js";
import type { Step } from "../../../src/program/steps/index.js";
import { lyingTrace, withLeaf } from "../actors/lyingTrace.js";
import { Bench } from "./support/bench.js";
import { withDirtyPadding, withDirtyTail, withUnusedSlot } from "./support/lies.js";
import { tryChallenge, tryClaim } from "./support/play.js";
import { hostileSums, SPREADS } from "./support/sums.js";
import { slotOf, toySteps } from "./support/toy.js";
import type { ClaimView } from "./support/view.js";

let bench: Bench;

beforeAll(async () => {
  bench = await Bench.start();
});
beforeEach(() => bench.reset());
afterAll(() => bench.stop());

const named = toySteps().map((step) => ({ step, name: `${step.slot}: ${[step.core.kind, ...step.tail.map(({ kind }) => kind)].join(", ")}` }));

/** One of several chunks with padding behind, one with empty chunks in its tree, one of a single chunk. */
const [LARGE, SEVERAL, SMALL] = [slotOf("halved"), slotOf("turned"), slotOf("gram")];
const SEGMENTED = [slotOf("mean"), slotOf("most"), slotOf("long")];

/** The last moves of the only game, from the partial results on. */
function kindsOf({ history }: ClaimView): string[] {
  const kinds = [...history.games.values()][0].events.map(({ kind }) => kind);
  return kinds.slice(kinds.indexOf("element") + 1);
}

function wrongFrom({ slot, count }: Step): Trace {
  return lyingTrace(bench.model, bench.honest, { slot, element: count - 1 });
}

describe("wrong from operation i on", () => {
  it.each(named)("an operator, $name", async ({ step }) => {
    const [game] = (await tryClaim(bench, wrongFrom(step))).games;
    expect(game.game).toMatchObject({ phase: "ClaimLost", tensor: { slot: step.slot } });
  });

  it.each(named)("attack dispute-05: the contract computes what the reference computes, and the challenger loses, $name", async ({ step }) => {
    const [game] = (await tryChallenge(bench, wrongFrom(step))).games;
    expect(game.game).toMatchObject({ phase: "ChallengerLost", tensor: { slot: step.slot }, index: step.count - 1 });
  });
});

describe("wrong in the last bit of one element", () => {
  const elements = [
    { slot: LARGE, element: 0 },
    { slot: LARGE, element: 9215 },
    { slot: SEVERAL, element: 128 },
    { slot: SMALL, element: 15 },
    ...[slotOf("raw"), slotOf("most")].map((slot) => ({ slot, element: 9 })),
  ];

  it.each(elements)("an operator, in slot $slot, element $element", async (lie) => {
    const [{ game }] = (await tryClaim(bench, lyingTrace(bench.model, bench.honest, { ...lie, consistent: false }))).games;
    expect(game).toMatchObject({ phase: "ClaimLost", tensor: { slot: lie.slot }, index: lie.element });
  });

  it.each(elements)("a challenger, in slot $slot, element $element", async (lie) => {
    const [{ game }] = (await tryChallenge(bench, lyingTrace(bench.model, bench.honest, { ...lie, consistent: false }))).games;
    expect(game).toMatchObject({ phase: "ChallengerLost", tensor: { slot: lie.slot }, index: lie.element });
  });
});

describe("a zero root", () => {
  it("is no claim's", async () => {
    const posting = bench.posting(await bench.court.account(), bench.honest);
    const [fields] = posting.args as [Readonly<Record<string, unknown>>];
    expect(await bench.court.refusal({ ...posting, args: [{ ...fields, traceRoot: `0x${"0".repeat(64)}` }] })).toBe("PortMismatch");
  });

  it("is no challenger's: nothing expands to it", async () => {
    const operator = await bench.honestOperator();
    const { address } = await bench.seat(operator.claimId);
    const args = [operator.claimId, `0x${"0".repeat(64)}`, new Uint8Array(512), [], []];
    expect(await bench.court.refusal({ from: address, name: "open", args, value: (await bench.court.parameters()).challengeBond })).toBe("ExpansionMismatch");
  });

  it("of a tensor cannot be defended, nor challenged with", async () => {
    await tryClaim(bench, withLeaf(bench.honest, LARGE));
    await bench.reset();
    await tryChallenge(bench, withLeaf(bench.honest, LARGE));
  });
});

describe("the right trace with a wrong output", () => {
  it("is refused when it is posted", async () => {
    const { court, honest } = bench;
    const from = await court.account();
    const right = bench.posting(from, honest);
    const wrong = bench.posting(from, lyingTrace(bench.model, honest, { slot: slotOf("raw"), consistent: false }));
    const [[honestly], [falsely]] = [right.args, wrong.args] as [Readonly<Record<string, unknown>>][];
    expect(await court.refusal({ ...right, args: [{ ...honestly, outputs: falsely.outputs }] })).toBe("PortMismatch");
    expect(await court.refusal({ ...right, args: [{ ...falsely, traceRoot: honestly.traceRoot }] })).toBe("PortMismatch");
    expect(await court.refusal({ ...right, args: [{ ...honestly, traceRoot: falsely.traceRoot }] })).toBe("PortMismatch");
    expect(await court.refusal(right)).toBe("done");
  });
});

describe("attack dispute-10: bytes that no execution has", () => {
  const lies = [
    { name: "dirty padding of one chunk", lie: () => withDirtyPadding(bench.honest, SMALL) },
    { name: "dirty padding of the last chunk of several", lie: () => withDirtyPadding(bench.honest, SEVERAL) },
    { name: "a chunk behind a tensor's end", lie: () => withDirtyTail(bench.honest, LARGE) },
    { name: "a non-empty unused slot", lie: () => withUnusedSlot(bench.honest) },
    { name: "an unused slot with an unused sibling", lie: () => withLeaf(bench.honest, 31, Uint8Array.from({ length: 32 }, () => 1)) },
  ];

  it.each(lies)("an operator's: $name", async ({ lie }) => {
    expect((await tryClaim(bench, lie())).games[0].game.phase).toBe("ClaimLost");
  });

  it.each(lies)("a challenger's: $name", async ({ lie }) => {
    expect((await tryChallenge(bench, lie())).games[0].game.phase).toBe("ChallengerLost");
  });

  it("a challenger's other input", async () => {
    await tryChallenge(bench, lyingTrace(bench.model, bench.honest, { slot: 0, element: 77, consistent: false }));
  });
});

describe("hostile partial sums", () => {
  const spreads = Object.entries(SPREADS).map(([name, spread]) => ({ name, spread }));

  it.each(spreads)("attack dispute-08: that end in the claimed value, $name, are refuted", async ({ spread }) => {
    const claimed = lyingTrace(bench.model, bench.honest, { slot: slotOf("long"), element: 5 });
    expect(kindsOf(await tryClaim(bench, claimed, { change: hostileSums(bench.model, claimed, spread) }))).toEqual(["summed", "computed", "ended"]);
  });

  it.each(SEGMENTED)("that end in the claimed value are refuted in slot %i", async (slot) => {
    const claimed = lyingTrace(bench.model, bench.honest, { slot, element: 5 });
    expect(kindsOf(await tryClaim(bench, claimed, { change: hostileSums(bench.model, claimed, SPREADS["in the last one"]) }))).toEqual(["summed", "computed", "ended"]);
  });

  it.each(SEGMENTED)("of a right claim are not, whatever the challenger wants, in slot %i", async (slot) => {
    expect(kindsOf(await tryChallenge(bench, lyingTrace(bench.model, bench.honest, { slot, element: 5 })))).toEqual(["summed", "ended"]);
  });
});
