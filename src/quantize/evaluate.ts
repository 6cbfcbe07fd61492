/** Error of a program against its float model over samples, and the accuracy of both where the samples have labels. */
import { AssayError } from "../errors.js";
import type { FastOptions } from "../fast/index.js";
import type { RealArray } from "../math/elements.js";
import type { Graph } from "../onnx/graph.js";
import { FloatModel } from "../onnx/runtime.js";
import type { Port, Program, TensorData } from "../program/types.js";
import type { Sample } from "../samples/samples.js";
import { argmax, errorOfRange, meanAbsolutePercentageError } from "./accuracy.js";
import { type OutputError, OutputErrors } from "./fidelity.js";
import { type ProgramRun, runOf } from "./programRun.js";
import { dequantize, quantizeSample } from "./sampleValues.js";

export interface Evaluation {
  /** How many the rest is about. */
  readonly samples: number;
  /** Fraction in [0, 1] of samples whose first output's argmax is the label; absent without labels. */
  readonly floatAccuracy?: number;
  /** The same of the program. */
  readonly quantizedAccuracy?: number;
  /** Fraction of samples on which both have the same argmax. */
  readonly agreement: number;
  /** Percent: mean |q − f| / max |f| of an output, of several the worst; mean over the samples. */
  readonly errorOfRange: number;
  /** Percent: mean of |q − f| / |f| over all outputs' elements, 100 where only f is 0; mean over the samples. */
  readonly meanAbsolutePercentageError: number;
  /** In the program's order. */
  readonly outputs: readonly OutputError[];
  /** Input elements clamped to their range, over all samples. */
  readonly saturated: number;
}

/** What model and program made of a sample, an array an output. */
export interface SampleOutputs {
  readonly float: readonly RealArray[];
  readonly integers: readonly TensorData[];
  /** Input elements clamped to their range. */
  readonly saturated: number;
}

/** Runs samples through both. */
export class SampleRun {
  private constructor(
    private readonly program: Program,
    private readonly model: FloatModel,
    private readonly integers: ProgramRun,
  ) {}

  /**
   * @param graph its inputs and outputs are all that counts
   * @param samples how many there are in all, wherever they run: decides which executor runs the program
   * @param options of the fast executor
   */
  static async load(modelBytes: Uint8Array, graph: Pick<Graph, "inputs" | "outputs">, program: Program, samples: number, options: FastOptions = {}): Promise<SampleRun> {
    const model = await FloatModel.load(modelBytes, graph.inputs, graph.outputs.map((output) => output.name));
    try {
      return new SampleRun(program, model, await runOf(program, program.outputs.map(({ tensor }) => tensor), samples, options));
    } catch (error) {
      await model.close();
      throw error;
    }
  }

  async run(sample: Sample): Promise<SampleOutputs> {
    const float = (await this.model.run(sample)).map((tensor) => tensor.data);
    const { inputs, saturated } = quantizeSample(this.program, sample);
    return { float, integers: await this.integers.run(inputs), saturated: Object.values(saturated).reduce((a, b) => a + b, 0) };
  }

  async close(): Promise<void> {
    await this.model.close();
    await this.integers.close();
  }
}

/** Sums up in the order in which samples are added: sums of floats depend on it. */
export class Tally {
  #samples = 0;
  readonly #sums = { float: 0, quantized: 0, agree: 0, range: 0, percentage: 0, saturated: 0 };
  readonly #errors: readonly OutputErrors[];

  /**
   * @param outputs of the program
   * @param labels class numbers, one a sample
   * @throws AssayError INPUT_MISMATCH when there are more or fewer
   */
  constructor(
    private readonly outputs: readonly Port[],
    samples: number,
    private readonly labels: readonly number[] | undefined,
  ) {
    if (labels !== undefined && samples !== labels.length) {
      throw new AssayError("INPUT_MISMATCH", `${samples} samples, but ${labels.length} labels`);
    }
    this.#errors = outputs.map(() => new OutputErrors());
  }

  add({ float, integers, saturated }: SampleOutputs): void {
    const label = this.labels?.[this.#samples];
    this.#samples++;
    const pairs = integers.map((values, o) => ({ quantized: dequantize(this.outputs[o], values), float: float[o] }));
    pairs.forEach((pair, o) => this.#errors[o].add(pair.quantized, pair.float));
    const classes = { float: argmax(float[0]), quantized: argmax(integers[0]) };
    this.#sums.float += Number(classes.float === label);
    this.#sums.quantized += Number(classes.quantized === label);
    this.#sums.agree += Number(classes.float === classes.quantized);
    this.#sums.range += errorOfRange(pairs);
    this.#sums.percentage += meanAbsolutePercentageError(pairs);
    this.#sums.saturated += saturated;
  }

  report(): Evaluation {
    const n = this.#samples;
    const { float, quantized, agree, range, percentage, saturated } = this.#sums;
    return {
      samples: n,
      ...(this.labels === undefined ? {} : { floatAccuracy: float / n, quantizedAccuracy: quantized / n }),
      agreement: agree / n,
      errorOfRange: range / n,
      meanAbsolutePercentageError: percentage / n,
      outputs: this.#errors.map((each, o) => each.report(this.outputs[o].name)),
      saturated,
    };
  }
}

/** In this thread, sample by sample; what several threads give is the same. */
export async function evaluate(
  modelBytes: Uint8Array,
  graph: Graph,
  program: Program,
  samples: readonly Sample[],
  labels: readonly number[] | undefined,
): Promise<Evaluation> {
  const tally = new Tally(program.outputs, samples.length, labels);
  const run = await SampleRun.load(modelBytes, graph, program, samples.length);
  try {
    for (const sample of samples) tally.add(await run.run(sample));
  } finally {
    await run.close();
  }
  return tally.report();
}
