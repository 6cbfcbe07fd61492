/** An execution of a committed model: the fast executor's tensors, committed to on disk as they come. */
import { AssayError } from "../../errors.js";
import type { FastExecutor, FastExecutors } from "../../fast/index.js";
import type { WorkerPool } from "../../pool/index.js";
import { decodeElements, encodeElements } from "../../program/constantBytes.js";
import type { TensorData } from "../../program/types.js";
import type { Progress } from "../../progress.js";
import type { CommittedModel } from "../model/index.js";
import { checkSample, openTrace, tensorsOf, type Trace, writeTrace } from "../trace/index.js";
import { byteLengthOf } from "../trace/trace.js";

/** @param inputs as the contract has them: elements little-endian, row-major, one byte string an input port */
export function decodeInputs({ plan }: CommittedModel, inputs: readonly Uint8Array[]): TensorData[] {
  return plan.inputs.map((input, i) => {
    const bytes = inputs.at(i);
    if (bytes?.length === byteLengthOf(input)) return decodeElements(bytes, input.type);
    throw new AssayError("INPUT_MISMATCH", `input ${i} has ${bytes?.length ?? 0} bytes, the model takes ${byteLengthOf(input)}`);
  });
}

/**
 * Executes into `directory`, in place of what is there.
 * @throws AssayError as FastExecutor and writeTrace do
 */
export async function computeTrace(model: CommittedModel, executor: FastExecutor, inputs: readonly TensorData[], directory: string, pool: WorkerPool): Promise<Trace> {
  const description = { modelId: model.modelId, tensors: tensorsOf(model.plan) };
  return writeTrace(directory, description, pool, (sink) => executor.run(inputs, ({ slot, bytes }) => sink.write(slot, bytes)));
}

/** The inputs as the contract has them. */
export function encodeInputs({ plan }: CommittedModel, inputs: readonly TensorData[]): Uint8Array[] {
  return plan.inputs.map(({ type }, i) => encodeElements(inputs[i], type));
}

/**
 * A trace to stake a bond on: a random sample of it was computed again by the definition of its steps.
 * @throws AssayError RUNTIME_INEXACT
 */
export async function checkedTrace(model: CommittedModel, executors: FastExecutors, inputs: readonly TensorData[], directory: string, pool: WorkerPool, progress: Progress): Promise<Trace> {
  const run = (): Promise<Trace> => executors.use(model.modelId, () => model.plan, (executor) => computeTrace(model, executor, inputs, directory, pool));
  const trace = await progress.stage("execute", run);
  const mismatch = await progress.stage("check", () => checkSample(model, trace));
  if (mismatch === undefined) return trace;
  const { node, element, traced, recomputed } = mismatch;
  throw new AssayError("RUNTIME_INEXACT", `the fast executor gave ${traced}, the reference ${recomputed}`, {
    where: `node ${node}, element ${element}`,
    hint: "execute the model on another machine, or with another version of onnxruntime-node",
  });
}

/** A trace that was computed before; undefined where there is none, or one that is damaged or of another model. */
export function storedTrace(model: CommittedModel, directory: string): Trace | undefined {
  try {
    return openTrace(directory, { modelId: model.modelId, tensors: tensorsOf(model.plan) });
  } catch (error) {
    if (error instanceof AssayError && (error.code === "ARTEFACT_MISSING" || error.code === "ARTEFACT_STALE")) return undefined;
    throw error;
  }
}
