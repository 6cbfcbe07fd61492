/** Rescaling and clamping as the quantizer uses them. */
import { type ElementRange, elementRange } from "../../program/elementType.js";
import type { ElementType, TensorId } from "../../program/types.js";
import type { ProgramBuilder } from "../builder.js";

/** clamp(round(x / 2^shift), 0, 2^bits − 1). */
export function toIndex(builder: ProgramBuilder, node: string, input: TensorId, shifts: readonly number[], bits: number): TensorId {
  const type = bits <= 8 ? "u8" : "u16";
  return builder.push({ kind: "requantize", node, input, shifts, low: 0, high: 2 ** bits - 1 }, `${node}.index`, type);
}

/** floor(x / 2^shift), for x ≥ 0 below 2^(shift + bits). */
export function floorShift(builder: ProgramBuilder, node: string, input: TensorId, shift: number, bits: number): TensorId {
  if (shift === 0) return input;
  // Rescaling rounds halves up: half a unit less makes that a floor.
  const bias = { shape: [], type: "i64", data: Float64Array.of(-(2 ** (shift - 1))) } as const;
  const lowered = builder.push({ kind: "affine", node, input, weight: ONE, bias }, `${node}.acc`);
  return builder.push({ kind: "requantize", node, input: lowered, shifts: [shift], low: 0, high: 2 ** bits - 1 }, `${node}.floor`, typeFor(bits));
}

function typeFor(bits: number): ElementType {
  return bits <= 8 ? "u8" : bits <= 16 ? "u16" : bits <= 31 ? "i32" : "i64";
}

/** 1 where x > 0, else 0; x is an integer. */
export function isPositive(builder: ProgramBuilder, node: string, input: TensorId): TensorId {
  return builder.push({ kind: "requantize", node, input, shifts: [0], low: 0, high: 1 }, `${node}.step`, "u8");
}

/** x − factor·y. */
export function minusMultiple(builder: ProgramBuilder, node: string, x: TensorId, y: TensorId, factor: number): TensorId {
  return builder.push({ kind: "add", node, left: x, right: y, leftFactor: 1, rightFactor: -factor }, `${node}.acc`);
}

/** A clamp of all integers in [low, high], of as many as a power of two. */
export function covering(low: number, high: number): ElementRange {
  return { low, high: low + 2 ** Math.ceil(Math.log2(high - low + 2)) - 1 };
}

export const ONE = { shape: [], type: "i8", data: Float64Array.of(1) } as const;

/** Rounded and clamped to a type. */
export function intoType(value: number, type: ElementType): number {
  const { low, high } = elementRange(type);
  return Math.min(Math.max(Math.round(value), low), high) + 0;
}
