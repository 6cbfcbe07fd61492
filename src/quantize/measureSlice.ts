/** A program over some of the samples whose float values are known. */
import { setImmediate } from "node:timers/promises";
import { isWanted, type StopFlag } from "../pool/index.js";
import { flatIndices, stridesOf } from "../math/shape.js";
import type { Program, TensorData } from "../program/types.js";
import { errorOfRange } from "./accuracy.js";
import type { KeptSample } from "./calibrateSlice.js";
import type { QuantizedValue } from "./heads/draft.js";
import { runOf } from "./programRun.js";
import { quantizeSample } from "./sampleValues.js";

export interface MeasureSlice {
  readonly program: Program;
  /** Where values of the graph are in the program. */
  readonly values: ReadonlyMap<string, QuantizedValue>;
  readonly samples: readonly KeptSample[];
  /** How many samples there are in all: decides which executor runs the program. */
  readonly total: number;
  /** Of onnxruntime; default: as many as the machine runs at once. */
  readonly threads?: number;
  readonly stop: StopFlag;
}

export interface SampleErrors {
  /** The program's outputs. */
  readonly outputs: readonly TensorData[];
  /** Error of range of each value, percent, in the order of `values`. */
  readonly errors: readonly number[];
}

export async function measureSlice({ program, values, samples, total, threads, stop }: MeasureSlice, onSample: (done: number) => void): Promise<SampleErrors[]> {
  if (!isWanted(stop, 0)) return [];
  const wanted = [...program.outputs, ...values.values()].map(({ tensor }) => tensor);
  const run = await runOf(program, wanted, total, { threads });
  const measured: SampleErrors[] = [];
  try {
    for (const { sample, values: float } of samples) {
      // Lets an abort arrive: the reference executor waits for nothing.
      await setImmediate();
      if (!isWanted(stop, 0)) break;
      const tensors = await run.run(quantizeSample(program, sample).inputs);
      const errors = [...values].map(([name, value], v) => errorOfRange([{ quantized: inOnnxOrder(program, value, tensors[program.outputs.length + v]), float: float.get(name) ?? [] }]));
      measured.push({ outputs: tensors.slice(0, program.outputs.length), errors });
      onSample(measured.length);
    }
  } finally {
    await run.close();
  }
  return measured;
}

/** Real values in ONNX's order of axes. */
function inOnnxOrder(program: Program, { tensor, layout, scale }: QuantizedValue, data: TensorData): Float64Array {
  const { shape } = program.tensors[tensor];
  const strides = stridesOf(shape);
  const axes = layout.map((_, axis) => layout.indexOf(axis));
  const indices = flatIndices(axes.map((axis) => shape[axis]), axes.map((axis) => strides[axis]));
  return Float64Array.from(indices, (index) => data[index] * scale);
}
