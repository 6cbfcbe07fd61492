/** Calibration: the float model runs over samples with every activation as an output. */
import { fromFailure, isWanted, withStopFlag } from "../pool/index.js";
import type { Tick } from "../progress.js";
import { elementCount } from "../math/shape.js";
import type { Graph } from "../onnx/graph.js";
import type { Sample } from "../samples/samples.js";
import type { CalibrateSlice, KeptSample, NumberedSample, SliceCalibration } from "./calibrateSlice.js";
import { activationElements } from "./modelSize.js";
import { inThisThread, type Place, runAll } from "./place.js";
import { LARGE_MODEL } from "./precision.js";
import { RangeCollector, type Ranges } from "./ranges.js";
import { limitScores } from "./scoreRanges.js";

export interface Calibration {
  readonly ranges: Ranges;
  /** The first samples, to measure quantized programs by. */
  readonly kept: readonly KeptSample[];
}

export interface CalibrateOptions {
  /** How many of the last samples are made up, so that one on which the model is undefined is left out. */
  readonly drawn?: number;
  /** Where the float model runs; default: in this thread. The result is the same to the last bit. */
  readonly place?: Place;
  readonly onProgress?: Tick;
  /** Ends the work after the samples that run. */
  readonly signal?: AbortSignal;
}

/** Values of so many samples are kept, and fewer where they are large. */
const MOST_KEPT = 8;
const MOST_KEPT_ELEMENTS = 2 ** 24;
const MOST_KEPT_OF_LARGE = 2 ** 26;

/** Most input elements of a slice, which is copied for the thread that runs it. */
const MOST_SLICE_ELEMENTS = 2 ** 22;

/**
 * @throws AssayError QUANTIZE_RANGE, INPUT_MISMATCH, ONNX_UNSUPPORTED: of the first sample on which the model is undefined;
 *         WORKER_FAILED; ABORTED
 */
export async function calibrate(modelBytes: Uint8Array, graph: Graph, samples: readonly Sample[], options: CalibrateOptions = {}): Promise<Calibration> {
  const { place = inThisThread(graph, modelBytes), drawn = 0, signal, onProgress } = options;
  const required = samples.length - drawn;
  const numbered = samples.map((sample, number): NumberedSample => ({ number, sample }));
  return withStopFlag(signal, "calibrate", async (stop) => {
    const most = mostKept(graph);
    const slices = await runAll(place, "calibrate", slicesOf(graph, numbered, place.lanes, { required, keepBelow: most, stop }), stop, (done) => onProgress?.(done, samples.length));
    const defined = definedSamples(slices, required);
    // Where samples were left out, later ones take their place.
    const late = defined.slice(0, most).filter((number) => number >= most).map((number) => numbered[number]);
    slices.push(...(await runAll(place, "calibrate", slicesOf(graph, late, place.lanes, { required, keepBelow: Infinity, stop }), stop)));
    const collector = new RangeCollector();
    for (const { ranges } of slices) collector.addRanges(ranges);
    const kept = slices.flatMap((slice) => slice.kept.map(({ number, values }): KeptSample => ({ sample: samples[number], values })));
    return { ranges: limitScores(graph, collector.ranges), kept };
  });
}

function mostKept(graph: Graph): number {
  const elements = activationElements(graph);
  return Math.max(1, Math.min(MOST_KEPT, Math.floor((elements > LARGE_MODEL ? MOST_KEPT_OF_LARGE : MOST_KEPT_ELEMENTS) / elements)));
}

/** Made when they are taken: there is no second copy of all samples. */
function* slicesOf(graph: Graph, samples: readonly NumberedSample[], lanes: number, common: Omit<CalibrateSlice, "samples">): Generator<CalibrateSlice> {
  const elements = graph.inputs.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const size = Math.max(1, Math.min(Math.ceil(samples.length / lanes), Math.floor(MOST_SLICE_ELEMENTS / elements)));
  for (let from = 0; from < samples.length && isWanted(common.stop, samples[from].number); from += size) {
    yield { ...common, samples: samples.slice(from, from + size) };
  }
}

/** Numbers of the samples on which the model is defined: all that are required, and at least one. */
function definedSamples(slices: readonly SliceCalibration[], required: number): number[] {
  const failures = slices.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  const first = failures.find(({ number }) => number < required);
  if (first !== undefined) throw fromFailure(first.failure);
  const defined = slices.flatMap((slice) => slice.defined);
  const last = failures.at(-1);
  if (defined.length === 0 && last !== undefined) throw fromFailure(last.failure);
  return defined;
}
