/** Element types of the values that a model computes with, and the arrays that hold them here. */

/** ONNX's names in lower case. */
export type RealType =
  | "float32" | "float64" | "float16" | "bfloat16"
  | "int64" | "int32" | "int16" | "int8" | "uint64" | "uint32" | "uint16" | "uint8"
  | "bool";

/** Values as numbers; integers up to 2^53 and booleans (0, 1) too. */
export type RealArray = Float32Array | Float64Array;

/** Integers and booleans are held exactly, scale 1. */
export function isInteger(type: RealType): boolean {
  return !type.includes("float");
}
