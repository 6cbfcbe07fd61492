/** From the bytes of an ONNX file to a validated integer program. */
import type { Graph } from "../onnx/graph.js";
import { parseModel } from "../onnx/read.js";
import type { Progress } from "../progress.js";
import type { Program } from "../program/types.js";
import { type Intervals, validateProgram } from "../program/validate.js";
import { readSamples, type Sample } from "../samples/samples.js";
import { calibrate } from "./calibrate.js";
import { quantizePrecisely } from "./choosePrecision.js";
import type { Fidelity } from "./fidelity.js";
import type { QuantizedValue } from "./heads/draft.js";
import { placeFor, type Threads } from "./place.js";
import { DEFAULT_PRECISION, type Precision, type QuantizeOptions } from "./precision.js";
import { type QuantizationRecord, quantizeLike, recordOf } from "./record.js";
import { seededSamples } from "./seededSamples.js";
import type { WeightsChoice } from "./weightsChoice.js";

/** Where the activation ranges come from. */
export interface CalibrationSource {
  readonly kind: "file" | "input" | "seeded";
  readonly samples: number;
}

export interface QuantizeRequest {
  /** Calibration samples, one of the formats of samples.ts. */
  readonly calibrationPath?: string;
  /** Factor for IDX bytes in that file. */
  readonly byteScale?: number;
  /** Without a file: a sample whose values show the inputs' range. */
  readonly given?: (graph: Graph) => Sample;
  /** Default: as many bits as accuracy takes. */
  readonly precision?: Precision;
  /** Default: all fixed. */
  readonly weights?: WeightsChoice;
  /** Of the base model that this one is a variant of; takes the place of calibration and of all choices. */
  readonly recorded?: QuantizationRecord;
}

export interface QuantizedModel {
  readonly graph: Graph;
  readonly program: Program;
  readonly intervals: Intervals;
  readonly calibration: CalibrationSource;
  readonly options: QuantizeOptions;
  /** Measured on the first calibration samples; undefined for a variant, which takes its base's calibration. */
  readonly fidelity: Fidelity | undefined;
  /** Where values of the graph are in the program. */
  readonly values: ReadonlyMap<string, QuantizedValue>;
  readonly record: QuantizationRecord;
  /** Of a variant: committed weights that the base's types have no room for, by node. */
  readonly clampedWeights: Readonly<Record<string, number>>;
}

/**
 * @param threads for what takes long; default: the calling one. The result is the same to the last bit.
 * @throws AssayError as parseModel, calibrate and quantizePrecisely
 */
export async function quantizeModel(bytes: Uint8Array, where: string, request: QuantizeRequest, progress: Progress, threads?: Threads): Promise<QuantizedModel> {
  const graph = await progress.stage("parse", () => parseModel(bytes, where));
  const { recorded } = request;
  if (recorded !== undefined) return variant(graph, recorded, progress);
  const { samples, kind, drawn } = calibrationSamples(graph, request);
  const place = placeFor(graph, bytes, samples.length, threads);
  const signal = threads?.signal;
  const calibrated = await progress.stage("calibrate", (onProgress) => calibrate(bytes, graph, samples, { drawn, place, onProgress, signal }));
  const { precision = DEFAULT_PRECISION, weights } = request;
  const chosen = await progress.stage("quantize", (onProgress) => quantizePrecisely(graph, calibrated, precision, { weights, place, onProgress, signal }));
  const { program, values, options, fidelity, decisions } = chosen;
  const intervals = await progress.stage("quantize", () => place.run("validate", program));
  const calibration = { kind, samples: samples.length };
  const record = recordOf(graph, calibration, options, calibrated.ranges, decisions);
  return { graph, program, intervals, values, options, fidelity, calibration, record, clampedWeights: {} };
}

async function variant(graph: Graph, record: QuantizationRecord, progress: Progress): Promise<QuantizedModel> {
  const { result, options, clamped } = await progress.stage("quantize", () => quantizeLike(graph, record));
  const intervals = validateProgram(result.program);
  return { graph, ...result, intervals, options, fidelity: undefined, calibration: record.calibration, record, clampedWeights: clamped };
}

/** `drawn`: how many of the last ones are made up. */
function calibrationSamples(graph: Graph, request: QuantizeRequest): { samples: Sample[]; kind: CalibrationSource["kind"]; drawn: number } {
  if (request.calibrationPath !== undefined) {
    return { samples: readSamples(request.calibrationPath, graph.inputs, request.byteScale), kind: "file", drawn: 0 };
  }
  const given = request.given?.(graph);
  const samples = seededSamples(graph, given);
  return given === undefined ? { samples, kind: "seeded", drawn: samples.length } : { samples, kind: "input", drawn: samples.length - 1 };
}
