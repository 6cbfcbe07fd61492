/** Quantizes a model and compares its program with onnxruntime on the calibration samples themselves, so that nothing saturates. */
import { isInteger, type RealArray } from "../../src/math/elements.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { DEFAULT_QUANTIZE, type QuantizeOptions } from "../../src/quantize/precision.js";
import { quantizeGraph } from "../../src/quantize/quantize.js";
import type { Ranges } from "../../src/quantize/ranges.js";
import { dequantize, quantizeSample } from "../../src/quantize/sampleValues.js";
import type { Graph } from "../../src/onnx/graph.js";
import { parseModel } from "../../src/onnx/read.js";
import { FloatModel, type FloatTensor } from "../../src/onnx/runtime.js";
import { modelIdOf } from "../../src/program/steps/index.js";
import { execute, outputsOf } from "../../src/program/executor.js";
import type { Program } from "../../src/program/types.js";
import { validateProgram } from "../../src/program/validate.js";
import { sizeOf } from "../program/coordinates.js";
import { Draw } from "../program/seeded.js";

/** 16 bits wherever there is a choice: only the 8-bit weights round, so that mistakes of layout or folding stand out. */
export const FINE: QuantizeOptions = { ...DEFAULT_QUANTIZE, bits: 16, outputHeadroom: 1 };
export const COARSE: QuantizeOptions = DEFAULT_QUANTIZE;

export interface Comparison {
  readonly graph: Graph;
  readonly program: Program;
  readonly ranges: Ranges;
  /** Percent by output name: mean |q − f| over the samples, of the output's calibrated magnitude. */
  readonly errors: ReadonlyMap<string, number>;
  readonly worst: number;
}

const SAMPLES = 6;

/** Of integer inputs. */
const MOST = 900;

/** Input i of a model is drawn from one of these, so that signed and unsigned inputs occur. */
const DISTRIBUTIONS: readonly ((draw: Draw) => number)[] = [(draw) => draw.real(-1, 1), (draw) => draw.unit()];

export async function compare(bytes: Uint8Array, options: readonly QuantizeOptions[], seed = 1): Promise<Comparison[]> {
  const graph = await parseModel(bytes, "random model");
  const draw = new Draw(seed);
  const samples = draw.list(SAMPLES, () =>
    graph.inputs.map(({ shape, elementType }, i): RealArray => {
      if (isInteger(elementType)) return Float64Array.from({ length: sizeOf(shape) }, () => draw.integer(0, elementType === "uint8" ? 255 : MOST));
      return Float32Array.from({ length: sizeOf(shape) }, () => DISTRIBUTIONS[(seed + i) % 2](draw));
    }),
  );
  const { ranges } = await calibrate(bytes, graph, samples);
  const names = graph.outputs.map(({ name }) => name);
  const model = await FloatModel.load(bytes, graph.inputs, names);
  const float: FloatTensor[][] = [];
  for (const sample of samples) float.push(await model.run(sample));
  await model.close();
  return options.map((option) => {
    const { program } = quantizeGraph(graph, ranges, option);
    validateProgram(program);
    assertRepeats(graph, ranges, option, modelIdOf(program));
    const sums = new Map(names.map((name) => [name, 0]));
    samples.forEach((sample, s) => {
      const outputs = outputsOf(program, execute(program, quantizeSample(program, sample).inputs));
      outputs.forEach((integers, o) => {
        const { shape, data } = float[s][o];
        const port = program.outputs[o];
        assertShape(port.name, program.tensors[port.tensor].shape, shape);
        const range = ranges.get(port.name);
        const magnitude = Math.max(Math.abs(range?.low ?? 0), Math.abs(range?.high ?? 0));
        const distance = dequantize(port, integers).reduce((sum, value, i) => sum + Math.abs(value - data[i]), 0);
        const relative = magnitude === 0 ? distance : distance / magnitude;
        sums.set(port.name, (sums.get(port.name) ?? 0) + (100 * relative) / data.length / SAMPLES);
      });
    });
    return { graph, program, ranges, errors: sums, worst: Math.max(...sums.values()) };
  });
}

function assertShape(name: string, actual: readonly number[], expected: readonly number[]): void {
  if (actual.join() !== expected.join()) throw new Error(`output ${name} is [${actual.join()}] in the program, [${expected.join()}] in onnxruntime`);
}

function assertRepeats(graph: Graph, ranges: Ranges, options: QuantizeOptions, id: string): void {
  if (modelIdOf(quantizeGraph(graph, ranges, options).program) !== id) throw new Error("the same graph and ranges gave two model ids");
}
