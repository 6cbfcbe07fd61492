/** The adversaries of test/optimistic/adversaries over real models: one of each class, and each loses. */
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Trace } from "../../src/optimistic/trace/index.js";
import { openModel, writeModel } from "../../src/optimistic/model/index.js";
import { openTrace, tensorsOf } from "../../src/optimistic/trace/index.js";
import { type Step, termsOf } from "../../src/program/steps/index.js";
import { lyingTrace, withLeaf } from "../optimistic/actors/lyingTrace.js";
import { CrashingParty } from "../optimistic/adversaries/actors/crashing.js";
import { Garbler } from "../optimistic/adversaries/actors/garbler.js";
import { HonestParty } from "../optimistic/adversaries/actors/honest.js";
import type { Manners } from "../optimistic/adversaries/actors/liars.js";
import { FrontRunner, Staller } from "../optimistic/adversaries/actors/strangers.js";
import { Bench } from "../optimistic/adversaries/support/bench.js";
import { withDirtyPadding, withDirtyTail, withUnusedSlot } from "../optimistic/adversaries/support/lies.js";
import { judge, tryChallenge, tryClaim } from "../optimistic/adversaries/support/play.js";
import { hostileSums, SPREADS, type Spread } from "../optimistic/adversaries/support/sums.js";
import { spareBytes } from "../optimistic/dispute/support/memoryTrace.js";
import { type Prepared, PREPARATION_MS, prepare, SUBJECTS } from "./subjects.js";
import { wrongFrom } from "./wrongFrom.js";

/** Of a game, opening included. */
const MOST_MOVES = 12;
const SYBILS = 4;
const MINUTES = 60_000;

describe.each(SUBJECTS)("$name", { timeout: 10 * MINUTES }, (subject) => {
  let prepared: Prepared;
  let bench: Bench;

  beforeAll(async () => {
    prepared = await prepare(subject);
    bench = await Bench.start({ model: prepared.model, honest: prepared.trace });
  }, PREPARATION_MS);
  beforeEach(() => bench.reset());
  afterAll(async () => {
    await bench.stop();
    await prepared.close();
  });

  const greatest = (measure: (step: Step) => number): Step => bench.model.plan.steps.reduce((best, step) => (measure(step) > measure(best) ? step : best));
  /** The longest way down: the last element of the longest tensor. */
  const deep = (): { readonly slot: number; readonly element: number } => {
    const { slot, count } = greatest(({ slot }) => bench.honest.tensor(slot).length);
    return { slot, element: count - 1 };
  };
  /** The most partial results. */
  const long = (): { readonly slot: number; readonly element: number } => {
    const { slot, count } = greatest(({ core }) => termsOf(core));
    return { slot, element: Math.floor(count / 3) };
  };
  const lie = (of: { readonly slot: number; readonly element: number }): Trace => lyingTrace(bench.model, bench.honest, { consistent: false, ...of });
  const summing = (trace: Trace, spread: Spread = SPREADS["in the first one"]): Manners => ({ change: hostileSums(bench.model, trace, spread) });

  it("wrong from an operation in the middle on", async () => {
    const { steps } = bench.model.plan;
    // Of the second half, whose operations the reference computes in time.
    const { slot, count } = steps[Math.floor((3 * steps.length) / 4)];
    const wrong = wrongFrom(bench.model, bench.honest, { slot, element: count - 1, flip: 0x55 });
    expect(bench.model.plan.outputs.some((output) => wrong.tensor(output) !== bench.honest.tensor(output))).toBe(true);
    expect((await tryClaim(bench, wrong)).games[0].game).toMatchObject({ phase: "ClaimLost", tensor: { slot } });
    await bench.reset();
    expect((await tryChallenge(bench, wrong)).games[0].game).toMatchObject({ phase: "ChallengerLost", tensor: { slot } });
  });

  it("wrong in the last bit of one element", async () => {
    expect((await tryClaim(bench, lie(deep()))).games[0].game).toMatchObject({ phase: "ClaimLost", tensor: { slot: deep().slot }, index: deep().element });
    await bench.reset();
    expect((await tryChallenge(bench, lie(long()))).games[0].game).toMatchObject({ phase: "ChallengerLost", tensor: { slot: long().slot }, index: long().element });
  });

  it("a zero root", async () => {
    await tryClaim(bench, withLeaf(bench.honest, deep().slot));
    await bench.reset();
    await tryChallenge(bench, withLeaf(bench.honest, long().slot));
  });

  it("the right trace with a wrong output", async () => {
    const from = await bench.court.account();
    const slot = bench.model.plan.outputs[0];
    const [right, wrong] = [bench.honest, lie({ slot, element: 3 })].map((trace) => bench.posting(from, trace));
    const [[honestly], [falsely]] = [right.args, wrong.args] as [Readonly<Record<string, unknown>>][];
    const { outputs, outputRoots, traceRoot } = falsely;
    expect(await bench.court.refusal({ ...right, args: [{ ...honestly, outputs, outputRoots }] })).toBe("PortMismatch");
    expect(await bench.court.refusal({ ...right, args: [{ ...honestly, traceRoot }] })).toBe("PortMismatch");
    expect(await bench.court.refusal(right)).toBe("done");
  });

  it("attack dispute-10: withholds data at each level", async () => {
    const claimed = lie(deep());
    let moves = Infinity;
    // Until the game is over before it comes to that.
    for (let silentFrom = 1; silentFrom <= moves; silentFrom++) {
      expect(silentFrom).toBeLessThanOrEqual(MOST_MOVES);
      const { games } = await tryClaim(bench, claimed, { ...summing(claimed), silentFrom });
      ({ moves } = games[0].game);
      await bench.reset();
    }
    expect(moves).toBeGreaterThan(4);
  });

  it("attack dispute-01: answers at the last second", async () => {
    const claimed = lie(long());
    expect((await tryClaim(bench, claimed, { ...summing(claimed), late: true })).games[0].game.clocks.Operator).toBe(0);
    await bench.reset();
    await tryChallenge(bench, lie(deep()), { late: true });
  });

  it("opens with the correct root and stalls", async () => {
    const operator = await bench.lyingOperator(lie(deep()));
    const staller = new Staller(await bench.seat(operator.claimId), bench.honest);
    await staller.act();
    const watcher = await bench.watcher(operator.claimId);
    await judge(bench, operator.claimId, [staller, operator, watcher], [watcher], "Defeated");
  });

  it("attack dispute-04: sybils at once", async () => {
    const { steps } = bench.model.plan;
    const roots = Array.from({ length: SYBILS }, (_, i) => steps[Math.floor(((i + 1) * steps.length) / (SYBILS + 1))]).map(({ slot, count }) => lie({ slot, element: count >> 1 }));
    const honest = await bench.honestOperator();
    const sybils = await Promise.all(roots.map((trace, i) => bench.lyingChallenger(honest.claimId, trace, { late: i === 1 })));
    await judge(bench, honest.claimId, [...sybils, honest], [honest], "Final");
    await bench.reset();
    const operator = await bench.lyingOperator(lie(deep()));
    const around = await Promise.all(roots.map((trace, i) => bench.lyingChallenger(operator.claimId, trace, { silentFrom: i + 1 })));
    const watcher = await bench.watcher(operator.claimId);
    await judge(bench, operator.claimId, [...around, operator, watcher], [watcher], "Defeated");
  });

  it("attack dispute-08: front-runs moves and openings", async () => {
    const claimed = lie(long());
    const operator = await bench.lyingOperator(claimed, summing(claimed));
    const watcher = await bench.watcher(operator.claimId);
    const runner = new FrontRunner(await bench.seat(operator.claimId), new Set([watcher.address]));
    await judge(bench, operator.claimId, [operator, watcher], [watcher], "Defeated");
    expect(runner.copied).toContainEqual({ name: "open", done: true });
    expect(runner.copied).toContainEqual({ name: "answer", done: true });
  });

  it("attack dispute-08: posts hostile partial sums", async () => {
    const claimed = lie(long());
    for (const spread of [SPREADS["in the last one"], SPREADS["in all of them, by wrapping around"]]) {
      const { history } = await tryClaim(bench, claimed, summing(claimed, spread));
      expect([...history.games.values()][0].events.slice(-3).map(({ kind }) => kind)).toEqual(["summed", "computed", "ended"]);
      await bench.reset();
    }
  });

  it("attack dispute-10: dirty padding, a dirty tail, a non-empty unused slot", async () => {
    const { steps, outputs } = bench.model.plan;
    const inside = steps.filter(({ slot }) => !outputs.includes(slot)).map(({ slot }) => ({ slot, ...spareBytes(bench.honest.tensors[slot]) }));
    const [padded, tailed] = [inside.find(({ padding }) => padding > 0), inside.find(({ chunks }) => chunks > 512)];
    // ResNet-50's only tensor with padding is its output, of which nothing dirty can be posted.
    if (padded === undefined) expect(await bench.court.refusal(bench.posting(await bench.court.account(), withDirtyPadding(bench.honest, outputs[0])))).toBe("PortMismatch");
    const dirty = [...(padded === undefined ? [] : [withDirtyPadding(bench.honest, padded.slot)]), ...(tailed === undefined ? [] : [withDirtyTail(bench.honest, tailed.slot)])];
    expect(dirty.length).toBeGreaterThan(0);
    for (const wrong of [...dirty, withUnusedSlot(bench.honest)]) {
      await tryClaim(bench, wrong);
      await bench.reset();
      await tryChallenge(bench, wrong);
      await bench.reset();
    }
  });

  it("loses its process at any point and restarts", async () => {
    const { model, traceDirectory, scratch, pool } = prepared;
    await writeModel(model.program, join(scratch, "model"), pool);
    const claimed = lie(long());
    const operator = await bench.lyingOperator(claimed, summing(claimed));
    const seat = await bench.seat(operator.claimId);
    // Read once: it is large, and nothing changes it.
    const own = openModel(join(scratch, "model"), model.modelId);
    const restarted = (): HonestParty => {
      const trace = openTrace(traceDirectory, { modelId: own.modelId, tensors: tensorsOf(own.plan) });
      return new HonestParty(seat, () => bench.execution(trace, own));
    };
    const watcher = new CrashingParty(bench.court, seat.address, restarted);
    await judge(bench, operator.claimId, [operator, watcher], [watcher], "Defeated");
    for (const times of Object.values(watcher.lost)) expect(times).toBeGreaterThan(0);
  });

  it("attack dispute-11: sends garbage before every move", async () => {
    const claimed = lie(long());
    const operator = await bench.lyingOperator(claimed, summing(claimed));
    const { address } = await bench.seat(operator.claimId);
    const watcher = new Garbler(bench.court, await bench.watcher(operator.claimId), address, bench.execution());
    await judge(bench, operator.claimId, [operator, watcher], [watcher], "Defeated");
    expect(watcher.taken).toEqual([]);
    expect(watcher.refused.size).toBeGreaterThan(20);
  });
});
