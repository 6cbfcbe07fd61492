/** Between a user's floats and a program's integers. This scaling lies outside the proof. */
import { fromDyadic } from "../math/scale.js";
import { elementRange } from "../program/elementType.js";
import type { Port, Program, TensorData } from "../program/types.js";
import type { Sample } from "../samples/samples.js";

export interface QuantizedSample {
  readonly inputs: readonly TensorData[];
  /** Elements that lie outside their type's range and were clamped, by input name. */
  readonly saturated: Readonly<Record<string, number>>;
}

export function quantizeSample(program: Program, sample: Sample): QuantizedSample {
  const saturated: Record<string, number> = {};
  const inputs = program.inputs.map((port, i) => {
    const { low, high } = elementRange(program.tensors[port.tensor].type);
    const scale = fromDyadic(port.scale);
    let clamped = 0;
    const values = Float64Array.from(sample[i], (value) => {
      const rounded = Math.round(value / scale) + 0;
      const kept = Math.min(Math.max(rounded, low), high);
      if (kept !== rounded) clamped++;
      return kept;
    });
    saturated[port.name] = clamped;
    return values;
  });
  return { inputs, saturated };
}

export function dequantize(port: Port, values: TensorData): Float64Array {
  const scale = fromDyadic(port.scale);
  return values.map((value) => value * scale);
}
