/** A model to be measured, and its input. */
import { AssayError, type ErrorCode } from "../errors.js";
import { type FixedShapes, fixShapes } from "../onnx/fixShapes.js";
import type { Graph } from "../onnx/graph.js";
import { inspectModel } from "../onnx/inspect.js";
import { parseModel, readModelBytes } from "../onnx/read.js";
import { FloatModel } from "../onnx/runtime.js";
import { seededSamples } from "../quantize/seededSamples.js";
import type { QuantizeRequest } from "../quantize/quantizeModel.js";
import { readSample, readSamples, type Sample } from "../samples/samples.js";
import { type Timing, timed } from "./measure.js";

export interface BenchModel {
  readonly name: string;
  /** .onnx */
  readonly path: string;
  readonly request: QuantizeRequest;
  /** Of inputs that the file leaves open. */
  readonly shapes?: FixedShapes;
  /** One input; default: the first calibration sample, else a seeded one. */
  readonly inputPath?: string;
}

/** Preparing is repeated so often at most: keys of a large circuit take their time. */
export const MOST_PREPARATIONS = 3;

export async function bytesOf({ path, shapes }: BenchModel): Promise<Uint8Array> {
  return fixShapes(await readModelBytes(path), shapes ?? new Map());
}

export function sampleOf({ inputPath, request }: BenchModel, graph: Graph): Sample {
  if (inputPath !== undefined) return readSample(inputPath, graph.inputs, request.byteScale);
  if (request.calibrationPath !== undefined) return readSamples(request.calibrationPath, graph.inputs, request.byteScale)[0];
  return seededSamples(graph, undefined)[0];
}

/**
 * Whether the given input fits, before anything is measured. What is wrong with the model itself is found when it is measured.
 * @throws AssayError INPUT_MALFORMED, INPUT_MISMATCH, INPUT_NOT_FINITE, FILE_NOT_READABLE
 */
export async function checkInput(model: BenchModel): Promise<void> {
  const { name, path, inputPath, request } = model;
  if (inputPath === undefined) return;
  try {
    readSample(inputPath, (await parseModel(await bytesOf(model), path)).inputs, request.byteScale);
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    if (!INPUT_ERRORS.has(error.code)) return;
    throw new AssayError(error.code, `the input does not fit ${name}: ${error.message}`, { where: error.where, hint: "MODEL=FILE gives a model an input of its own" });
  }
}

const INPUT_ERRORS: ReadonlySet<ErrorCode> = new Set(["INPUT_MALFORMED", "INPUT_MISMATCH", "INPUT_NOT_FINITE", "FILE_NOT_READABLE"]);

export async function parametersOf(model: BenchModel): Promise<number> {
  return (await inspectModel(await bytesOf(model))).parameters;
}

/** onnxruntime on the float model; its first run is not timed. */
export async function floatTiming(bytes: Uint8Array, graph: Graph, sample: Sample, runs: number): Promise<Timing> {
  const float = await FloatModel.load(bytes, graph.inputs, graph.outputs.map(({ name }) => name));
  try {
    await float.run(sample);
    return await timed(runs, () => float.run(sample));
  } finally {
    await float.close();
  }
}
