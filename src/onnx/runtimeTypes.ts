/** onnxruntime's names of element types → TensorProto.DataType. */
import { dataType, type DataType } from "./dataTypes.js";

const CODES: ReadonlyMap<string, number> = new Map([
  ["float32", 1],
  ["uint8", 2],
  ["int8", 3],
  ["uint16", 4],
  ["int16", 5],
  ["int32", 6],
  ["int64", 7],
  ["bool", 9],
  ["float16", 10],
  ["float64", 11],
  ["uint32", 12],
  ["uint64", 13],
]);

export function dataTypeOf(runtimeName: string): DataType | undefined {
  const code = CODES.get(runtimeName);
  return code === undefined ? undefined : dataType(code);
}
