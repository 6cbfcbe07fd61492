/** Storage type and scale of an activation from its range; shifts of weights from their magnitude. */
import { elementRange } from "../program/elementType.js";
import type { ElementType } from "../program/types.js";
import { decide } from "./decisions.js";
import type { ValueRange } from "./ranges.js";

/** Of the integers that hold activations and weights. */
export type Bits = 8 | 16;

export interface Quantization {
  readonly type: ElementType;
  /** real = integer · scale */
  readonly scale: number;
}

/** Of a value that was always 0: any scale serves it, and a small one takes no precision from what it is added to. */
const ZERO_SCALE = 2 ** -30;

/**
 * @param headroom factor ≥ 1 by which the range may be exceeded before values saturate
 */
export function chooseQuantization(range: ValueRange, bits: Bits, unsigned: boolean, headroom: number): Quantization {
  const type: ElementType = bits === 8 ? (unsigned ? "u8" : "i8") : unsigned ? "u16" : "i16";
  const magnitude = Math.max(Math.abs(range.low), Math.abs(range.high)) * headroom;
  const scale = magnitude > 0 ? magnitude / elementRange(type).high : ZERO_SCALE;
  return { type, scale: range.integral === true && magnitude > 0 ? exactScale(scale) : scale };
}

/** Columns that differ by more than this are not held by 16 bits together. */
const SPREAD = 16;

/** An input whose columns differ much in size. */
export interface SpreadQuantization extends Quantization {
  /** What brings each column to 16 bits. */
  readonly shifts: readonly number[];
}

/** 32 bits, of which the smallest column keeps 15 and the largest has at most 30, at a scale that is a power of two. */
export function spreadQuantization({ low, high, columns = [] }: ValueRange): SpreadQuantization | undefined {
  const magnitude = Math.max(-low, high);
  const finest = columns.reduce((least, column) => (column > 0 ? Math.min(least, column) : least), magnitude);
  if (magnitude <= finest * SPREAD) return undefined;
  const scale = 2 ** Math.ceil(Math.log2(Math.max(finest / 2 ** 15, magnitude / 2 ** 30)));
  const shifts = columns.map((column) => Math.max(0, Math.ceil(Math.log2(Math.max(column, finest) / scale)) - 15));
  return { type: "i32", scale, shifts };
}

/** For values that were always integers: a power of two, so that integers are held exactly and compare as they should. */
function exactScale(scale: number): number {
  const exact = 2 ** Math.ceil(Math.log2(scale));
  return exact <= 1 ? exact : scale;
}

/** Largest magnitudes of rounded weights and of multipliers of elementwise operations. */
export interface Limits {
  readonly weight: number;
  readonly factor: number;
}

/**
 * Multipliers of elementwise operations keep a few bits more than what they multiply: they have no sum over which rounding
 * errors would cancel.
 */
export function limitsOf(weightBits: Bits, bits: Bits): Limits {
  return { weight: weightBits === 8 ? 127 : 32767, factor: bits === 8 ? 1023 : 2 ** 19 - 1 };
}

/** Shifts beyond this gain nothing: the rounding error is far below one unit already. */
const MAX_SHIFT = 24;

/** Keeps a rounded bias far below 2^53. */
export const MAX_BIAS = 2 ** 40;

/**
 * The largest shift s at which `magnitude`·2^s rounds to at most `limit` and the bias stays in range.
 * A multiplier that is too large even at s = 0 keeps s = 0 and needs a wider weight type.
 * @param most largest shift that is of use
 * @param largestBias that may come out
 */
export function chooseShift(magnitude: number, bias: number, limit: number, most = MAX_SHIFT, largestBias = MAX_BIAS): number {
  return decide("shift", () => largestShift(magnitude, bias, limit, most, largestBias));
}

function largestShift(magnitude: number, bias: number, limit: number, most: number, largestBias: number): number {
  const byWeight = magnitude > 0 ? Math.floor(Math.log2((limit + 0.5) / magnitude)) : most;
  const byBias = bias !== 0 ? Math.floor(Math.log2(largestBias / Math.abs(bias))) : most;
  const shift = Math.max(0, Math.min(byWeight, byBias, most));
  return Math.round(magnitude * 2 ** shift) > limit && shift > 0 ? shift - 1 : shift;
}

/** The largest shift at which an accumulator of this magnitude (in units of the output) stays below 2^51. */
export function shiftWithin(magnitude: number): number {
  return Math.min(44, Math.floor(51 - Math.log2(Math.max(magnitude, 1))));
}

/** Whether factors and offsets are integers as they are, so that a shift would gain nothing. */
export function areIntegers(values: Iterable<number>): boolean {
  return decide("integers", () => (everyInteger(values) ? 1 : 0)) === 1;
}

function everyInteger(values: Iterable<number>): boolean {
  for (const value of values) if (!Number.isInteger(value) || Math.abs(value) > MAX_BIAS) return false;
  return true;
}

/** Bits by which a smaller factor of a sum may be rounded more coarsely than it could be. */
const COARSER_BITS = 3;

/**
 * The shift at which the two factors of a sum are rounded: the greater one fills its limit, unless the operand with the smaller
 * one, of much finer steps, would lose bits that count in steps of the sum.
 * @param reach greatest integer of the operands
 */
export function factorShift(factors: readonly number[], limit: number, reach: number): number {
  if (areIntegers(factors)) return 0;
  const sizes = factors.map(Math.abs);
  const finest = Math.min(chooseShift(Math.min(...sizes), 0, limit) - COARSER_BITS, Math.ceil(Math.log2(4 * Math.min(reach, 2 ** 16))));
  return Math.max(chooseShift(Math.max(...sizes), 0, limit), finest);
}

/** Storage of an exact integer value in [low, high]; undefined beyond 2^53. */
export function integerType(low: number, high: number): ElementType | undefined {
  return (["u8", "i8", "u16", "i16", "i32", "i64"] as const).find((type) => low >= elementRange(type).low && high <= elementRange(type).high);
}

/** The narrowest type that holds all values. */
export function constantType(values: Float64Array): ElementType {
  const magnitude = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return (["i8", "i16", "i32"] as const).find((type) => magnitude <= elementRange(type).high) ?? "i64";
}
