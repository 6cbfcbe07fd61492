/** One committed model executed several times, as for claims: executed, committed to and checked. */
import { join } from "node:path";
import { FastExecutors } from "../fast/index.js";
import { checkedTrace } from "../optimistic/execution/computeTrace.js";
import { openModel } from "../optimistic/model/index.js";
import { WorkerPool } from "../pool/index.js";
import { Stages } from "../progress.js";
import { quantizeSample } from "../quantize/sampleValues.js";
import type { Sample } from "../samples/samples.js";
import { answerParent } from "./childProcess.js";
import { peakMemoryMiB } from "./measure.js";

export interface ExecutionWork {
  /** Committed. */
  readonly directory: string;
  readonly sample: Sample;
  /** The trace is left in `warm` below it. */
  readonly scratch: string;
  readonly runs: number;
}

export interface ExecutionFigures {
  /** Execution, commitment and self-check, with the model loaded. */
  readonly warmMs: readonly number[];
  /** The same the first time, from opening the model's directory on. */
  readonly coldMs: number;
  readonly peakMiB: number;
}

answerParent("executing", async ({ directory, sample, scratch, runs }: ExecutionWork): Promise<ExecutionFigures> => {
  const start = performance.now();
  const model = openModel(directory);
  const pool = new WorkerPool();
  const executors = new FastExecutors();
  const { inputs } = quantizeSample(model.program, sample);
  const execute = (name: string): ReturnType<typeof checkedTrace> => checkedTrace(model, executors, inputs, join(scratch, name), pool, new Stages());
  const { root } = await execute("cold");
  const coldMs = performance.now() - start;
  await execute("warm");
  const warmMs: number[] = [];
  for (let i = 0; i < runs; i++) {
    const before = performance.now();
    const trace = await execute("warm");
    warmMs.push(performance.now() - before);
    if (trace.root !== root) throw new Error("two executions differ");
  }
  await executors.close();
  await pool.close();
  return { warmMs, coldMs, peakMiB: peakMemoryMiB() };
});
