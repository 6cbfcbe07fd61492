/** Evaluation on the worker threads: they run the samples, the figures are summed up here. */
import type { Graph } from "../onnx/graph.js";
import { assertWanted, type StopFlag, taskModule, type WorkerPool, withStopFlag } from "../pool/index.js";
import type { Program } from "../program/types.js";
import type { Tick } from "../progress.js";
import { type Evaluation, type SampleOutputs, Tally } from "../quantize/evaluate.js";
import type { Sample } from "../samples/samples.js";
import { type EvaluateTasks, type Models, shareModels } from "./evaluateTasks.js";

/** So many slices a worker, that progress shows and none waits long for the others' last; at most so many samples in one. */
const SLICES_PER_WORKER = 8;
const MAX_SLICE = 32;

export interface SamplesToEvaluate {
  readonly modelBytes: Uint8Array;
  readonly graph: Graph;
  readonly program: Program;
  readonly samples: readonly Sample[];
  /** Class numbers, one a sample. */
  readonly labels?: readonly number[];
}

export interface EvaluateSamplesOptions {
  /** Started once the labels are known to fit. */
  readonly pool: () => WorkerPool;
  readonly tick?: Tick;
  /** Ends the work after the samples that run. */
  readonly signal?: AbortSignal;
}

/**
 * Gives the same figures with any number of workers: those of `evaluate` in quantize/.
 *
 * @throws AssayError INPUT_MISMATCH; ONNX_MALFORMED; RUNTIME_FAILED; WORKER_FAILED; ABORTED
 */
export async function evaluateSamples(work: SamplesToEvaluate, options: EvaluateSamplesOptions): Promise<Evaluation> {
  const { program, samples, labels } = work;
  const tally = new Tally(program.outputs, samples.length, labels);
  const pool = options.pool();
  const waiting = new Map<number, readonly SampleOutputs[]>();
  let done = 0;
  let next = 0;
  const onOutput = (slice: readonly SampleOutputs[], index: number): void => {
    waiting.set(index, slice);
    for (let ready = waiting.get(next); ready !== undefined; ready = waiting.get(next)) {
      ready.forEach((outputs) => tally.add(outputs));
      waiting.delete(next++);
    }
    done += slice.length;
    options.tick?.(done, samples.length);
  };
  await withStopFlag(options.signal, "evaluate", (stop) =>
    pool.each(taskModule<EvaluateTasks>(import.meta.url, "./evaluateTasks.js"), "runSamples", slicesOf(work, pool.size, stop), onOutput),
  );
  return tally.report();
}

/** Made when a worker takes them: there is no second copy of all samples. */
function* slicesOf({ modelBytes, graph: { inputs, outputs }, program, samples }: SamplesToEvaluate, workers: number, stop: StopFlag): Generator<EvaluateTasks["runSamples"]["input"]> {
  const size = Math.min(MAX_SLICE, Math.max(1, Math.ceil(samples.length / (SLICES_PER_WORKER * workers))));
  // With fewer samples than workers, those that work take the idle ones' share of the cores.
  const threads = Math.max(1, Math.floor(workers / samples.length));
  const models = shareModels({ modelBytes, graph: { inputs, outputs }, program, samples: samples.length, threads } satisfies Models);
  for (let from = 0; from < samples.length; from += size) {
    assertWanted(stop, "evaluate");
    yield { models, samples: samples.slice(from, from + size), stop };
  }
}
