/** Bits where they matter: a program is measured on calibration samples, and the noisiest values get 16 bits until it is good enough. */
import type { Graph } from "../onnx/graph.js";
import { isInteger } from "../math/elements.js";
import { elementCount } from "../math/shape.js";
import { fromDyadic } from "../math/scale.js";
import type { Tick } from "../progress.js";
import type { Calibration } from "./calibrate.js";
import type { Decision } from "./decisions.js";
import { type Fidelity, measureFidelity, type OutputError } from "./fidelity.js";
import { activationElements, SMALL_MODEL } from "./modelSize.js";
import { inThisThread, type Place } from "./place.js";
import { DEFAULT_QUANTIZE, LARGE_MODEL, type Precision, type QuantizeOptions, WIDE_QUANTIZE } from "./precision.js";
import type { WeightsChoice } from "./weightsChoice.js";
import type { QuantizedGraph } from "./quantize.js";

/** Percent of the output's range that 8 bits may lose on calibration samples before more are spent. */
const ACCEPTED_ERROR = 0.8;

/** Percent of an output's sum that a large model may lose where nearly all elements are nearly 0, as probabilities of many classes. */
const ACCEPTED_OF_SPARSE = 1;

/** Elements whose mean is a smaller part of the greatest one are nearly 0. */
const SPARSE = 1 / 100;

/** Of an output's magnitude: eight bits and a sign. */
const COARSEST_STEP = 2 ** -8;
const STEP_MARGIN = 1.1;
const STEP_ROUNDS = 4;

export interface ChosenPrecision extends QuantizedGraph {
  readonly options: QuantizeOptions;
  readonly decisions: readonly Decision[];
  /** Measured on calibration samples. */
  readonly fidelity: Fidelity;
}

export interface PreciseOptions {
  /** Default: all fixed. */
  readonly weights?: WeightsChoice;
  /** Where it is done; default: in this thread. The result is the same to the last bit. */
  readonly place?: Place;
  readonly onProgress?: Tick;
  readonly signal?: AbortSignal;
}

/** @throws AssayError QUANTIZE_RANGE; BAD_USAGE for weights that are not there; RUNTIME_FAILED; WORKER_FAILED; ABORTED */
export async function quantizePrecisely(graph: Graph, calibration: Calibration, precision: Precision, given: PreciseOptions = {}): Promise<ChosenPrecision> {
  const { weights = "fixed", place = inThisThread(graph), onProgress, signal } = given;
  const { ranges, kept } = calibration;
  let attempts = 0;
  const made = async (chosen: QuantizeOptions): Promise<ChosenPrecision> => {
    const note = ++attempts === 1 ? undefined : `attempt ${attempts}`;
    const tick = (done: number): void => onProgress?.(done, kept.length + 1, note);
    tick(0);
    const options = { ...chosen, weights };
    const result = await place.run("quantize", { ranges, options });
    tick(1);
    return { ...result, options, fidelity: await measureFidelity(graph, result.program, result.values, kept, { place, signal, onProgress: (done) => tick(done + 1) }) };
  };
  let chosen = await precise(graph, calibration, precision, made);
  // A coarser step lets tables be coarser too, which may need a step that is coarser still.
  for (let round = 0; round < STEP_ROUNDS; round++) {
    const outputSteps = meaningfulSteps(chosen, calibration);
    if (outputSteps.size === 0) break;
    chosen = await made({ ...chosen.options, outputSteps: new Map([...chosen.options.outputSteps, ...outputSteps]) });
  }
  return chosen;
}

type Make = (options: QuantizeOptions) => Promise<ChosenPrecision>;

async function precise(graph: Graph, calibration: Calibration, { bits, target }: Precision, made: Make): Promise<ChosenPrecision> {
  if (bits !== undefined) return made(bits === 16 ? WIDE_QUANTIZE : DEFAULT_QUANTIZE);
  if (target === "size") return made(DEFAULT_QUANTIZE);
  // They cost next to nothing, so they get all the bits that there are.
  const elements = activationElements(graph);
  if (elements <= SMALL_MODEL) return made(WIDE_QUANTIZE);
  const few = valuesOfFewElements(graph);
  let chosen = await made({ ...DEFAULT_QUANTIZE, wide: few });
  for (const options of ladder(graph, calibration, chosen, few)) {
    if (chosen.fidelity.outputs.every((error) => isAccepted(error, elements > LARGE_MODEL))) break;
    chosen = await made(options);
  }
  return chosen;
}

function isAccepted({ errorOfRange, errorOfMagnitude }: OutputError, isLarge: boolean): boolean {
  const isSparse = isLarge && errorOfRange < errorOfMagnitude * SPARSE;
  return errorOfRange <= ACCEPTED_ERROR && !(isSparse && errorOfMagnitude > ACCEPTED_OF_SPARSE);
}

/**
 * Outputs whose error is small, but above their step, get a step that holds it: then every element is right within one step.
 * Outputs whose error is larger than that keep their fine step, which argmax needs.
 */
function meaningfulSteps({ program, fidelity }: ChosenPrecision, { ranges }: Calibration): ReadonlyMap<string, number> {
  return new Map(
    fidelity.outputs.flatMap(({ name, max }, o): [string, number][] => {
      const range = ranges.get(name) ?? { low: 0, high: 0 };
      // The rounding to the step adds half of one.
      const step = 2 * STEP_MARGIN * max;
      const fits = step <= Math.max(-range.low, range.high) * COARSEST_STEP;
      return fits && max > fromDyadic(program.outputs[o].scale) ? [[name, step]] : [];
    }),
  );
}

/** Values of so few elements are cheap at any precision, and often what all others depend on. */
const FEW_ELEMENTS = 16;

function valuesOfFewElements(graph: Graph): ReadonlySet<string> {
  return new Set([...graph.values.values()].flatMap(({ name, shape }) => (elementCount(shape) <= FEW_ELEMENTS ? [name] : [])));
}

/** Wider and wider options: the noisiest quarter of all values, half, all. */
function ladder(graph: Graph, calibration: Calibration, { values }: QuantizedGraph, few: ReadonlySet<string>): QuantizeOptions[] {
  const noise = [...values]
    .filter(([name]) => !isInteger(graph.values.get(name)?.elementType ?? "float32"))
    .map(([name, { scale }]) => ({ name, noise: scale / (rootMeanSquare(calibration, name) || Infinity) }))
    .sort((a, b) => b.noise - a.noise || (a.name < b.name ? -1 : 1));
  const noisiest = (share: number): ReadonlySet<string> => new Set([...few, ...noise.slice(0, Math.ceil(noise.length * share)).map(({ name }) => name)]);
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
