/** Between onnxruntime's tensors and ours. */
import "./noTelemetry.js";
import ort from "onnxruntime-node";
import { unreachable } from "../errors.js";
import { dataType, type DataType, numberToHalf } from "./dataTypes.js";
import type { GraphValue } from "./graph.js";
import { quote, unsupported } from "./problems.js";

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

/** A tensor to feed. @throws AssayError ONNX_UNSUPPORTED for element types that JavaScript has no array for */
export function runtimeTensor({ name, shape, elementType }: GraphValue, data: ArrayLike<number>): ort.Tensor {
  switch (elementType) {
    case "float32":
      return new ort.Tensor(elementType, Float32Array.from(data), shape);
    case "float64":
      return new ort.Tensor(elementType, Float64Array.from(data), shape);
    case "int8":
      return new ort.Tensor(elementType, Int8Array.from(data), shape);
    case "uint8":
      return new ort.Tensor(elementType, Uint8Array.from(data), shape);
    case "int16":
      return new ort.Tensor(elementType, Int16Array.from(data), shape);
    case "uint16":
      return new ort.Tensor(elementType, Uint16Array.from(data), shape);
    case "int32":
      return new ort.Tensor(elementType, Int32Array.from(data), shape);
    case "uint32":
      return new ort.Tensor(elementType, Uint32Array.from(data), shape);
    case "int64":
      return new ort.Tensor(elementType, BigInt64Array.from(Array.from(data, BigInt)), shape);
    case "uint64":
      return new ort.Tensor(elementType, BigUint64Array.from(Array.from(data, BigInt)), shape);
    case "bool":
      return new ort.Tensor(elementType, Uint8Array.from(data, (x) => Number(x !== 0)), shape);
    case "float16":
      return new ort.Tensor(elementType, Uint16Array.from(data, numberToHalf), shape);
    case "bfloat16":
      throw unsupported("inputs of bfloat16", `input ${quote(name)}`, "export the model with float32 inputs");
    default:
      return unreachable(elementType);
  }
}
