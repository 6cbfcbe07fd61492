/** Sums, products and functions element by element, in float32 where it is exact, else in float64. */
import { broadcastShape, sameShape } from "../../math/shape.js";
import type { AddOperation, AffineOperation, Constant, MulOperation, TableOperation } from "../../program/types.js";
import { done, type Emit, type EmitContext } from "../context.js";
import { affineRanges, rangeOfData, scaled } from "../ranges.js";
import { BYTE_OFFSET, byteFormOf, byteFormOfRange, type Form, type Lane, laneOf, type Value } from "../value.js";

export const add: Emit<AddOperation> = (context, operation) => {
  const { left, right, leftFactor, rightFactor, output } = operation;
  const parts = [scaled(context.range(left), leftFactor), scaled(context.range(right), rightFactor)];
  const factors = { low: Math.min(leftFactor, rightFactor), high: Math.max(leftFactor, rightFactor) };
  const lane = laneOf(context.range(left), context.range(right), factors, ...parts, context.range(output));
  const part = (tensor: number, factor: number): string => context.times(lane, context.as(context.value(tensor), lane), factor);
  return done(context.result(operation, lane, context.writer.node("Add", [part(left, leftFactor), part(right, rightFactor)])));
};

export const mul: Emit<MulOperation> = (context, operation) => {
  const { left, right, output } = operation;
  const lane = laneOf(context.range(left), context.range(right), context.range(output));
  const operands = [left, right].map((tensor) => context.as(context.value(tensor), lane));
  return done(context.result(operation, lane, context.writer.node("Mul", operands)));
};

export const affine: Emit<AffineOperation> = (context, operation) => {
  const { input, weight, bias, output } = operation;
  const { product } = affineRanges(operation, context.range(input));
  const lane = laneOf(context.range(input), rangeOfData(weight.data), rangeOfData(bias.data), product, context.range(output));
  let name = context.writer.node("Mul", [context.as(context.value(input), lane), initializer(context, lane, weight)]);
  const isWhole = sameShape(broadcastShape(context.shape(input), weight.shape) ?? [], context.shape(output));
  if (!isWhole || bias.data.some((value) => value !== 0)) name = context.writer.node("Add", [name, initializer(context, lane, bias)]);
  return done(context.result(operation, lane, name));
};

function initializer(context: EmitContext, lane: Lane, { shape, data }: Constant): string {
  return context.writer.constant(lane, shape, data);
}

/** Where the argument is in bytes, they are the positions in a list of 256. */
export const table: Emit<TableOperation> = (context, operation) => {
  const { writer } = context;
  const input = context.value(operation.input);
  const form = byteFormOf(input);
  const { data } = operation.entries;
  if (form !== undefined) {
    const first = (form === "byte" ? 0 : -BYTE_OFFSET) - operation.low;
    const entries = Float64Array.from({ length: 256 }, (_, byte) => data.at(Math.min(Math.max(first + byte, 0), data.length - 1)) ?? 0);
    return done(look(context, operation, entries, writer.cast(context.as(input, form), "int32")));
  }
  const positions = writer.node("Sub", [context.as(input, "double"), context.scalar("double", operation.low)]);
  return done(look(context, operation, data, writer.cast(positions, "int32")));
};

function look(context: EmitContext, operation: TableOperation, entries: Float64Array, positions: string): Value {
  const range = rangeOfData(entries);
  const form: Form = byteFormOfRange(range) ?? laneOf(range);
  const offset = form === "offsetByte" ? BYTE_OFFSET : 0;
  const type = form === "float" || form === "double" ? form : "uint8";
  const list = context.writer.constant(type, [entries.length], entries.map((value) => value + offset));
  return context.result(operation, form, context.writer.node("Gather", [list, positions]));
}
