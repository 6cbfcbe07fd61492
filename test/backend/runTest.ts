/** One backend test: the model with its constants baked in, quantized on the test's own input, against the expected output. */
import { AssayError } from "../../src/errors.js";
import { fromDyadic } from "../../src/math/scale.js";
import { isFloat } from "../../src/onnx/dataTypes.js";
import { parseModel } from "../../src/onnx/read.js";
import type { RawTensor } from "../../src/onnx/schema.js";
import { tensorFromFile, toFloat64 } from "../../src/onnx/tensors.js";
import { execute, outputsOf } from "../../src/program/executor.js";
import type { Port, Program, TensorData } from "../../src/program/types.js";
import { validateProgram } from "../../src/program/validate.js";
import type { Graph } from "../../src/onnx/graph.js";
import { type Calibration, calibrate } from "../../src/quantize/calibrate.js";
import { quantizePrecisely } from "../../src/quantize/choosePrecision.js";
import { WIDE_QUANTIZE } from "../../src/quantize/precision.js";
import { quantizeGraph } from "../../src/quantize/quantize.js";
import { quantizeSample } from "../../src/quantize/sampleValues.js";
import type { Sample } from "../../src/samples/samples.js";
import { bake, type BakedTest } from "./bake.js";
import { type BackendTest, readTest } from "./suite.js";

export type Outcome =
  /** The worst distance in steps, and the magnitude of the output with the fewest steps, in steps: exact outputs do not count. */
  | { readonly status: "pass"; readonly steps: number; readonly resolution: number }
  | { readonly status: "fail"; readonly reason: string }
  /** Refused with the typed error of an unsupported node. */
  | { readonly status: "unsupported"; readonly reason: string };

/** Beyond this part of an output's magnitude a step is too coarse to be a measure (8 bits have 1/127): the output must be exact. */
const COARSEST_STEP = 1 / 100;

/** Of a step: rounding of the doubles that are compared. */
const ROUNDING = 1e-6;

/** `bits16`: as with --bits 16, which small models have anyway; larger ones would begin with 8 bits inside. `coarse`: outputs of 8 bits, which tells wrong operators from imprecise ones; it counts for nothing. */
export type Measure = "bits16" | "coarse";

export function runTest(name: string, measure: Measure = "bits16"): Promise<Outcome> {
  return outcomeOf(readTest(name), measure);
}

export async function outcomeOf(test: BackendTest, measure: Measure = "bits16"): Promise<Outcome> {
  try {
    return compareOutputs(await integerOutputs(bake(test), measure));
  } catch (error) {
    if (error instanceof AssayError) {
      const reason = `${error.code}: ${error.where === undefined ? "" : `${error.where}: `}${error.message}`;
      return { status: error.code === "ONNX_UNSUPPORTED" ? "unsupported" : "fail", reason };
    }
    return { status: "fail", reason: error instanceof Error ? (error.stack ?? error.message).split("\n").slice(0, 3).join(" ") : String(error) };
  }
}

interface Execution {
  readonly program: Program;
  readonly outputs: readonly TensorData[];
  readonly expected: ReadonlyMap<string, RawTensor>;
}

async function integerOutputs({ bytes, inputs, outputs }: BakedTest, measure: Measure): Promise<Execution> {
  const graph = await parseModel(bytes, "model");
  const sample: Sample = graph.inputs.map(({ name }) => {
    const tensor = inputs.get(name);
    if (tensor === undefined) throw new Error(`the test has no input ${name}`);
    return isFloat(tensor.dataType) ? Float32Array.from(valuesOf(tensor)) : valuesOf(tensor);
  });
  const program = await quantized(graph, await calibrate(bytes, graph, [sample]), measure);
  validateProgram(program);
  return { program, outputs: outputsOf(program, execute(program, quantizeSample(program, sample).inputs)), expected: outputs };
}

async function quantized(graph: Graph, calibration: Calibration, measure: Measure): Promise<Program> {
  if (measure === "bits16") return (await quantizePrecisely(graph, calibration, { target: "accuracy", bits: 16 })).program;
  return quantizeGraph(graph, calibration.ranges, { ...WIDE_QUANTIZE, outputBits: 8, outputHeadroom: 1 }).program;
}

function valuesOf(tensor: RawTensor): Float64Array {
  return toFloat64(tensorFromFile(tensor, tensor.name), tensor.name);
}

function magnitudeOf(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function compareOutputs({ program, outputs, expected }: Execution): Outcome {
  const names = program.outputs.map(({ name }) => name).join();
  if (names !== [...expected.keys()].join()) return { status: "fail", reason: `outputs ${names} instead of ${[...expected.keys()].join()}` };
  let [steps, resolution] = [0, Infinity];
  for (const [o, port] of program.outputs.entries()) {
    const tensor = expected.get(port.name) as RawTensor;
    const shape = program.tensors[port.tensor].shape.join();
    if (shape !== tensor.dims.join()) return { status: "fail", reason: `output ${port.name} is [${shape}] instead of [${tensor.dims.join()}]` };
    const distance = distanceOf(port, outputs[o], tensor);
    if (typeof distance === "string") return { status: "fail", reason: `output ${port.name}: ${distance}` };
    steps = Math.max(steps, distance);
    if (distance > ROUNDING) resolution = Math.min(resolution, magnitudeOf(valuesOf(tensor)) / fromDyadic(port.scale));
  }
  return { status: "pass", steps, resolution };
}

/** The worst distance in steps of the output's scale, or what is wrong. */
function distanceOf(port: Port, integers: TensorData, tensor: RawTensor): number | string {
  const expected = valuesOf(tensor);
  const scale = fromDyadic(port.scale);
  const float = isFloat(tensor.dataType);
  if (!float && scale !== 1) return `scale ${scale} for integers`;
  const allowed = float && scale <= magnitudeOf(expected) * COARSEST_STEP ? 1 + ROUNDING : ROUNDING;
  const distances = expected.map((value, i) => Math.abs(integers[i] * scale - value) / scale);
  const most = distances.reduce((a, b) => Math.max(a, b), 0);
  if (most <= allowed) return most;
  const worst = distances.findIndex((distance) => !(distance < most));
  return `element ${worst} is ${integers[worst] * scale} instead of ${expected[worst]}, ${distances[worst].toPrecision(3)} steps of ${scale.toPrecision(3)}`;
}
