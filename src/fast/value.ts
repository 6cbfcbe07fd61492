/**
 * Tensors of the emitted graph. One tensor of the program can exist in several forms, made as they are asked for; all hold the
 * same integers exactly.
 */
import type { ElementType } from "../program/types.js";
import type { Range } from "../program/interval.js";
import type { DataType, GraphWriter } from "./graphWriter.js";

/** `byte` holds v in a byte, `offsetByte` v + 128: the u8 kernels' zero points 0 and 128. */
export type Form = "byte" | "offsetByte" | "uint16" | "int16" | "int32" | "int64" | "float" | "double";

/** Forms in which arithmetic is done. */
export type Lane = "float" | "double";

export const BYTE_OFFSET = 128;

/** Integers up to here are exact in float32. */
export const FLOAT_EXACT = 2 ** 24;

export const INT32: Range = { low: -(2 ** 31), high: 2 ** 31 - 1 };

export interface Value {
  readonly shape: readonly number[];
  /** Of all elements. */
  readonly range: Range;
  /** Names in the graph. */
  readonly forms: Map<Form, string>;
  /** Set of a renaming: the value whose elements these are. */
  readonly source?: Value;
}

const DATA_TYPES: Record<Form, DataType> = {
  byte: "uint8", offsetByte: "uint8", uint16: "uint16", int16: "int16", int32: "int32", int64: "int64", float: "float", double: "double",
};

export function dataTypeOf(form: Form): DataType {
  return DATA_TYPES[form];
}

/** The form whose bytes are the stored tensor's; those of `offsetByte` differ from i8 in the highest bit. */
const STORED: Record<ElementType, Form> = { u8: "byte", i8: "offsetByte", u16: "uint16", i16: "int16", i32: "int32", i64: "int64" };

export function storedForm(type: ElementType): Form {
  return STORED[type];
}

export function valueOf(shape: readonly number[], range: Range, form: Form, name: string): Value {
  return { shape, range, forms: new Map([[form, name]]) };
}

export function contains(outer: Range, { low, high }: Range): boolean {
  return low >= outer.low && high <= outer.high;
}

/** float where all the ranges, of operands and of what is computed on the way, are exact in it. */
export function laneOf(...ranges: readonly Range[]): Lane {
  return ranges.every((range) => contains({ low: -FLOAT_EXACT, high: FLOAT_EXACT }, range)) ? "float" : "double";
}

/** The byte form that can hold these integers, preferring one that exists. */
export function byteFormOf({ range, forms, source }: Value): "byte" | "offsetByte" | undefined {
  if (source !== undefined) return byteFormOf(source);
  for (const form of ["byte", "offsetByte"] as const) if (forms.has(form)) return form;
  return byteFormOfRange(range);
}

export function byteFormOfRange(range: Range): "byte" | "offsetByte" | undefined {
  if (contains({ low: 0, high: 255 }, range)) return "byte";
  return contains({ low: -BYTE_OFFSET, high: 127 }, range) ? "offsetByte" : undefined;
}

/** From cheap to dear. */
const PREFERENCE: readonly Form[] = ["float", "int32", "double", "byte", "offsetByte", "int16", "uint16", "int64"];

/** The form that exists, the smallest one first: for operations that only move elements. */
export function smallestForm({ forms, source }: Value): Form {
  if (source !== undefined) return smallestForm(source);
  const order: readonly Form[] = ["byte", "offsetByte", "int16", "uint16", "float", "int32", "double", "int64"];
  return order.find((form) => forms.has(form)) ?? "double";
}

/** The name of a value in a form, which must be able to hold its range. */
export function as(writer: GraphWriter, value: Value, form: Form): string {
  const known = value.forms.get(form);
  if (known !== undefined) return known;
  const name = value.source === undefined ? converted(writer, value, form) : reshaped(writer, as(writer, value.source, form), value.shape);
  value.forms.set(form, name);
  return name;
}

export function reshaped(writer: GraphWriter, name: string, shape: readonly number[]): string {
  return writer.node("Reshape", [name, writer.constant("int64", [shape.length], shape)]);
}

function converted(writer: GraphWriter, { forms }: Value, to: Form): string {
  const from = PREFERENCE.find((form) => forms.has(form));
  const name = from === undefined ? undefined : forms.get(from);
  if (from === undefined || name === undefined) throw new Error("a value has a form");
  if (from === "offsetByte") return fromOffset(writer, name, to);
  if (to === "offsetByte") return toOffset(writer, name, from);
  return writer.cast(name, dataTypeOf(to));
}

function fromOffset(writer: GraphWriter, name: string, to: Form): string {
  const float = writer.node("DequantizeLinear", [name, writer.constant("float", [], [1]), writer.constant("uint8", [], [BYTE_OFFSET])]);
  return to === "float" ? float : writer.cast(float, dataTypeOf(to));
}

/** Rounding an integer is exact. */
function toOffset(writer: GraphWriter, name: string, from: Form): string {
  const float = from === "float" ? name : writer.cast(name, "float");
  return writer.node("QuantizeLinear", [float, writer.constant("float", [], [1]), writer.constant("uint8", [], [BYTE_OFFSET])]);
}
