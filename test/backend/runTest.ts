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
import { quantizeGraph } from "../../src/quantize/quantize.js";
import { quantizeSample } from "../../src/quantize/sampleValues.js";
import type { Sample } from "../../src/samples/samples.js";
import { bake, type BakedTest } from "./bake.js";
import { readTest } from "./suite.js";

export type Outcome =
  | { readonly status: "pass"; readonly steps: number }
  | { readonly status: "fail"; readonly reason: string }
  /** Refused with the typed error of an unsupported node. */
  | { readonly status: "unsupported"; readonly reason: string };

/** An output whose scale is coarser than this part of its magnitude would make passing meaningless: 7 bits and a sign. */
const COARSEST_STEP = 1 / 100;

export async function runTest(name: string): Promise<Outcome> {
  try {
    return compareOutputs(await integerOutputs(bake(readTest(name))));
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
  readonly expected: readonly RawTensor[];
}

async function integerOutputs({ bytes, inputs, outputs }: BakedTest): Promise<Execution> {
  const graph = await parseModel(bytes, "model");
  const sample: Sample = graph.inputs.map(({ name }) => {
    const tensor = inputs.get(name);
    if (tensor === undefined) throw new Error(`the test has no input ${name}`);
    return Float32Array.from(valuesOf(tensor));
  });
  const program = quantizeGraph(graph, await calibrate(bytes, graph, [sample]));
  validateProgram(program);
  return { program, outputs: outputsOf(program, execute(program, quantizeSample(program, sample).inputs)), expected: outputs };
}

function valuesOf(tensor: RawTensor): Float64Array {
  return toFloat64(tensorFromFile(tensor, tensor.name), tensor.name);
}

function compareOutputs({ program, outputs, expected }: Execution): Outcome {
  if (program.outputs.length !== expected.length) {
    return { status: "fail", reason: `${program.outputs.length} outputs instead of ${expected.length}` };
  }
  let steps = 0;
  for (const [o, port] of program.outputs.entries()) {
    const shape = program.tensors[port.tensor].shape.join();
    const declared = expected[o].dims.join();
    if (shape !== declared) return { status: "fail", reason: `output ${port.name} is [${shape}] instead of [${declared}]` };
    const distance = distanceOf(port, outputs[o], expected[o]);
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
  const magnitude = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!float && scale !== 1) return `scale ${scale} for integers`;
  if (float && magnitude > 0 && scale > magnitude * COARSEST_STEP) return `the step ${scale} is coarse for values up to ${magnitude}`;
  const distances = expected.map((value, i) => Math.abs(integers[i] * scale - value) / scale);
  const worst = distances.reduce((at, distance, i) => (distance <= distances[at] ? at : i), 0);
  // Doubles that lie exactly one step apart may differ by a rounding error.
  const allowed = float ? 1 + 1e-6 : 0;
  if ((distances.at(worst) ?? 0) <= allowed) return distances.at(worst) ?? 0;
  return `element ${worst} is ${integers[worst] * scale} instead of ${expected[worst]}, ${distances[worst].toPrecision(3)} steps of ${scale.toPrecision(3)}`;
}
