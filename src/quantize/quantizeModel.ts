/** From the bytes of an ONNX file to a validated integer program. */
import type { Graph } from "../onnx/graph.js";
import { parseModel } from "../onnx/read.js";
import type { Progress } from "../progress.js";
import type { Program } from "../program/types.js";
import { type Intervals, validateProgram } from "../program/validate.js";
import { readSamples, type Sample } from "../samples/samples.js";
import { calibrate, seededSamples } from "./calibrate.js";
import type { WeightsChoice } from "./weightsChoice.js";
import { DEFAULT_QUANTIZE, quantizeGraph } from "./quantize.js";

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
}

export interface QuantizedModel {
  readonly graph: Graph;
  readonly program: Program;
  readonly intervals: Intervals;
  readonly calibration: CalibrationSource;
}

export async function quantizeModel(bytes: Uint8Array, where: string, request: QuantizeRequest, progress: Progress): Promise<QuantizedModel> {
  const graph = await progress.stage("parse", () => parseModel(bytes, where));
  const { samples, kind } = calibrationSamples(graph, request);
  const ranges = await progress.stage("calibrate", (tick) => calibrate(bytes, graph, samples, tick));
  const program = await progress.stage("quantize", () => quantizeGraph(graph, ranges, { ...DEFAULT_QUANTIZE, weights: request.weights }));
  const intervals = validateProgram(program);
  return { graph, program, intervals, calibration: { kind, samples: samples.length } };
}

function calibrationSamples(graph: Graph, request: QuantizeRequest): { samples: Sample[]; kind: CalibrationSource["kind"] } {
  if (request.calibrationPath !== undefined) {
    return { samples: readSamples(request.calibrationPath, graph.inputs, request.byteScale), kind: "file" };
  }
  const given = request.given?.(graph);
  return { samples: seededSamples(graph, given), kind: given === undefined ? "seeded" : "input" };
}
