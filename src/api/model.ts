/** MODEL on the command line: an .onnx file, which is compiled into the cache, or a compiled directory. */
import { statSync } from "node:fs";
import { AssayError } from "../errors.js";
import type { Graph } from "../onnx/graph.js";
import { type FixedShapes, fixShapes } from "../onnx/fixShapes.js";
import { openShapes } from "../onnx/openDims.js";
import { readModelBytes } from "../onnx/read.js";
import { DEFAULT_PRECISION, type Precision } from "../quantize/precision.js";
import type { Bits } from "../quantize/scales.js";
import type { QuantizedValue } from "../quantize/heads/draft.js";
import { type CalibrationSource, quantizeModel, type QuantizeRequest } from "../quantize/quantizeModel.js";
import type { Program } from "../program/types.js";
import type { Intervals } from "../program/validate.js";
import { countElements, readSample } from "../samples/samples.js";
import { firstSample } from "../samples/source.js";
import type { WeightsChoice } from "../quantize/weightsChoice.js";
import { type Choice, chooseCircuit } from "../zk/circuit/choose.js";
import type { CircuitChoices } from "../zk/circuit/circuit.js";
import { compile } from "../zk/compile.js";
import { type CompiledModel, readCompiled } from "../zk/compiledModel.js";
import type { WeightsOpening } from "../zk/privateWeights.js";
import type { Protocol } from "../zk/protocol.js";
import type { Visibilities, Visibility } from "../zk/visibility.js";

import type { Job } from "./session.js";

/** How a float model becomes an integer program and a circuit; for an .onnx file only, a compiled directory has decided all of it. */
export interface ModelOptions {
  /** File of samples (IDX, .npy, JSON) that show the ranges of activations; default: the given input, or seeded noise in [-1, 1]. */
  readonly calibration?: string;
  /** Factor for IDX bytes, default 1/255. */
  readonly scale?: number;
  /** Of all inputs, default public. */
  readonly inputVisibility?: Visibility;
  /** Of all outputs, default public. */
  readonly outputVisibility?: Visibility;
  /** Prepared powers of tau (.ptau) for keys that are not made by this machine alone. */
  readonly ptau?: string;
  /** Default: the faster one for the model. */
  readonly protocol?: Protocol;
  /** Which weights are the prover's secret, default fixed: none. */
  readonly weights?: WeightsChoice;
  /** Of all activations and weights; default: as `target` says. */
  readonly bits?: Bits;
  /** accuracy (default): 16 bits where 8 lose too much; size: 8 bits. */
  readonly target?: Precision["target"];
  /** Shapes of inputs that the file leaves open, by input name; "*" for a model of one input. */
  readonly shape?: FixedShapes;
}

export function isDirectory(path: string): boolean {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (entry === undefined) throw new AssayError("FILE_NOT_READABLE", "no such file or directory", { where: path });
  return entry.isDirectory();
}

/**
 * The compiled model, made if need be; `inputPath` shows the range of the inputs where there is no calibration file.
 * @param many whether that holds many inputs: the first good one serves
 */
export async function compiledModel(session: Job, path: string, options: ModelOptions, inputPath?: string, many = false): Promise<CompiledModel> {
  if (isDirectory(path)) {
    refuseCompileOptions(options, path);
    return session.stages.stage("load", () => readCompiled(path));
  }
  const { model } = await compile(path, {
    ...quantizeRequest(options, inputPath, many),
    visibilities: visibilitiesOf(options),
    shapes: await shapesOf(session, path, options, many ? undefined : inputPath),
    protocol: options.protocol,
    ptauPath: options.ptau,
    pool: session.pool,
    progress: session.stages,
    signal: session.signal,
    onPlan: (choice) => notePlan(session, choice),
  });
  noteCalibration(session, model.manifest.calibration);
  return model;
}

export interface LoadedProgram {
  readonly modelBytes: Uint8Array;
  readonly graph: Graph;
  readonly program: Program;
  readonly intervals: Intervals;
  readonly choices: CircuitChoices;
  /** Of a compiled model with committed weights. */
  readonly weights?: WeightsOpening;
  /** Where values of the graph are in the program; a compiled directory does not say. */
  readonly values?: ReadonlyMap<string, QuantizedValue>;
}

/** The program without keys. */
export async function loadProgram(session: Job, path: string, options: ModelOptions, inputPath?: string): Promise<LoadedProgram> {
  if (isDirectory(path)) {
    const model = await compiledModel(session, path, options);
    return { ...model, choices: model.manifest.choices };
  }
  const modelBytes = await modelBytesOf(path, { ...options, shape: await shapesOf(session, path, options, inputPath) });
  const model = await quantizeModel(modelBytes, path, quantizeRequest(options, inputPath), session.stages, session);
  noteCalibration(session, model.calibration);
  const { choices } = chooseCircuit(model.program, model.intervals, visibilitiesOf(options), options.protocol);
  return { ...model, modelBytes, choices };
}

/** The model with the shapes that the user gives to its inputs. */
export async function modelBytesOf(path: string, { shape = new Map() }: ModelOptions): Promise<Uint8Array> {
  return fixShapes(await readModelBytes(path), shape);
}

/** What the user says of open dims, and what the input file shows. */
export async function shapesOf(session: Job, path: string, { shape = new Map() }: ModelOptions, inputPath: string | undefined): Promise<FixedShapes> {
  const count = inputPath === undefined ? undefined : countElements(inputPath);
  if (count === undefined) return shape;
  const shapes = openShapes(await readModelBytes(path), shape, count);
  for (const [name, dims] of shapes) {
    if (!shape.has(name)) session.note(`note: input ${name}, which the model leaves open, is ${dims.join("x")} as in ${inputPath ?? ""}`);
  }
  return shapes;
}

export function quantizeRequest({ calibration, scale, bits, target, weights }: ModelOptions, inputPath?: string, many = false): QuantizeRequest {
  const read = many ? firstSample : readSample;
  const given = inputPath === undefined ? undefined : (graph: Graph) => read(inputPath, graph.inputs, scale);
  return { calibrationPath: calibration, byteScale: scale, given, weights, precision: { target: target ?? DEFAULT_PRECISION.target, bits } };
}

export function visibilitiesOf({ inputVisibility, outputVisibility }: ModelOptions): Visibilities {
  return { inputs: inputVisibility ?? "public", outputs: outputVisibility ?? "public" };
}

/** Committed weights cost a constraint a multiply-accumulate and more: said before the work starts. */
export function notePlan(session: Job, { choices, plan, domainPower }: Choice): void {
  if (!plan.byKind.has("committed weights")) return;
  const kinds = [...plan.byKind].map(([kind, constraints]) => `${kind} ${constraints.toLocaleString("en-US")}`);
  session.note(`note: ${choices.protocol}, ${plan.constraints.toLocaleString("en-US")} constraints, domain 2^${domainPower}: ${kinds.join(", ")}`);
}

export function noteCalibration(session: Job, { kind, samples }: CalibrationSource): void {
  if (kind === "input") session.note("note: no calibration data; ranges come from the given input. Give --calibration for more than this input.");
  if (kind === "seeded") session.note(`note: no calibration data; ranges come from ${samples} seeded samples in [-1, 1]. Give --calibration for a faithful model.`);
}

const COMPILE_OPTIONS = ["calibration", "inputVisibility", "outputVisibility", "ptau", "protocol", "weights", "bits", "target", "shape"] as const;

export function refuseCompileOptions(options: ModelOptions, path: string): void {
  const given = COMPILE_OPTIONS.filter((name) => options[name] !== undefined);
  if (given.length === 0) return;
  throw new AssayError("BAD_USAGE", `${given.join(", ")} cannot change a compiled model`, { where: path, hint: "give the .onnx file, or compile it again" });
}

/** Says which inputs were clamped. */
export function noteSaturation(session: Job, saturated: Readonly<Record<string, number>>): void {
  for (const [name, elements] of Object.entries(saturated)) if (elements > 0) session.note(saturationText(name, elements));
}

export function saturationText(name: string, elements: number): string {
  return `warning: ${elements.toLocaleString("en-US")} elements of input ${name} lie outside the calibrated range and were clamped`;
}
