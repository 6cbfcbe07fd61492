/**
 * A quantized model against onnxruntime on the calibration samples themselves. What 16 bits can hold is measured, not
 * guessed: the float graph is evaluated once as it is and several times with the noise of 16 bits on every value, and a
 * program may be off by what that noise does to an element. Comparisons, roundings and poles are covered by that without
 * being named: an element that noise leaves alone must be right.
 */
import { isInteger, type RealArray } from "../../src/math/elements.js";
import { evaluateNode } from "../../src/onnx/evaluate.js";
import type { Graph, GraphNode } from "../../src/onnx/graph.js";
import { activationsOf } from "../../src/onnx/operands.js";
import { parseModel } from "../../src/onnx/read.js";
import { FloatModel, type FloatTensor } from "../../src/onnx/runtime.js";
import { modelIdOf } from "../../src/program/steps/index.js";
import { execute, outputsOf } from "../../src/program/executor.js";
import type { Program } from "../../src/program/types.js";
import { type Intervals, validateProgram } from "../../src/program/validate.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import type { QuantizeOptions } from "../../src/quantize/precision.js";
import { quantizeGraph } from "../../src/quantize/quantize.js";
import type { Ranges } from "../../src/quantize/ranges.js";
import { dequantize, quantizeSample } from "../../src/quantize/sampleValues.js";
import { constantOf } from "../../src/quantize/heads/constants.js";
import { Draw } from "../program/seeded.js";
import { buildModel } from "../support/onnxBuilder.js";
import { type RandomModel, samplesOf } from "./recipe.js";

/** Of a value's magnitude: some times its rounding with room for twice its range, since trials are few. */
const noiseOf = (bits: number): number => 3 * 2 ** (2 - bits);
const TRIALS = 4;
/** Where those do not explain a difference: an element next to a boundary may be left alone many times. */
const MORE_TRIALS = 100;
const SAMPLES = 4;

export interface Disagreement {
  readonly output: string;
  /** In units of the output's magnitude. */
  readonly mean: number;
  /** Greatest distance beyond what noise explains, in units of the magnitude. */
  readonly excess: number;
  /** Mean of what noise does, in units of the magnitude. */
  readonly noise: number;
  /** Whether the float graph already differs from onnxruntime. */
  readonly misread: boolean;
  readonly detail: string;
}

/**
 * Of an output's magnitude, beyond what noise of 16 bits does to the float model: a segment of a table is a thousandth of its
 * function's range or little more, and a bend inside it is cut off.
 */
const MAX_EXCESS = 0.003;
const MEAN_EXCESS = 0.001;

/** @param bits of activations; a jump across a boundary is itself as coarse as they are */
export function agrees({ misread, excess, mean, noise }: Disagreement, bits: number): boolean {
  return !misread && excess <= MAX_EXCESS + noiseOf(bits) && mean - noise <= MEAN_EXCESS;
}

export interface Agreement {
  readonly graph: Graph;
  readonly program: Program;
  readonly intervals: Intervals;
  readonly samples: readonly (readonly RealArray[])[];
  readonly ranges: Ranges;
  readonly outputs: readonly Disagreement[];
}

type Values = Map<string, ArrayLike<number>>;

export async function agreementOf(model: RandomModel, seed: number, options: QuantizeOptions): Promise<Agreement> {
  const bytes = buildModel(model.spec);
  const graph = await parseModel(bytes, "random model");
  const samples = samplesOf(model, SAMPLES, seed);
  const { ranges } = await calibrate(bytes, graph, samples);
  const names = graph.outputs.map(({ name }) => name);
  const runtime = await FloatModel.load(bytes, graph.inputs, names);
  const float: FloatTensor[][] = [];
  for (const sample of samples) float.push(await runtime.run(sample));
  await runtime.close();
  const { program } = quantizeGraph(graph, ranges, options);
  const intervals = validateProgram(program);
  if (modelIdOf(quantizeGraph(graph, ranges, options).program) !== modelIdOf(program)) throw new Error("the same graph and ranges gave two model ids");
  const draw = new Draw(seed);
  const noise = noiseIn(graph, ranges, options.bits);
  const measured = samples.map((sample, s) => {
    const clean = evaluate(graph, sample);
    const integers = outputsOf(program, execute(program, quantizeSample(program, sample).inputs));
    const values = (name: string): ArrayLike<number> => clean.get(name) ?? [];
    return program.outputs.map((port, o): Compared => {
      const { shape, data } = float[s][o];
      const declared = graph.values.get(port.name)?.shape ?? [];
      if (shape.join() !== declared.join()) throw new Error(`output ${port.name} is [${declared.join()}] here, [${shape.join()}] in onnxruntime`);
      if (program.tensors[port.tensor].shape.join() !== shape.join()) throw new Error(`output ${port.name} has another shape in the program`);
      return { program: dequantize(port, integers[o]), float: data, exact: values(port.name), envelope: new Float64Array(data.length) };
    });
  });
  const widen = (trials: number): Disagreement[] => {
    samples.forEach((sample, s) => {
      for (let trial = 0; trial < trials; trial++) {
        const values = evaluate(graph, sample, noise, draw);
        measured[s].forEach(({ exact, envelope }, o) => {
          const noised = values.get(names[o]) ?? [];
          envelope.forEach((most, i) => { envelope[i] = Math.max(most, Math.abs(noised[i] - exact[i])); });
        });
      }
    });
    return names.map((name, o) => disagreement(name, ranges, measured.map((outputs) => outputs[o])));
  };
  const first = widen(TRIALS);
  const outputs = first.every((output) => agrees(output, options.bits)) ? first : widen(MORE_TRIALS);
  return { graph, program, intervals, samples, ranges, outputs };
}

interface Compared {
  readonly program: Float64Array;
  readonly float: RealArray;
  /** By this project's evaluation in float64. */
  readonly exact: ArrayLike<number>;
  /** What noise did to each element at most. */
  readonly envelope: Float64Array;
}

/** What is smaller everywhere is the rounding of a float32 that should be 0. */
const LEAST_MAGNITUDE = 1e-5;

/** float32 carries 24 bits, and a sum of some terms less. */
const FLOAT_ERROR = 1e-3;

function disagreement(output: string, ranges: Ranges, samples: readonly Compared[]): Disagreement {
  const { low = 0, high = 0 } = ranges.get(output) ?? {};
  const magnitude = Math.max(-low, high, LEAST_MAGNITUDE);
  let [sum, noise, excess, count, detail] = [0, 0, -Infinity, 0, ""];
  let misread: string | undefined;
  samples.forEach(({ program, float, exact, envelope }, s) => {
    float.forEach((expected, i) => {
      if (!(Math.abs(exact[i] - expected) <= FLOAT_ERROR * magnitude + envelope[i])) {
        misread ??= `${output}[${i}] of sample ${s} is ${exact[i]} by the graph, ${expected} by onnxruntime`;
      }
      const distance = Math.abs(program[i] - expected);
      sum += distance / magnitude;
      noise += envelope[i] / magnitude;
      count++;
      const beyond = (distance - envelope[i]) / magnitude;
      if (beyond > excess || Number.isNaN(beyond)) {
        [excess, detail] = [beyond, `${output}[${i}] of sample ${s} is ${program[i]} instead of ${expected}; noise makes ${envelope[i]}, the range is ${low} to ${high}`];
      }
    });
  });
  return { output, mean: sum / count, noise: noise / count, excess, detail: misread ?? detail, misread: misread !== undefined };
}

/** The greatest noise by the name of a value. */
interface Noise {
  /** Of values; none on integers and on what the program holds exactly. */
  readonly values: ReadonlyMap<string, number>;
  /** Of arguments of some nodes, even if they are exact. */
  readonly rounded: ReadonlyMap<string, number>;
  /** What Quantize rounds is multiplied first, by a factor that has some bits. In 8 bits, a step away from an integer is taken for it. */
  readonly isRounded: (node: GraphNode) => boolean;
}

function evaluate(graph: Graph, sample: readonly RealArray[], noise?: Noise, draw?: Draw): Values {
  const values: Values = new Map();
  const blurred = (data: ArrayLike<number>, most = 0): ArrayLike<number> => (draw === undefined || most === 0 ? data : Float64Array.from(data, (x) => x + draw.real(-most, most)));
  const argument = (node: GraphNode, name: string): ArrayLike<number> => blurred(values.get(name) ?? [], noise?.isRounded(node) === true ? noise.rounded.get(name) : 0);
  graph.inputs.forEach(({ name }, i) => values.set(name, blurred(sample[i], noise?.values.get(name))));
  for (const node of graph.nodes) {
    values.set(node.output, blurred(evaluateNode(graph, node, (name) => argument(node, name)), noise?.values.get(node.output)));
  }
  return values;
}

function noiseIn(graph: Graph, ranges: Ranges, bits: number): Noise {
  const exact = new Set<string>();
  const noise = {
    values: new Map<string, number>(),
    rounded: new Map<string, number>(),
    isRounded: (node: GraphNode) => node.operator === "Quantize" || (bits === 8 && node.operator === "Function" && node.function.snap === true),
  };
  const add = (name: string, isExact: boolean): void => {
    const { low = 0, high = 0 } = ranges.get(name) ?? {};
    const isWhole = isInteger(graph.values.get(name)?.elementType ?? "float32");
    if (!isWhole) noise.rounded.set(name, Math.max(-low, high) * noiseOf(bits));
    if (isExact || isWhole) exact.add(name);
    else noise.values.set(name, Math.max(-low, high) * noiseOf(bits));
  };
  for (const { name } of graph.inputs) add(name, ranges.get(name)?.integral === true);
  for (const node of graph.nodes) add(node.output, keepsExact(graph, node) && activationsOf(node).every((name) => exact.has(name)));
  return noise;
}

/** Nodes that move elements or choose among them. */
function keepsExact(graph: Graph, node: GraphNode): boolean {
  if (node.operator === "Gather") return node.inputs.length === 1 && node.constant === undefined;
  if (node.operator === "MulConstant") {
    return constantOf(graph, node.constant).data.every((factor) => factor === 0.25 || factor === 0.5) && !graph.outputs.some(({ name }) => name === node.output);
  }
  return CHOOSING.has(node.operator);
}

const CHOOSING: ReadonlySet<GraphNode["operator"]> = new Set<GraphNode["operator"]>(["Reshape", "Transpose", "Identity", "Relu", "MaxPool", "TopK"]);
