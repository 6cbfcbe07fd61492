/** Integers of a storage type as little-endian two's complement bytes, and back. */
import { elementBytes, isSigned } from "./elementType.js";
import type { ElementType } from "./types.js";

export function encodeElements(data: ArrayLike<number>, type: ElementType): Uint8Array {
  const width = elementBytes(type);
  const bytes = new Uint8Array(data.length * width);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < data.length; i++) {
    const value = BigInt.asUintN(8 * width, BigInt(data[i]));
    for (let byte = 0; byte < width; byte++) view.setUint8(i * width + byte, Number((value >> BigInt(8 * byte)) & 0xffn));
  }
  return bytes;
}

export function decodeElements(bytes: Uint8Array, type: ElementType): Float64Array {
  const width = elementBytes(type);
  const result = new Float64Array(bytes.length / width);
  for (let i = 0; i < result.length; i++) {
    let value = 0n;
    for (let byte = width - 1; byte >= 0; byte--) value = (value << 8n) | BigInt(bytes[i * width + byte]);
    result[i] = Number(isSigned(type) ? BigInt.asIntN(8 * width, value) : value);
  }
  return result;
}
