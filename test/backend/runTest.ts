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
import { calibrate } from "../../src/quantize/calibrate.js";
import { quantizePrecisely } from "../../src/quantize/choosePrecision.js";
import { DEFAULT_PRECISION } from "../../src/quantize/precision.js";
import { quantizeSample } from "../../src/quantize/sampleValues.js";
import type { Sample } from "../../src/samples/samples.js";
import { bake, type BakedTest } from "./bake.js";
import { type BackendTest, readTest } from "./suite.js";

export type Outcome =
  | { readonly status: "pass"; readonly steps: number }
  | { readonly status: "fail"; readonly reason: string }
  /** Refused with the typed error of an unsupported node. */
  | { readonly status: "unsupported"; readonly reason: string };

/** Beyond this part of an output's magnitude a step is too coarse to be a measure (8 bits have 1/127): the output must be exact. */
const COARSEST_STEP = 1 / 100;

/** Of a step: rounding of the doubles that are compared. */
const ROUNDING = 1e-6;

export function runTest(name: string): Promise<Outcome> {
  return outcomeOf(readTest(name));
}

export async function outcomeOf(test: BackendTest): Promise<Outcome> {
  try {
    return compareOutputs(await integerOutputs(bake(test)));
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

async function integerOutputs({ bytes, inputs, outputs }: BakedTest): Promise<Execution> {
  const graph = await parseModel(bytes, "model");
  const sample: Sample = graph.inputs.map(({ name }) => {
    const tensor = inputs.get(name);
    if (tensor === undefined) throw new Error(`the test has no input ${name}`);
    return isFloat(tensor.dataType) ? Float32Array.from(valuesOf(tensor)) : valuesOf(tensor);
  });
  const { program } = quantizePrecisely(graph, await calibrate(bytes, graph, [sample]), DEFAULT_PRECISION);
  validateProgram(program);
  return { program, outputs: outputsOf(program, execute(program, quantizeSample(program, sample).inputs)), expected: outputs };
}

function valuesOf(tensor: RawTensor): Float64Array {
  return toFloat64(tensorFromFile(tensor, tensor.name), tensor.name);
}

function compareOutputs({ program, outputs, expected }: Execution): Outcome {
  const names = program.outputs.map(({ name }) => name).join();
  if (names !== [...expected.keys()].join()) return { status: "fail", reason: `outputs ${names} instead of ${[...expected.keys()].join()}` };
  let steps = 0;
  for (const [o, port] of program.outputs.entries()) {
    const tensor = expected.get(port.name) as RawTensor;
    const shape = program.tensors[port.tensor].shape.join();
    if (shape !== tensor.dims.join()) return { status: "fail", reason: `output ${port.name} is [${shape}] instead of [${tensor.dims.join()}]` };
    const distance = distanceOf(port, outputs[o], tensor);
    if (typeof distance === "string") return { status: "fail", reason: `output ${port.name}: ${distance}` };
    steps = Math.max(steps, distance);
  }
  return { status: "pass", steps };
}

/** The worst distance in steps of the output's scale, or what is wrong. */
function distanceOf(port: Port, integers: TensorData, tensor: RawTensor): number | string {
  const expected = valuesOf(tensor);
  const scale = fromDyadic(port.scale);
  const float = isFloat(tensor.dataType);
  if (!float && scale !== 1) return `scale ${scale} for integers`;
  const magnitude = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const allowed = float && scale <= magnitude * COARSEST_STEP ? 1 + ROUNDING : ROUNDING;
  const distances = expected.map((value, i) => Math.abs(integers[i] * scale - value) / scale);
  const most = distances.reduce((a, b) => Math.max(a, b), 0);
  if (most <= allowed) return most;
  const worst = distances.findIndex((distance) => !(distance < most));
  return `element ${worst} is ${integers[worst] * scale} instead of ${expected[worst]}, ${distances[worst].toPrecision(3)} steps of ${scale.toPrecision(3)}`;
}
