/** Rounding of output-major weights: a shift for each output channel, the rescaling multiplier folded in. */
import { elementCount } from "../../math/shape.js";
import type { Constant } from "../../program/types.js";
import { areIntegers, chooseShift, constantType } from "../scales.js";
import { type ChannelFold, compactShifts } from "./draft.js";

export interface RoundedWeights {
  readonly weight: Constant;
  readonly bias: Constant;
  readonly shifts: readonly number[];
}

/** Real weights of a linear node, output-major. */
export interface RealWeights {
  /** [out, ...] row-major. */
  readonly data: Float64Array;
  readonly shape: readonly number[];
  /** [out] */
  readonly bias: Float64Array;
}

export interface RoundingScales {
  readonly input: number;
  readonly output: number;
  /** How large a bias may come out. */
  readonly largestBias: number;
}

/** The largest shift of each output channel at which its weights round to at most `limit`. */
export function weightShifts({ data, shape, bias }: RealWeights, fold: ChannelFold, scales: RoundingScales, limit: number): number[] {
  const rowLength = elementCount(shape) / shape[0];
  return Array.from({ length: shape[0] }, (_, o) => {
    const { factor, offset } = channelFactors(bias, fold, scales, o);
    const row = data.subarray(o * rowLength, (o + 1) * rowLength);
    if (areIntegers([offset]) && areIntegers(row.map((value) => value * factor))) return 0;
    const magnitude = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return chooseShift(magnitude * Math.abs(factor), offset, limit, undefined, scales.largestBias);
  });
}

/** @param shifts one an output channel */
export function roundWeights({ data, shape, bias }: RealWeights, fold: ChannelFold, scales: RoundingScales, shifts: readonly number[]): RoundedWeights {
  const outputs = shape[0];
  const rowLength = elementCount(shape) / outputs;
  const rounded = new Float64Array(data.length);
  const roundedBias = new Float64Array(outputs);
  for (let o = 0; o < outputs; o++) {
    const { factor, offset } = channelFactors(bias, fold, scales, o);
    const unit = 2 ** shifts[o];
    for (let i = o * rowLength; i < (o + 1) * rowLength; i++) rounded[i] = roundInteger(data[i] * factor * unit);
    roundedBias[o] = roundInteger(offset * unit);
  }
  return {
    weight: { shape, type: constantType(rounded), data: rounded },
    bias: { shape: [outputs], type: constantType(roundedBias), data: roundedBias },
    shifts: compactShifts(shifts),
  };
}

/** What a weight and the constant of an output channel are multiplied by, before the shift. */
function channelFactors(bias: Float64Array, fold: ChannelFold, scales: RoundingScales, o: number): { factor: number; offset: number } {
  return {
    factor: (fold.multiplier[o] * scales.input) / scales.output,
    offset: (bias[o] * fold.multiplier[o] + fold.offset[o]) / scales.output,
  };
}

/** Math.round without negative zero, which canonical encodings have no room for. */
export function roundInteger(value: number): number {
  return Math.round(value) + 0;
}
