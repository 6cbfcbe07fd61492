/** Some of the samples of a calibration: their ranges, and the values of the first ones. */
import { AssayError } from "../errors.js";
import { type Failure, isWanted, stopFrom, type StopFlag, toFailure } from "../pool/index.js";
import type { Graph } from "../onnx/graph.js";
import type { Sample } from "../samples/samples.js";
import { FloatGraph, type FloatValues } from "./floatValues.js";
import { notFinite, RangeCollector, type Ranges } from "./ranges.js";

/** All values of the float model on a sample. */
export interface KeptSample {
  readonly sample: Sample;
  readonly values: FloatValues;
}

export interface NumberedSample {
  /** Its place among all samples. */
  readonly number: number;
  readonly sample: Sample;
}

export interface CalibrateSlice {
  /** In order. */
  readonly samples: readonly NumberedSample[];
  /** On samples before this one the model must be defined; others are left out where it is not. */
  readonly required: number;
  /** Values of samples before this one are kept. */
  readonly keepBelow: number;
  readonly stop: StopFlag;
}

export interface SliceCalibration {
  readonly ranges: Ranges;
  readonly kept: readonly { readonly number: number; readonly values: FloatValues }[];
  /** Numbers of the samples on which the model is defined. */
  readonly defined: readonly number[];
  /** Of the last sample on which it is not; with a required one the slice ends, and later ones are stopped. */
  readonly failure?: { readonly number: number; readonly failure: Failure };
}

export async function calibrateSlice(modelBytes: Uint8Array, graph: Graph, slice: CalibrateSlice, onSample: (done: number) => void): Promise<SliceCalibration> {
  const { samples, required, keepBelow, stop } = slice;
  if (samples.every(({ number }) => !isWanted(stop, number))) return { ranges: new Map(), kept: [], defined: [] };
  const float = await FloatGraph.load(modelBytes, graph);
  const collector = new RangeCollector();
  const kept: SliceCalibration["kept"][number][] = [];
  const defined: number[] = [];
  let failure: SliceCalibration["failure"];
  try {
    for (const [done, { number, sample }] of samples.entries()) {
      if (!isWanted(stop, number)) break;
      const values = await definedValues(float, sample);
      onSample(done + 1);
      if (values instanceof AssayError) {
        failure = { number, failure: toFailure(values, "calibrate") };
        if (number < required) stopFrom(stop, number);
        continue;
      }
      defined.push(number);
      collect(collector, graph, values);
      if (number < keepBelow) kept.push({ number, values });
    }
  } finally {
    await float.close();
  }
  return { ranges: collector.ranges, kept, defined, failure };
}

function collect(collector: RangeCollector, graph: Graph, values: FloatValues): void {
  // Images and sequences have one quantity; rows of features have one a column.
  const tables = new Map(graph.inputs.flatMap(({ name, shape }) => (shape.length === 2 && shape[1] > 1 ? [[name, shape[1]] as const] : [])));
  for (const [name, data] of values) {
    const columns = tables.get(name);
    if (columns === undefined) collector.add(name, data);
    else collector.addRows(name, data, columns);
  }
}

/** An error where the model refuses the sample or computes what is no number. */
async function definedValues(float: FloatGraph, sample: Sample): Promise<FloatValues | AssayError> {
  try {
    const values = await float.run(sample);
    const found = notFinite(values);
    return found === undefined ? values : undefinedValue(...found);
  } catch (error) {
    if (error instanceof AssayError) return error;
    throw error;
  }
}

function undefinedValue(name: string, value: number): AssayError {
  return new AssayError("QUANTIZE_RANGE", `the float model computes ${value} on a calibration sample`, {
    where: `value ${name}`,
    hint: "calibrate with samples that the model is meant for",
  });
}
