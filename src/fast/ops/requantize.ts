/**
 * floor((v + 2^(s−1)) / 2^s) clamped. Kernels round half to even; where one is used, the factor 2^−s·(1 + 2^−23) takes the
 * place of 2^−s, so that a tie lies just above itself (see {@link MAX_FUSED_SHIFT}). Everything else adds a half and floors.
 */
import type { Range } from "../../program/interval.js";
import type { RequantizeOperation } from "../../program/types.js";
import { done, type Emit, type EmitContext } from "../context.js";
import { added, requantizeRange } from "../ranges.js";
import { BYTE_OFFSET, byteFormOfRange, FLOAT_EXACT, laneOf, type Value } from "../value.js";

/**
 * Let v be an integer with 0 < v < 2^22, and k = floor(log2 v). In float32, v·(1 + 2^−23) is v plus one or two units of
 * 2^(k−23) ≤ 2^−2: a tie (v is an odd multiple of 2^(s−1)) goes above, and v one below a tie gets at most a half nearer to it, so it
 * stays below. What is not clamped to 255 lies below 255.5·2^s, so s ≤ 14 keeps it below 2^22. Beyond, int32 to float32, the product
 * and the clamp are monotone, and at 255.5·2^s the result is 255 already; below 0 it is 0.
 */
export const MAX_FUSED_SHIFT = 14;

/** As a float32, exactly. */
export function fusedFactor(shift: number): number {
  return shift === 0 ? 1 : 2 ** -shift * (1 + 2 ** -23);
}

/** All values of a byte form: what a kernel that ends in bytes clamps to. */
const FULL: Record<"byte" | "offsetByte", Range> = { byte: { low: 0, high: 255 }, offsetByte: { low: -BYTE_OFFSET, high: 127 } };

/** The byte form of the results if kernels can end in it. */
export function fusedForm({ shifts, low, high }: RequantizeOperation): "byte" | "offsetByte" | undefined {
  if (shifts.some((shift) => shift > MAX_FUSED_SHIFT)) return undefined;
  return byteFormOfRange({ low, high });
}

/** Bytes that were clamped to their form's own ends, clamped to the operation's. */
export function narrowed(context: EmitContext, { low, high }: RequantizeOperation, form: "byte" | "offsetByte", name: string): string {
  if (low === FULL[form].low && high === FULL[form].high) return name;
  const offset = form === "byte" ? 0 : BYTE_OFFSET;
  const end = (value: number): string => context.writer.constant("uint8", [], [value + offset]);
  return context.writer.node("Clip", [name, end(low), end(high)]);
}

export const requantize: Emit<RequantizeOperation> = (context, operation) => done(requantized(context, operation, context.value(operation.input)));

/** @param value of the operation's input, or of something in its place */
export function requantized(context: EmitContext, operation: RequantizeOperation, value: Value): Value {
  const { shifts, low, high } = operation;
  const halves = shifts.map((shift) => (shift === 0 ? 0 : 2 ** (shift - 1)));
  const most = halves.reduce((a, b) => Math.max(a, b));
  const lane = laneOf(value.range, added(value.range, { low: 0, high: most }), requantizeRange(operation, value.range));
  const shape = value.shape;
  const vector = (values: readonly number[]): string => context.writer.constant(lane, values.length === 1 ? [] : [values.length], values);
  const { writer } = context;
  const isFused = lane === "float" && fusedForm(operation) === "byte";
  if (isFused) {
    const product = writer.node("Mul", [context.as(value, lane), vector(shifts.map(fusedFactor))]);
    const bytes = writer.node("QuantizeLinear", [product, context.scalar("float", 1), writer.constant("uint8", [], [0])]);
    return { ...context.result(operation, "byte", narrowed(context, operation, "byte", bytes)), shape };
  }
  const name = context.as(value, lane);
  const quotient = most === 0 ? name : floored(context, name, vector(halves), vector(shifts.map((shift) => 2 ** -shift)));
  // An end that is not exact in float32 is one that no value here reaches.
  const end = (bound: number): string => context.scalar(lane, lane === "double" ? bound : Math.min(Math.max(bound, -FLOAT_EXACT), FLOAT_EXACT));
  return { ...context.result(operation, lane, writer.node("Clip", [quotient, end(low), end(high)])), shape };
}

function floored({ writer }: EmitContext, name: string, halves: string, factors: string): string {
  return writer.node("Floor", [writer.node("Mul", [writer.node("Add", [name, halves]), factors])]);
}
