/** Moves that are none, models that are none, and processes that are lost. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadArtifact } from "../../../src/chain/artifacts.js";
import type { ChainMove } from "../../../src/chain/claims/playMove.js";
import type { Hash } from "../../../src/optimistic/dispute/hash.js";
import { openModel, writeModel } from "../../../src/optimistic/model/index.js";
import { proveElement, proveStep } from "../../../src/optimistic/step/index.js";
import { openTrace, tensorsOf, type Trace, writeTrace } from "../../../src/optimistic/trace/index.js";
import { WorkerPool } from "../../../src/pool/index.js";
import { lyingTrace } from "../actors/lyingTrace.js";
import { CrashingParty } from "./actors/crashing.js";
import { Garbler } from "./actors/garbler.js";
import { HonestParty } from "./actors/honest.js";
import { LyingChallenger, LyingOperator, type Manners } from "./actors/liars.js";
import { FraudProver } from "./actors/strangers.js";
import { Bench } from "./support/bench.js";
import { executionOf, withDescriptor } from "./support/malformed.js";
import { judge } from "./support/play.js";
import { hostileSums, SPREADS } from "./support/sums.js";
import { slotOf } from "./support/toy.js";

let bench: Bench;

beforeAll(async () => {
  bench = await Bench.start();
});
beforeEach(() => bench.reset());
afterAll(() => bench.stop());

const DEEP = { slot: slotOf("halved"), element: 9000 };
const LONG = { slot: slotOf("long"), element: 5 };
/** Three operands, and a table. */
const RICH = { slot: slotOf("gate"), element: 7 };

function lie(of: { readonly slot: number; readonly element: number }): Trace {
  return lyingTrace(bench.model, bench.honest, { consistent: false, ...of });
}

/** Whoever shows a descriptor that means nothing has nothing more to show. */
function endingAtSlot(move: ChainMove): ChainMove {
  return move.kind === "answer" && move.definition !== undefined ? { ...move, next: new Uint8Array(0) } : move;
}

function summing(trace: Trace): Manners {
  return { change: hostileSums(bench.model, trace, SPREADS["in the first one"]) };
}

describe("attack dispute-11: garbage, short proofs, nodes as leaves, chunks of a wrong length, indices out of range", () => {
  it("before every move of a watcher: none is taken", async () => {
    const refused = new Map<string, number>();
    for (const of of [DEEP, LONG, RICH]) {
      const claimed = lie(of);
      const operator = await bench.lyingOperator(claimed, summing(claimed));
      const { address } = await bench.seat(operator.claimId);
      const watcher = new Garbler(bench.court, await bench.watcher(operator.claimId), address, bench.execution());
      await judge(bench, operator.claimId, [operator, watcher], [watcher], "Defeated");
      expect(watcher.taken).toEqual([]);
      for (const [name, times] of watcher.refused) refused.set(name, (refused.get(name) ?? 0) + times);
      await bench.reset();
    }
    expect([...refused.keys()].sort()).toEqual([
      "BondMismatch", "CalldataPadded", "ChunkLength", "ChunkMissing", "DefinitionMissing", "DefinitionNotNeeded", "DescriptorMismatch", "EvidenceMalformed",
      "ExpansionLength", "ExpansionMismatch", "GameMissing", "HeaderMismatch", "IndexOutOfRange", "IndicesLength", "IndicesUnordered", "NextMismatch", "NotRefuted", "OperandCount",
      "OutputCount", "PartialsMismatch", "ProofLength", "RegionMismatch", "SegmentMissing", "StateMismatch", "TensorMismatch", "reverted",
    ]);
  });

  it("before every move of an operator: none is taken", async () => {
    for (const of of [DEEP, LONG]) {
      const operator = await bench.honestOperator();
      const { address } = await bench.seat(operator.claimId);
      const garbler = new Garbler(bench.court, operator, address, bench.execution());
      const challenger = await bench.lyingChallenger(operator.claimId, lie(of));
      await judge(bench, operator.claimId, [challenger, garbler], [garbler], "Final");
      expect(garbler.taken).toEqual([]);
      if (of === LONG) for (const name of ["SumsCount", "SumsMismatch"]) expect(garbler.refused.get(name), name).toBeGreaterThan(0);
      await bench.reset();
    }
  });
});

describe("malformed descriptors", () => {
  const slot = slotOf("gram");
  const malformed = [
    { name: "of no known kind", change: (descriptor: Uint8Array): Uint8Array => descriptor.with(0, 77) },
    { name: "that end early", change: (descriptor: Uint8Array): Uint8Array => descriptor.subarray(0, -3) },
    { name: "that go on", change: (descriptor: Uint8Array): Uint8Array => Uint8Array.of(...descriptor, 0) },
    // The first operand's slot: four bytes behind kind, type, count and the number of operands.
    { name: "with an operand that is not earlier", change: (descriptor: Uint8Array): Uint8Array => descriptor.with(14, slot) },
    { name: "of an input where a step is", change: (descriptor: Uint8Array): Uint8Array => descriptor.slice(0, 11).with(0, 0).with(10, 0) },
  ];

  it.each(malformed)("$name: every claim on the model loses, by a game or at once", async ({ change }) => {
    const model = withDescriptor(bench.model, slot, change);
    const [claimed, other] = [bench.honest, lie({ slot, element: 3 })];
    const game = async (): Promise<{ operator: LyingOperator; claimId: Hash }> => {
      const seat = await bench.claim(claimed, undefined, {}, model.model);
      return { operator: new LyingOperator(seat, executionOf(model, slot, claimed)), claimId: seat.claimId };
    };
    const { operator, claimId } = await game();
    const challenger = new LyingChallenger(await bench.seat(claimId), executionOf(model, slot, other), { change: endingAtSlot });
    await judge(bench, claimId, [operator, challenger], [challenger], "Defeated");
    await bench.reset();

    const { claimId: again } = await game();
    const question = loadArtifact("StepExecutor").abi.encodeFunctionData("describe", [model.model.modelId, slot, model.definition]);
    const prover = new FraudProver(await bench.seat(again), question);
    await judge(bench, again, [prover], [prover], "Defeated");
  });
});

describe("a fraud proof", () => {
  it("from the operator's own trace ends all games, and the honest challenger has its bond and its gas", async () => {
    const { court, model } = bench;
    const claimed = lie(DEEP);
    const operator = await bench.lyingOperator(claimed);
    const watcher = await bench.watcher(operator.claimId);
    for (let i = 0; i < 2; i++) for (const actor of [watcher, operator]) await actor.act();
    const { proof } = proveStep(model, claimed, DEEP.slot, DEEP.element, { kind: "whole" });
    const question = loadArtifact("StepExecutor").abi.encodeFunctionData("isWrong", [model.modelId, claimed.root, DEEP.slot, DEEP.element, proof, proveElement(model, claimed, DEEP.slot, DEEP.element)]);
    const prover = new FraudProver(await bench.seat(operator.claimId), question);
    await prover.act();
    await judge(bench, operator.claimId, [operator, watcher, prover], [watcher, prover], "Defeated");
    expect(court.ledger.of(watcher.address).paidIn).toBeGreaterThan(0n);
  });
});

describe("loses its process at any point and restarts", () => {
  let directory: string;
  let pool: WorkerPool;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "assay-restart-"));
    pool = new WorkerPool({ size: 1 });
    const { model, honest } = bench;
    await writeModel(model.program, join(directory, "model"), pool);
    await writeTrace(join(directory, "trace"), { modelId: model.modelId, tensors: tensorsOf(model.plan) }, pool, async (sink) => {
      for (let slot = 0; slot < model.plan.slots; slot++) await sink.write(slot, honest.read(slot));
    });
  });
  afterAll(async () => {
    await pool.close();
    rmSync(directory, { recursive: true });
  });

  /** All that outlives the process is on the disk. */
  function restarted(seat: ConstructorParameters<typeof HonestParty>[0]): HonestParty {
    const model = openModel(join(directory, "model"), bench.model.modelId);
    const trace = openTrace(join(directory, "trace"), { modelId: model.modelId, tensors: tensorsOf(model.plan) });
    return new HonestParty(seat, () => bench.execution(trace, model));
  }

  it.each([DEEP, LONG])("a watcher, with a wrong element of slot $slot", async (of) => {
    const claimed = lie(of);
    const operator = await bench.lyingOperator(claimed, summing(claimed));
    const seat = await bench.seat(operator.claimId);
    const watcher = new CrashingParty(bench.court, seat.address, () => restarted(seat));
    await judge(bench, operator.claimId, [operator, watcher], [watcher], "Defeated");
    for (const times of Object.values(watcher.lost)) expect(times).toBeGreaterThan(0);
  });

  it.each([DEEP, LONG])("an operator, with a challenger that is wrong in slot $slot", async (of) => {
    const seat = await bench.claim(bench.honest);
    const operator = new CrashingParty(bench.court, seat.address, () => restarted(seat));
    const challenger = await bench.lyingChallenger(seat.claimId, lie(of));
    await judge(bench, seat.claimId, [challenger, operator], [operator], "Final");
    for (const times of Object.values(operator.lost)) expect(times).toBeGreaterThan(0);
  });
});
