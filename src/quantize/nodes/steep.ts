/**
 * Functions that are steep at one end of their domain, as 1/x, log and square roots near 0: a second table covers that end 32
 * times as finely, and a comparison chooses between the two.
 */
import type { RealFunction } from "../../onnx/graph.js";
import { elementRange } from "../../program/elementType.js";
import type { TensorId } from "../../program/types.js";
import type { ProgramBuilder } from "../builder.js";
import type { Accumulator } from "../heads/draft.js";
import type { Quantization } from "../scales.js";
import { isPositive, minusMultiple, ONE, toIndex } from "./clamp.js";
import { chordAccumulator, type Domain, segmentErrors } from "./function.js";

/** log2 of how much finer the second table is, and of the part of the domain that it covers. */
const FINER_BITS = 5;

export type SteepEnd = "low" | "high";

/** The end where chords are too far off, if they are near enough everywhere else. */
export function steepEnd(fn: RealFunction, domain: Domain, tolerance: number): SteepEnd | undefined {
  if (fn.snap === true || domain.segmentBits === 0) return undefined;
  const errors = segmentErrors(fn, domain);
  const end = errors.length >> FINER_BITS;
  const worst = (part: Float64Array): number => part.reduce((a, b) => Math.max(a, b), 0);
  const [low, inner, high] = [worst(errors.subarray(0, end)), worst(errors.subarray(end, -end)), worst(errors.subarray(-end))];
  if (Math.max(low, high) <= tolerance) return undefined;
  const [most, others, side] = low >= high ? ([low, Math.max(inner, high), "low"] as const) : ([high, Math.max(inner, low), "high"] as const);
  return others * 4 <= most ? side : undefined;
}

/** Whether the accumulator has bits enough below the index. */
export function canBeFiner({ shifts }: Accumulator): boolean {
  return shifts.every((shift) => shift >= FINER_BITS);
}

/** @param acc the argument in steps of the domain, from its lower end */
export function steepTable(
  builder: ProgramBuilder,
  node: string,
  fn: RealFunction,
  domain: Domain,
  end: SteepEnd,
  acc: Accumulator,
  output: Quantization,
  name: string,
): TensorId {
  const length = 2 ** domain.bits - 1;
  const forward = end === "low" ? acc : mirrored(builder, node, acc, length);
  const seenFrom = end === "low" ? fn : { ...fn, apply: (x: number) => fn.apply(domain.low + length * domain.step - (x - domain.low)) };
  const { low, high } = domain.seen;
  const seen = end === "low" ? domain.seen : { low: 2 * domain.low + length * domain.step - high, high: 2 * domain.low + length * domain.step - low };
  const coarse = { ...domain, seen };
  const fine = { ...coarse, step: domain.step / 2 ** FINER_BITS, segmentBits: 6 };
  const index = toIndex(builder, node, forward.tensor, forward.shifts, domain.bits);
  const fineIndex = toIndex(builder, node, forward.tensor, forward.shifts.map((shift) => shift - FINER_BITS), domain.bits);
  const [near, far] = [fine, coarse].map((each, i) => {
    const chord = chordAccumulator(builder, node, seenFrom, each, i === 0 ? fineIndex : index, output);
    return scaled(builder, node, chord, 2 ** (domain.segmentBits > 6 && i === 0 ? domain.segmentBits - 6 : 0));
  });
  // Where the finer index ends the coarser one takes over.
  const limit = 2 ** (domain.bits - FINER_BITS) - 1;
  const past = isPositive(builder, node, offset(builder, node, index, -limit));
  const difference = minusMultiple(builder, node, far, near, 1);
  const chosen = builder.push({ kind: "mul", node, left: past, right: difference }, `${node}.acc`);
  const sum = builder.push({ kind: "add", node, left: near, right: chosen, leftFactor: 1, rightFactor: 1 }, `${node}.acc`);
  const range = elementRange(output.type);
  return builder.push({ kind: "requantize", node, input: sum, shifts: [domain.segmentBits + domain.extraBits], ...range }, name, output.type);
}

/** From the upper end downwards: length·2^shift − acc. */
function mirrored(builder: ProgramBuilder, node: string, acc: Accumulator, length: number): Accumulator {
  const weight = { shape: [], type: "i8", data: Float64Array.of(-1) } as const;
  const data = Float64Array.from(acc.shifts, (shift) => length * 2 ** shift);
  const bias = { shape: data.length === 1 ? [] : [data.length], type: "i64", data } as const;
  return { ...acc, tensor: builder.push({ kind: "affine", node, input: acc.tensor, weight, bias }, `${node}.mirrored`) };
}

function scaled(builder: ProgramBuilder, node: string, tensor: TensorId, factor: number): TensorId {
  if (factor === 1) return tensor;
  const weight = { shape: [], type: "i32", data: Float64Array.of(factor) } as const;
  const bias = { shape: [], type: "i8", data: Float64Array.of(0) } as const;
  return builder.push({ kind: "affine", node, input: tensor, weight, bias }, `${node}.acc`);
}

function offset(builder: ProgramBuilder, node: string, tensor: TensorId, constant: number): TensorId {
  const bias = { shape: [], type: "i32", data: Float64Array.of(constant) } as const;
  return builder.push({ kind: "affine", node, input: tensor, weight: ONE, bias }, `${node}.acc`);
}
