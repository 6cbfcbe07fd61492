/** Error of a program against its float model over samples, and the accuracy of both where the samples have labels. */
import { AssayError } from "../errors.js";
import type { Graph } from "../onnx/graph.js";
import { FloatModel } from "../onnx/runtime.js";
import type { Program } from "../program/types.js";
import type { Tick } from "../progress.js";
import type { Sample } from "../samples/samples.js";
import { argmax, errorOfRange, meanAbsolutePercentageError } from "./accuracy.js";
import { type OutputError, OutputErrors } from "./fidelity.js";
import { runOf } from "./programRun.js";
import { dequantize, quantizeSample } from "./sampleValues.js";

export interface Evaluation {
  readonly samples: number;
  /** Fractions in [0, 1] of samples whose first output's argmax is the label; absent without labels. */
  readonly floatAccuracy?: number;
  readonly quantizedAccuracy?: number;
  /** Fraction of samples on which both have the same argmax. */
  readonly agreement: number;
  /** Means over the samples, percent; of several outputs the worst. */
  readonly errorOfRange: number;
  readonly meanAbsolutePercentageError: number;
  readonly outputs: readonly OutputError[];
  /** Input elements clamped to their range, over all samples. */
  readonly saturated: number;
}

export async function evaluate(
  modelBytes: Uint8Array,
  graph: Graph,
  program: Program,
  samples: readonly Sample[],
  labels: readonly number[] | undefined,
  tick: Tick = () => undefined,
): Promise<Evaluation> {
  if (labels !== undefined && samples.length !== labels.length) {
    throw new AssayError("INPUT_MISMATCH", `${samples.length} samples, but ${labels.length} labels`);
  }
  const model = await FloatModel.load(modelBytes, graph.inputs, graph.outputs.map((output) => output.name));
  const run = await runOf(program, program.outputs.map(({ tensor }) => tensor), samples.length);
  const sums = { float: 0, quantized: 0, agree: 0, range: 0, percentage: 0, saturated: 0 };
  const errors = program.outputs.map(() => new OutputErrors());
  try {
    for (const [i, sample] of samples.entries()) {
      const float = (await model.run(sample)).map((tensor) => tensor.data);
      const { inputs, saturated } = quantizeSample(program, sample);
      const integers = await run.run(inputs);
      const pairs = integers.map((values, o) => ({ quantized: dequantize(program.outputs[o], values), float: float[o] }));
      pairs.forEach((pair, o) => errors[o].add(pair.quantized, pair.float));
      const classes = { float: argmax(float[0]), quantized: argmax(integers[0]) };
      sums.float += Number(classes.float === labels?.[i]);
      sums.quantized += Number(classes.quantized === labels?.[i]);
      sums.agree += Number(classes.float === classes.quantized);
      sums.range += errorOfRange(pairs);
      sums.percentage += meanAbsolutePercentageError(pairs);
      sums.saturated += Object.values(saturated).reduce((a, b) => a + b, 0);
      tick(i + 1, samples.length);
    }
  } finally {
    await model.close();
    await run.close();
  }
  const n = samples.length;
  return {
    samples: n,
    ...(labels === undefined ? {} : { floatAccuracy: sums.float / n, quantizedAccuracy: sums.quantized / n }),
    agreement: sums.agree / n,
    errorOfRange: sums.range / n,
    meanAbsolutePercentageError: sums.percentage / n,
    outputs: errors.map((each, o) => each.report(program.outputs[o].name)),
    saturated: sums.saturated,
  };
}
