/** The figures of claims and disputes over one model. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { DEFAULT_PARAMETERS } from "../../src/chain/claims/deployment.js";
import { type RehearsedDispute, Rehearsal } from "../../src/chain/rehearsal/rehearsal.js";
import { parseModel } from "../../src/onnx/read.js";
import { FloatModel } from "../../src/onnx/runtime.js";
import { openModel, writeModel, type CommittedModel } from "../../src/optimistic/model/index.js";
import { openTrace, type Trace } from "../../src/optimistic/trace/index.js";
import { termsOf } from "../../src/program/steps/index.js";
import { WorkerPool } from "../../src/pool/index.js";
import { Stages } from "../../src/progress.js";
import { quantizeModel } from "../../src/quantize/quantizeModel.js";
import { readSample } from "../../src/samples/samples.js";
import { type Timing, timed, timingOf } from "../measure.js";
import type { ClaimCase, DisputedCase } from "./cases.js";
import type { ExecutionFigures } from "./claimChild.js";

export interface DisputeFigures {
  readonly name: string;
  readonly node: string;
  readonly terms: number;
  /** From the opening of the game to its end. */
  readonly transactions: number;
  readonly gas: number;
  /** Of the opening, and of each move. */
  readonly gasByAction: readonly (readonly [action: string, gas: number])[];
  /** The challenger's slowest move: reading the chain, finding the answer, sending it. */
  readonly slowestMoveMs: number;
  /** Of the same lie shown in one transaction. */
  readonly oneShotGas: number;
  readonly inputGas: number;
  readonly postGas: number;
}

export interface ClaimFigures {
  readonly model: string;
  readonly steps: number;
  readonly traceBytes: number;
  /** Percent, of the outputs, over the calibration samples. */
  readonly errorOfRange: number;
  readonly compileMs: number;
  readonly float: Timing;
  readonly execution: Timing;
  readonly coldMs: number;
  readonly peakMiB: number;
  readonly disputes: readonly DisputeFigures[];
}

export async function measureClaims(item: ClaimCase, runs: number, scratch: string): Promise<ClaimFigures> {
  const directory = join(scratch, "model");
  const compiled = await compile(item, directory);
  const child = ["--import", "tsx", join(import.meta.dirname, "claimChild.ts"), directory, item.input, scratch, String(runs)];
  const { warmMs, coldMs, peakMiB } = JSON.parse(execFileSync(process.execPath, child, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })) as ExecutionFigures;
  const model = openModel(directory);
  const trace = openTrace(join(scratch, "warm"), { modelId: model.modelId });
  const disputes: DisputeFigures[] = [];
  for (const disputed of item.disputes) disputes.push(await measureDispute(model, trace, disputed));
  return {
    model: item.name,
    steps: model.plan.steps.length,
    traceBytes: trace.tensors.reduce((sum, { tree }) => sum + tree.length, 0),
    ...compiled,
    execution: timingOf(warmMs),
    coldMs,
    peakMiB,
    float: await measureFloat(item, runs),
    disputes,
  };
}

async function compile(item: ClaimCase, directory: string): Promise<Pick<ClaimFigures, "compileMs" | "errorOfRange">> {
  const start = performance.now();
  const { program, fidelity } = await quantizeModel(item.model(), item.name, { calibrationPath: item.calibration }, new Stages());
  const compileMs = performance.now() - start;
  const pool = new WorkerPool();
  await writeModel(program, directory, pool).finally(() => pool.close());
  return { compileMs, errorOfRange: Math.max(...(fidelity?.outputs.map(({ errorOfRange }) => errorOfRange) ?? [NaN])) };
}

async function measureFloat(item: ClaimCase, runs: number): Promise<Timing> {
  const graph = await parseModel(item.model(), item.name);
  const float = await FloatModel.load(item.model(), graph.inputs, graph.outputs.map(({ name }) => name));
  const sample = readSample(item.input, graph.inputs);
  try {
    await float.run(sample);
    return await timed(runs, () => float.run(sample));
  } finally {
    await float.close();
  }
}

async function measureDispute(model: CommittedModel, trace: Trace, { name, find }: DisputedCase): Promise<DisputeFigures> {
  const step = find(model.plan);
  if (step === undefined) throw new Error(`no step is ${name}`);
  const lie = { slot: step.slot, element: Math.floor(step.count / 2) };
  const [dispute, oneShotGas] = await Rehearsal.on(DEFAULT_PARAMETERS, async (rehearsal) => [await rehearsal.dispute(model, trace, lie), await rehearsal.oneShot(model, trace, lie)] as const);
  if (dispute.status !== "Defeated") throw new Error(`the wrong claim is ${dispute.status}`);
  return { name, node: step.node, terms: termsOf(step.core), ...gasOf(dispute), oneShotGas };
}

function gasOf({ claim, transactions }: RehearsedDispute): Omit<DisputeFigures, "name" | "node" | "terms" | "oneShotGas"> {
  return {
    transactions: transactions.length,
    gas: transactions.reduce((sum, { gas }) => sum + gas, 0),
    gasByAction: transactions.map(({ action, gas }) => [action, gas]),
    slowestMoveMs: Math.max(...transactions.filter(({ by }) => by === "watcher").map(({ ms }) => ms)),
    inputGas: Number(claim.gas.upload),
    postGas: Number(claim.gas.post),
  };
}
