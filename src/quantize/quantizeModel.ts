/** From the bytes of an ONNX file to a validated integer program. */
import type { Graph } from "../onnx/graph.js";
import { parseModel } from "../onnx/read.js";
import type { Progress } from "../progress.js";
import type { Program } from "../program/types.js";
import { type Intervals, validateProgram } from "../program/validate.js";
import { readSamples, type Sample } from "../samples/samples.js";
import { calibrate, seededSamples } from "./calibrate.js";
import type { WeightsChoice } from "./weightsChoice.js";
import { type Decision, otherGraph, withDecisions } from "./decisions.js";
import { DEFAULT_QUANTIZE, quantizeGraph } from "./quantize.js";
import type { Ranges } from "./ranges.js";

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
  /** Default: all fixed. */
  readonly weights?: WeightsChoice;
  /** Of the base model that this one is a variant of; takes the place of calibration and of the choice of weights. */
  readonly recorded?: QuantizationRecord;
}

/** What a variant of a model is quantized with, so that it becomes the same program but for its committed weights. */
export interface QuantizationRecord {
  readonly calibration: CalibrationSource;
  readonly weights: WeightsChoice;
  readonly ranges: readonly (readonly [value: string, low: number, high: number])[];
  readonly decisions: readonly Decision[];
}

export interface QuantizedModel {
  readonly graph: Graph;
  readonly program: Program;
  readonly intervals: Intervals;
  readonly calibration: CalibrationSource;
  readonly record: QuantizationRecord;
  /** Committed weights that the base's types have no room for, by node. */
  readonly clampedWeights: Readonly<Record<string, number>>;
}

export async function quantizeModel(bytes: Uint8Array, where: string, request: QuantizeRequest, progress: Progress): Promise<QuantizedModel> {
  const graph = await progress.stage("parse", () => parseModel(bytes, where));
  const { recorded } = request;
  const { ranges, calibration } = recorded === undefined ? await ownRanges(bytes, graph, request, progress) : baseRanges(graph, recorded);
  const weights = recorded?.weights ?? request.weights ?? "fixed";
  const options = { ...DEFAULT_QUANTIZE, weights };
  const decided = await progress.stage("quantize", () => withDecisions(recorded?.decisions, () => quantizeGraph(graph, ranges, options)));
  const { result: program, decisions, clamped: clampedWeights } = decided;
  const record = { calibration, weights, ranges: [...ranges].map(([name, { low, high }]) => [name, low, high] as const), decisions };
  return { graph, program, intervals: validateProgram(program), calibration, record, clampedWeights };
}

interface Calibrated {
  readonly ranges: Ranges;
  readonly calibration: CalibrationSource;
}

async function ownRanges(bytes: Uint8Array, graph: Graph, request: QuantizeRequest, progress: Progress): Promise<Calibrated> {
  const { samples, kind } = calibrationSamples(graph, request);
  const ranges = await progress.stage("calibrate", (tick) => calibrate(bytes, graph, samples, tick));
  return { ranges, calibration: { kind, samples: samples.length } };
}

function baseRanges(graph: Graph, { ranges, calibration }: QuantizationRecord): Calibrated {
  const known = new Map(ranges.map(([name, low, high]) => [name, { low, high }]));
  const missing = [...graph.values.keys()].find((name) => !known.has(name));
  if (missing !== undefined) throw otherGraph(`value ${missing}`);
  return { ranges: known, calibration };
}

function calibrationSamples(graph: Graph, request: QuantizeRequest): { samples: Sample[]; kind: CalibrationSource["kind"] } {
  if (request.calibrationPath !== undefined) {
    return { samples: readSamples(request.calibrationPath, graph.inputs, request.byteScale), kind: "file" };
  }
  const given = request.given?.(graph);
  return { samples: seededSamples(graph, given), kind: given === undefined ? "seeded" : "input" };
}
