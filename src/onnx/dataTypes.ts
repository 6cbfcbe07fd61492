/**
 * Element types of ONNX tensors, TensorProto.DataType in
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3. Types without an entry (strings, complex numbers, 8-bit floats,
 * packed 4-bit integers) are unsupported.
 */
import type { GraphElementType } from "./graph.js";

export type TypedField = "floatData" | "int32Data" | "int64Data" | "doubleData" | "uint64Data";

export interface DataType {
  readonly code: number;
  readonly name: string;
  /** Bytes an element. */
  readonly bytes: number;
  /** The TensorProto field that holds the elements if raw_data does not. */
  readonly field: TypedField;
  readonly elementType: GraphElementType;
  /** One little-endian element. */
  readonly read: (view: DataView, offset: number) => number | bigint;
  /** The opposite, but 16-bit floats are given by their bits, as int32_data holds them. */
  readonly write: (view: DataView, offset: number, value: number | bigint) => void;
}

export const INT64 = 7;

const TYPES: readonly DataType[] = [
  {
    code: 1, name: "float", bytes: 4, field: "floatData", elementType: "float32",
    read: (v, o) => v.getFloat32(o, true), write: (v, o, x) => { v.setFloat32(o, Number(x), true); },
  },
  {
    code: 2, name: "uint8", bytes: 1, field: "int32Data", elementType: "uint8",
    read: (v, o) => v.getUint8(o), write: (v, o, x) => { v.setUint8(o, Number(x)); },
  },
  {
    code: 3, name: "int8", bytes: 1, field: "int32Data", elementType: "int8",
    read: (v, o) => v.getInt8(o), write: (v, o, x) => { v.setInt8(o, Number(x)); },
  },
  {
    code: 4, name: "uint16", bytes: 2, field: "int32Data", elementType: "uint16",
    read: (v, o) => v.getUint16(o, true), write: (v, o, x) => { v.setUint16(o, Number(x), true); },
  },
  {
    code: 5, name: "int16", bytes: 2, field: "int32Data", elementType: "int16",
    read: (v, o) => v.getInt16(o, true), write: (v, o, x) => { v.setInt16(o, Number(x), true); },
  },
  {
    code: 6, name: "int32", bytes: 4, field: "int32Data", elementType: "int32",
    read: (v, o) => v.getInt32(o, true), write: (v, o, x) => { v.setInt32(o, Number(x), true); },
  },
  {
    code: INT64, name: "int64", bytes: 8, field: "int64Data", elementType: "int64",
    read: (v, o) => v.getBigInt64(o, true), write: (v, o, x) => { v.setBigInt64(o, BigInt(x), true); },
  },
  {
    code: 9, name: "bool", bytes: 1, field: "int32Data", elementType: "bool",
    read: (v, o) => (v.getUint8(o) === 0 ? 0 : 1), write: (v, o, x) => { v.setUint8(o, Number(x) === 0 ? 0 : 1); },
  },
  {
    code: 10, name: "float16", bytes: 2, field: "int32Data", elementType: "float16",
    read: (v, o) => halfToNumber(v.getUint16(o, true)), write: (v, o, x) => { v.setUint16(o, Number(x), true); },
  },
  {
    code: 11, name: "double", bytes: 8, field: "doubleData", elementType: "float64",
    read: (v, o) => v.getFloat64(o, true), write: (v, o, x) => { v.setFloat64(o, Number(x), true); },
  },
  {
    code: 12, name: "uint32", bytes: 4, field: "uint64Data", elementType: "uint32",
    read: (v, o) => v.getUint32(o, true), write: (v, o, x) => { v.setUint32(o, Number(x), true); },
  },
  {
    code: 13, name: "uint64", bytes: 8, field: "uint64Data", elementType: "uint64",
    read: (v, o) => v.getBigUint64(o, true), write: (v, o, x) => { v.setBigUint64(o, BigInt(x), true); },
  },
  {
    code: 16, name: "bfloat16", bytes: 2, field: "int32Data", elementType: "bfloat16",
    read: (v, o) => bfloatToNumber(v.getUint16(o, true)), write: (v, o, x) => { v.setUint16(o, Number(x), true); },
  },
];

const OTHER_NAMES: ReadonlyMap<number, string> = new Map([
  [0, "undefined"],
  [8, "string"],
  [14, "complex64"],
  [15, "complex128"],
]);

const BY_CODE: ReadonlyMap<number, DataType> = new Map(TYPES.map((type) => [type.code, type]));

export function dataType(code: number): DataType | undefined {
  return BY_CODE.get(code);
}

/** 16-bit floats as 32-bit ones: what was computed from them has no bits to keep. */
export function typeNamed(elementType: GraphElementType): DataType {
  const name = elementType === "float16" || elementType === "bfloat16" ? "float32" : elementType;
  const type = TYPES.find((entry) => entry.elementType === name);
  if (type === undefined) throw new RangeError(`no element type ${elementType}`);
  return type;
}

/** For messages: the type's name, or its number. */
export function dataTypeName(code: number): string {
  return BY_CODE.get(code)?.name ?? OTHER_NAMES.get(code) ?? `type ${code}`;
}

export function isFloat(code: number): boolean {
  return code === 1 || code === 10 || code === 11 || code === 16;
}

/** IEEE 754 binary16, given by its bits. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 is the upper half of a float32. */
function bfloatToNumber(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits << 16);
  return view.getFloat32(0);
}

/** The bits of the nearest binary16, halves to even; beyond its range infinity. */
export function numberToHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
  const units = roundHalfEven(magnitude / 2 ** (exponent - 10));
  // A carry out of the fraction moves to the next exponent by itself; below 1,024 units the number is subnormal.
  return sign | (units < 1024 ? units : units + (exponent + 14) * 1024);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
