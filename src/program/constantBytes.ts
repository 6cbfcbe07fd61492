/** Integers of a storage type as little-endian two's complement bytes, and back. */
import { endianness } from "node:os";
import { elementBytes } from "./elementType.js";
import type { ElementType } from "./types.js";

export function encodeElements(data: ArrayLike<number>, type: ElementType): Uint8Array<ArrayBuffer> {
  // Typed arrays wrap what does not fit, as two's complement does.
  const values = type === "i64" ? BigInt64Array.from(data, BigInt) : new (ARRAYS[type])(data);
  return littleEndian(new Uint8Array(values.buffer), elementBytes(type));
}

export function decodeElements(bytes: Uint8Array, type: ElementType): Float64Array {
  const count = Math.floor(bytes.length / elementBytes(type));
  const aligned = littleEndian(Uint8Array.from(bytes.subarray(0, count * elementBytes(type))), elementBytes(type)).buffer;
  return type === "i64" ? Float64Array.from(new BigInt64Array(aligned), Number) : new Float64Array(new (ARRAYS[type])(aligned));
}

const ARRAYS = { u8: Uint8Array, i8: Int8Array, u16: Uint16Array, i16: Int16Array, i32: Int32Array } as const;

const BIG_ENDIAN = endianness() === "BE";

/** The platform's order of an element's bytes to little-endian, or back; in place. */
function littleEndian(bytes: Uint8Array<ArrayBuffer>, width: number): Uint8Array<ArrayBuffer> {
  if (BIG_ENDIAN) for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
  return bytes;
}
