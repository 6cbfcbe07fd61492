/** Real models for claims, prepared as `assay claim` does it: quantized, committed to, and executed once. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resnet50Model, resnet50Samples } from "../../bench/models/resnet50.js";
import { FastExecutors } from "../../src/fast/index.js";
import { parseModel } from "../../src/onnx/read.js";
import { checkedTrace } from "../../src/optimistic/execution/computeTrace.js";
import { type CommittedModel, commitInMemory } from "../../src/optimistic/model/index.js";
import type { Trace } from "../../src/optimistic/trace/index.js";
import { WorkerPool } from "../../src/pool/index.js";
import { Stages } from "../../src/progress.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { quantizePrecisely } from "../../src/quantize/choosePrecision.js";
import { DEFAULT_PRECISION } from "../../src/quantize/precision.js";
import { quantizeSample } from "../../src/quantize/sampleValues.js";
import { RECOGNIZER_OUTPUT, recognizerModel } from "./recognizerModel.js";
import { renderUprightLines } from "./textLines.js";

export interface Subject {
  readonly name: string;
  readonly model: () => Uint8Array;
  readonly samples: () => Float32Array[];
  /** The output that is claimed; undefined: whichever it is. */
  readonly output: string | undefined;
}

export const SUBJECTS: readonly Subject[] = [
  { name: "the text recognizer", model: recognizerModel, samples: () => renderUprightLines(40, 4).map(({ pixels }) => pixels), output: RECOGNIZER_OUTPUT },
  { name: "ResNet-50", model: () => resnet50Model(), samples: () => resnet50Samples(2), output: undefined },
];

/** How long {@link prepare} may take. */
export const PREPARATION_MS = 1_800_000;

export interface Prepared {
  readonly model: CommittedModel;
  /** Of the first sample, on disk. */
  readonly trace: Trace;
  readonly traceDirectory: string;
  /** For other files; removed at the end. */
  readonly scratch: string;
  readonly pool: WorkerPool;
  close(): Promise<void>;
}

export async function prepare({ name, model: bytesOf, samples: samplesOf, output }: Subject): Promise<Prepared> {
  const [bytes, samples] = [bytesOf(), samplesOf()];
  const graph = await parseModel(bytes, "model");
  const calibrated = await calibrate(bytes, graph, samples.map((sample) => [Float64Array.from(sample)]));
  const { program } = await quantizePrecisely(graph, calibrated, DEFAULT_PRECISION);
  if (output !== undefined && program.outputs.map((port) => port.name).join() !== output) throw new Error(`${name} has other outputs`);
  const scratch = mkdtempSync(join(tmpdir(), "assay-test-"));
  const [executors, pool] = [new FastExecutors(), new WorkerPool()];
  const model = commitInMemory(program);
  const { inputs } = quantizeSample(program, [Float64Array.from(samples[0])]);
  const traceDirectory = join(scratch, "trace");
  const trace = await checkedTrace(model, executors, inputs, traceDirectory, pool, new Stages());
  await executors.close();
  const close = async (): Promise<void> => {
    await pool.close();
    rmSync(scratch, { recursive: true, force: true });
  };
  return { model, trace, traceDirectory, scratch, pool, close };
}
