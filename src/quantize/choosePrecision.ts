/** Bits where they matter: a program is measured on calibration samples, and the noisiest values get 16 bits until it is good enough. */
import { elementCount } from "../math/shape.js";
import type { Graph } from "../onnx/graph.js";
import { isInteger } from "../math/elements.js";
import { execute, outputsOf } from "../program/executor.js";
import { errorOfRange } from "./accuracy.js";
import type { Calibration } from "./calibrate.js";
import { type Decision, withDecisions } from "./decisions.js";
import { DEFAULT_QUANTIZE, type Precision, type QuantizeOptions, WIDE_QUANTIZE } from "./precision.js";
import type { WeightsChoice } from "./weightsChoice.js";
import { type QuantizedGraph, quantizeGraph } from "./quantize.js";
import { dequantize, quantizeSample } from "./sampleValues.js";

/** Percent of the output's range that 8 bits may lose on calibration samples before more are spent. */
const ACCEPTED_ERROR = 0.8;

/** Models of so few activations cost next to nothing, so they get all the bits that there are. */
const SMALL_MODEL = 512;


export interface ChosenPrecision extends QuantizedGraph {
  readonly options: QuantizeOptions;
  readonly decisions: readonly Decision[];
}

export function quantizePrecisely(graph: Graph, calibration: Calibration, precision: Precision, weights: WeightsChoice = "fixed"): ChosenPrecision {
  const made = (bits: QuantizeOptions): ChosenPrecision => {
    const options = { ...bits, weights };
    const { result, decisions } = withDecisions(undefined, () => quantizeGraph(graph, calibration.ranges, options));
    return { ...result, options, decisions };
  };
  if (precision.bits !== undefined) return made(precision.bits === 16 ? WIDE_QUANTIZE : DEFAULT_QUANTIZE);
  if (precision.target === "size") return made(DEFAULT_QUANTIZE);
  if (activations(graph) <= SMALL_MODEL) return made(WIDE_QUANTIZE);
  let chosen = made(DEFAULT_QUANTIZE);
  for (const options of ladder(graph, calibration, chosen)) {
    if (measuredError(chosen, calibration) <= ACCEPTED_ERROR) break;
    chosen = made(options);
  }
  return chosen;
}

function activations(graph: Graph): number {
  return [...graph.values.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
}

/** Wider and wider options: the noisiest quarter of all values, half, all. */
function ladder(graph: Graph, calibration: Calibration, { values }: QuantizedGraph): QuantizeOptions[] {
  const noise = [...values]
    .filter(([name]) => !isInteger(graph.values.get(name)?.elementType ?? "float32"))
    .map(([name, { scale }]) => ({ name, noise: scale / (rootMeanSquare(calibration, name) || Infinity) }))
    .sort((a, b) => b.noise - a.noise || (a.name < b.name ? -1 : 1));
  const noisiest = (share: number): ReadonlySet<string> => new Set(noise.slice(0, Math.ceil(noise.length * share)).map(({ name }) => name));
  return [{ ...DEFAULT_QUANTIZE, wide: noisiest(1 / 4) }, { ...DEFAULT_QUANTIZE, wide: noisiest(1 / 2) }, WIDE_QUANTIZE];
}

function rootMeanSquare({ kept }: Calibration, name: string): number {
  let sum = 0;
  let count = 0;
  for (const { values } of kept) {
    const data = values.get(name) ?? [];
    for (let i = 0; i < data.length; i++) sum += data[i] ** 2;
    count += data.length;
  }
  return count === 0 ? 0 : Math.sqrt(sum / count);
}

/** Mean error of range over the kept samples, of the worst output. */
function measuredError({ program }: QuantizedGraph, { kept }: Calibration): number {
  const errors = kept.map(({ sample, values }) => {
    const integers = outputsOf(program, execute(program, quantizeSample(program, sample).inputs));
    return errorOfRange(program.outputs.map((port, i) => ({ quantized: dequantize(port, integers[i]), float: values.get(port.name) ?? [] })));
  });
  return errors.reduce((a, b) => a + b, 0) / errors.length;
}
