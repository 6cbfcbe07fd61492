/** Rounding of output-major weights: a shift for each output channel, the rescaling multiplier folded in. */
import { elementCount } from "../../math/shape.js";
import type { Constant } from "../../program/types.js";
import { chooseShift, constantType } from "../scales.js";
import { type ChannelFold, compactShifts } from "./draft.js";

export interface RoundedWeights {
  readonly weight: Constant;
  readonly bias: Constant;
  readonly shifts: readonly number[];
}

/**
 * @param weights real, [out, ...] row-major, with `shape`
 * @param bias real, [out]
 * @param ratio input scale / output scale
 * @param limit largest magnitude of a rounded weight
 */
export function roundWeights(
  weights: Float64Array,
  shape: readonly number[],
  bias: Float64Array,
  fold: ChannelFold,
  scales: { readonly input: number; readonly output: number },
  limit: number,
): RoundedWeights {
  const outputs = shape[0];
  const rowLength = elementCount(shape) / outputs;
  const rounded = new Float64Array(weights.length);
  const roundedBias = new Float64Array(outputs);
  const shifts: number[] = [];
  for (let o = 0; o < outputs; o++) {
    const row = weights.subarray(o * rowLength, (o + 1) * rowLength);
    const factor = (fold.multiplier[o] * scales.input) / scales.output;
    const offset = (bias[o] * fold.multiplier[o] + fold.offset[o]) / scales.output;
    const magnitude = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0) * Math.abs(factor);
    const shift = chooseShift(magnitude, offset, limit);
    row.forEach((value, i) => {
      rounded[o * rowLength + i] = roundInteger(value * factor * 2 ** shift);
    });
    roundedBias[o] = roundInteger(offset * 2 ** shift);
    shifts.push(shift);
  }
  return {
    weight: { shape, type: constantType(rounded), data: rounded },
    bias: { shape: [outputs], type: constantType(roundedBias), data: roundedBias },
    shifts: compactShifts(shifts),
  };
}

/** Math.round without negative zero, which canonical encodings have no room for. */
export function roundInteger(value: number): number {
  return Math.round(value) + 0;
}
