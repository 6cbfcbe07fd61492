/** What a variant of a model is quantized with, so that it becomes the same program but for its committed weights. */
import { createHash } from "node:crypto";
import { canonicalJson } from "../program/encoding.js";
import type { Graph } from "../onnx/graph.js";
import { type Decided, type Decision, otherGraph, withDecisions } from "./decisions.js";
import type { QuantizeOptions } from "./precision.js";
import { type QuantizedGraph, quantizeGraph } from "./quantize.js";
import type { CalibrationSource } from "./quantizeModel.js";
import type { Ranges, ValueRange } from "./ranges.js";

/** JSON. */
export interface QuantizationRecord {
  /** Of the graph but for its constants' values, hex. */
  readonly graph: string;
  readonly calibration: CalibrationSource;
  readonly options: Omit<QuantizeOptions, "wide" | "outputSteps"> & { readonly wide: readonly string[]; readonly outputSteps: readonly (readonly [output: string, step: number])[] };
  readonly ranges: readonly (readonly [value: string, range: ValueRange])[];
  readonly decisions: readonly Decision[];
}

export function recordOf(graph: Graph, calibration: CalibrationSource, options: QuantizeOptions, ranges: Ranges, decisions: readonly Decision[]): QuantizationRecord {
  return {
    graph: fingerprint(graph),
    calibration,
    options: { ...options, wide: [...options.wide], outputSteps: [...options.outputSteps] },
    ranges: [...ranges],
    decisions,
  };
}

export interface Replayed extends Decided<QuantizedGraph> {
  readonly options: QuantizeOptions;
}

/** @throws AssayError BAD_USAGE where the graph is another one */
export function quantizeLike(graph: Graph, record: QuantizationRecord): Replayed {
  const ranges = new Map(record.ranges);
  const missing = [...graph.values.keys()].find((name) => !ranges.has(name));
  if (missing !== undefined || fingerprint(graph) !== record.graph) throw otherGraph(missing === undefined ? undefined : `value ${missing}`);
  const options = { ...record.options, wide: new Set(record.options.wide), outputSteps: new Map(record.options.outputSteps) };
  return { ...withDecisions(record.decisions, () => quantizeGraph(graph, ranges, options)), options };
}

function fingerprint({ inputs, outputs, nodes, values, constants }: Graph): string {
  const shapes = [...constants].map(([name, { shape }]) => [name, shape]);
  return createHash("sha256").update(canonicalJson({ inputs, outputs, nodes, values: [...values], shapes })).digest("hex");
}
