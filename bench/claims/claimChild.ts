/**
 * Executions for claims in a process of its own, so that its peak memory is its own: opens a committed model, executes, commits
 * and checks itself several times, prints JSON. Arguments: model directory, input, scratch directory, number of runs.
 */
import { join } from "node:path";
import { FastExecutors } from "../../src/fast/index.js";
import { checkedTrace } from "../../src/optimistic/execution/computeTrace.js";
import { openModel } from "../../src/optimistic/model/index.js";
import { WorkerPool } from "../../src/pool/index.js";
import { Stages } from "../../src/progress.js";
import { quantizeSample } from "../../src/quantize/sampleValues.js";
import { readSample } from "../../src/samples/samples.js";
import { peakMemoryMiB } from "../measure.js";

export interface ExecutionFigures {
  /** Execution, commitment and self-check, with the model loaded. */
  readonly warmMs: readonly number[];
  /** The same the first time, from opening the model's directory on. */
  readonly coldMs: number;
  readonly peakMiB: number;
  readonly traceRoot: string;
}

const [directory, input, scratch, runs] = process.argv.slice(2);
const start = performance.now();
const model = openModel(directory);
const pool = new WorkerPool();
const executors = new FastExecutors();
const ports = model.program.inputs.map(({ name, tensor }) => ({ name, shape: model.program.tensors[tensor].shape }));
const { inputs } = quantizeSample(model.program, readSample(input, ports));
const execute = (name: string): ReturnType<typeof checkedTrace> => checkedTrace(model, executors, inputs, join(scratch, name), pool, new Stages());
const { root } = await execute("cold");
const coldMs = performance.now() - start;
await execute("warm");
const warmMs: number[] = [];
for (let i = 0; i < Number(runs); i++) {
  const before = performance.now();
  const trace = await execute("warm");
  warmMs.push(performance.now() - before);
  if (trace.root !== root) throw new Error("two executions differ");
}
await executors.close();
await pool.close();
process.stdout.write(`${JSON.stringify({ warmMs, coldMs, peakMiB: peakMemoryMiB(), traceRoot: root } satisfies ExecutionFigures)}\n`);
