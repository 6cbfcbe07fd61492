/** The parts of a quantization that take long, as tasks of worker threads. */
import { parseModel } from "../onnx/read.js";
import type { Graph } from "../onnx/graph.js";
import type { TaskHandlers } from "../pool/index.js";
import type { Program } from "../program/types.js";
import { type Intervals, validateProgram } from "../program/validate.js";
import { type CalibrateSlice, calibrateSlice, type SliceCalibration } from "./calibrateSlice.js";
import { type Decision, withDecisions } from "./decisions.js";
import { type MeasureSlice, measureSlice, type SampleErrors } from "./measureSlice.js";
import type { QuantizeOptions } from "./precision.js";
import { type QuantizedGraph, quantizeGraph } from "./quantize.js";
import type { Ranges } from "./ranges.js";
import { type Share, sharedArray, sharedProgram, sharedValues } from "./sharedArrays.js";

export interface QuantizeTasks {
  readonly calibrate: { readonly input: CalibrateSlice; readonly output: SliceCalibration };
  readonly quantize: { readonly input: { readonly ranges: Ranges; readonly options: QuantizeOptions }; readonly output: QuantizedGraph & { readonly decisions: readonly Decision[] } };
  readonly measure: { readonly input: MeasureSlice; readonly output: readonly SampleErrors[] };
  readonly validate: { readonly input: Program; readonly output: Intervals };
}

export type QuantizeWork = {
  readonly [K in keyof QuantizeTasks]: (input: QuantizeTasks[K]["input"], onPiece: (done: number) => void) => Promise<QuantizeTasks[K]["output"]>;
};

/**
 * @param modelBytes calibration alone needs them
 * @param share what leaves the thread goes through it
 */
export function handlersOver(graphOf: () => Promise<Graph>, modelBytes: () => Uint8Array, share: Share): QuantizeWork {
  return {
    calibrate: async (slice, onPiece) => {
      const calibrated = await calibrateSlice(modelBytes(), await graphOf(), slice, onPiece);
      return { ...calibrated, kept: calibrated.kept.map(({ number, values }) => ({ number, values: sharedValues(values, share) })) };
    },
    quantize: async ({ ranges, options }) => {
      const graph = await graphOf();
      const { result, decisions } = withDecisions(undefined, () => quantizeGraph(graph, ranges, options));
      return { program: sharedProgram(result.program, share), values: result.values, decisions };
    },
    measure: measureSlice,
    validate: (program) => Promise.resolve(validateProgram(program)),
  };
}

/** A model in memory that all threads see; functions of its graph cannot be sent, so that each thread makes its own. */
export interface SharedModel {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** What {@link QuantizeTasks} are between threads. */
export type WorkerTasks = {
  readonly [K in keyof QuantizeTasks]: { readonly input: { readonly model: SharedModel; readonly input: QuantizeTasks[K]["input"] }; readonly output: QuantizeTasks[K]["output"] };
};

/** This thread's last one, as long as there is memory for it. */
let parsed: { readonly id: string; readonly graph: WeakRef<Graph> } | undefined;

async function graphOf({ id, bytes }: SharedModel): Promise<Graph> {
  const known = parsed?.id === id ? parsed.graph.deref() : undefined;
  if (known !== undefined) return known;
  const graph = await parseModel(bytes, "model");
  parsed = { id, graph: new WeakRef(graph) };
  return graph;
}

// onnxruntime takes no shared memory.
const workOf = (model: SharedModel): QuantizeWork => handlersOver(() => graphOf(model), () => Uint8Array.from(model.bytes), sharedArray);

export const tasks: TaskHandlers<WorkerTasks> = {
  calibrate: ({ model, input }, context) => workOf(model).calibrate(input, (done) => context.progress(done, input.samples.length)),
  quantize: ({ model, input }) => workOf(model).quantize(input, () => undefined),
  measure: ({ model, input }, context) => workOf(model).measure(input, (done) => context.progress(done, input.samples.length)),
  validate: ({ model, input }) => workOf(model).validate(input, () => undefined),
};
