/** The figures of claims and disputes over one model. */
import { join } from "node:path";
import { DEFAULT_PARAMETERS } from "../chain/claims/deployment.js";
import { gasOfProof } from "../chain/claims/gasEstimate.js";
import { type RehearsedDispute, Rehearsal } from "../chain/rehearsal/rehearsal.js";
import { AssayError } from "../errors.js";
import { assertExecutable } from "../optimistic/execution/executable.js";
import { assertAffordable, type CommittedModel, openModel, stepCosts, writeModel } from "../optimistic/model/index.js";
import { openTrace, type Trace } from "../optimistic/trace/index.js";
import { type Plan, planSteps, type Step, termsOf } from "../program/steps/index.js";
import { WorkerPool } from "../pool/index.js";
import { Stages } from "../progress.js";
import { quantizeModel, type QuantizedModel } from "../quantize/quantizeModel.js";
import { type BenchModel, bytesOf, floatTiming, MOST_PREPARATIONS, parametersOf, sampleOf } from "./benchModel.js";
import { inChild } from "./childProcess.js";
import type { ExecutionFigures, ExecutionWork } from "./claimingChild.js";
import type { ClaimFigures, DisputeFigures } from "./figures.js";
import { timed, timingOf } from "./measure.js";
import { inScratch } from "./scratch.js";
import { settingsOf } from "./settings.js";

/** An element by what it is, found in the steps of whatever program the quantizer made: the middle one of a step. */
export interface DisputedElement {
  readonly name: string;
  /** The step that is lied about. */
  readonly find: (plan: Plan) => Step | undefined;
}

/** @param disputed default: an element of the step that costs most to show */
export async function measureClaims(model: BenchModel, runs: number, disputed?: readonly DisputedElement[], signal?: AbortSignal): Promise<ClaimFigures> {
  return inScratch((scratch) => measure(model, runs, disputed, scratch, signal));
}

async function measure(model: BenchModel, runs: number, disputed: readonly DisputedElement[] | undefined, scratch: string, signal?: AbortSignal): Promise<ClaimFigures> {
  // Of the files as they are now.
  const settings = settingsOf(model);
  const directory = join(scratch, "model");
  const bytes = await bytesOf(model);
  const { quantized, ...prepared } = await prepare(model, bytes, directory, Math.min(runs, MOST_PREPARATIONS));
  const sample = sampleOf(model, quantized.graph);
  const { warmMs, coldMs, peakMiB } = await inChild<ExecutionFigures>(import.meta.url, "./claimingChild.js", { directory, sample, scratch, runs } satisfies ExecutionWork, signal);
  const committed = openModel(directory);
  const trace = openTrace(join(scratch, "warm"), { modelId: committed.modelId });
  const disputes: DisputeFigures[] = [];
  for (const element of disputed ?? [dearest(committed)]) {
    if (signal?.aborted === true) throw new AssayError("ABORTED", "aborted");
    disputes.push(await measureDispute(committed, trace, element));
  }
  return {
    model: model.name,
    settings,
    parameters: await parametersOf(model),
    steps: committed.plan.steps.length,
    traceBytes: trace.tensors.reduce((sum, { tree }) => sum + tree.length, 0),
    ...prepared,
    execution: timingOf(warmMs),
    coldMs,
    peakMiB,
    float: await floatTiming(bytes, quantized.graph, sample, runs),
    disputes,
  };
}

async function prepare(model: BenchModel, bytes: Uint8Array, directory: string, times: number): Promise<Pick<ClaimFigures, "quantizing" | "committing" | "errorOfRange"> & { readonly quantized: QuantizedModel }> {
  const pool = new WorkerPool();
  const quantize = (): Promise<QuantizedModel> => quantizeModel(bytes, model.path, model.request, new Stages(), { pool: () => pool });
  try {
    const quantized = await quantize();
    assertExecutable(planSteps(quantized.program));
    return {
      quantized,
      quantizing: await timed(times, quantize),
      committing: await timed(times, () => writeModel(quantized.program, directory, pool)),
      errorOfRange: quantized.fidelity === undefined ? null : Math.max(...quantized.fidelity.outputs.map(({ errorOfRange }) => errorOfRange)),
    };
  } finally {
    await pool.close();
  }
}

/** @throws AssayError MODEL_TOO_LARGE where an element cannot be shown */
function dearest(model: CommittedModel): DisputedElement {
  const costs = stepCosts(model, gasOfProof);
  assertAffordable(costs);
  const { slot, node } = costs.reduce((most, cost) => ((cost.gas ?? 0) > (most.gas ?? 0) ? cost : most));
  return { name: `the dearest step: ${node}`, find: ({ steps }) => steps.find((step) => step.slot === slot) };
}

async function measureDispute(model: CommittedModel, trace: Trace, { name, find }: DisputedElement): Promise<DisputeFigures> {
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
