/** Between onnxruntime's tensors and the bytes of stored tensors. */
import "../onnx/noTelemetry.js";
import ort from "onnxruntime-node";
import type { ElementType, TensorData } from "../program/types.js";
import { BYTE_OFFSET } from "./value.js";

/** Flips the highest bit of each of four bytes: v + 128 in a byte to v in two's complement, and back. */
const FLIP = 0x80808080;

/** A tensor of the given integers in the form in which graphs take it. */
export function tensorOf(data: TensorData, type: ElementType, shape: readonly number[]): ort.Tensor {
  switch (type) {
    case "u8": return new ort.Tensor("uint8", Uint8Array.from(data), shape);
    case "i8": return new ort.Tensor("uint8", Uint8Array.from(data, (value) => value + BYTE_OFFSET), shape);
    case "u16": return new ort.Tensor("uint16", Uint16Array.from(data), shape);
    case "i16": return new ort.Tensor("int16", Int16Array.from(data), shape);
    case "i32": return new ort.Tensor("int32", Int32Array.from(data), shape);
    case "i64": return new ort.Tensor("int64", BigInt64Array.from(Array.from(data, BigInt)), shape);
  }
}

/**
 * A graph's tensor as it is stored: little-endian two's complement, row-major, as encodeElements gives it. A view where that is
 * what the tensor holds (onnxruntime has no big-endian build), which must not be written to.
 */
export function storedBytes({ data }: ort.Tensor, type: ElementType): Uint8Array {
  if (!ArrayBuffer.isView(data)) throw new Error("integer graphs have numeric tensors");
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return type === "i8" ? flipped(bytes) : bytes;
}

function flipped(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(4 * Math.ceil(bytes.length / 4));
  result.set(bytes);
  const words = new Uint32Array(result.buffer);
  for (let i = 0; i < words.length; i++) words[i] ^= FLIP;
  return result.subarray(0, bytes.length);
}
