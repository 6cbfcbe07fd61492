/** From the bytes of an ONNX file to a validated integer program. */
import type { Graph } from "../onnx/graph.js";
import { parseModel } from "../onnx/read.js";
import type { Progress } from "../progress.js";
import type { Program } from "../program/types.js";
import { type Intervals, validateProgram } from "../program/validate.js";
import { readSamples, type Sample } from "../samples/samples.js";
import { calibrate, seededSamples } from "./calibrate.js";
import { quantizePrecisely } from "./choosePrecision.js";
import type { Fidelity } from "./fidelity.js";
import type { QuantizedValue } from "./heads/draft.js";
import { DEFAULT_PRECISION, type Precision, type QuantizeOptions } from "./precision.js";

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
}

export interface QuantizedModel {
  readonly graph: Graph;
  readonly program: Program;
  readonly intervals: Intervals;
  readonly calibration: CalibrationSource;
  readonly options: QuantizeOptions;
  /** Measured on the first calibration samples. */
  readonly fidelity: Fidelity;
  /** Where values of the graph are in the program. */
  readonly values: ReadonlyMap<string, QuantizedValue>;
}

export async function quantizeModel(bytes: Uint8Array, where: string, request: QuantizeRequest, progress: Progress): Promise<QuantizedModel> {
  const graph = await progress.stage("parse", () => parseModel(bytes, where));
  const { samples, kind, drawn } = calibrationSamples(graph, request);
  const calibration = await progress.stage("calibrate", (tick) => calibrate(bytes, graph, samples, tick, drawn));
  const { precision = DEFAULT_PRECISION } = request;
  const { program, values, options, fidelity } = await progress.stage("quantize", () => quantizePrecisely(graph, calibration, precision));
  const intervals = validateProgram(program);
  return { graph, program, intervals, values, options, fidelity, calibration: { kind, samples: samples.length } };
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
