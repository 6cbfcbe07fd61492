/** One element's bytes. */
import { isSigned } from "../../program/elementType.js";
import type { ElementType } from "../../program/types.js";

/** Little-endian two's complement, all 64 bits of the widest type: a liar's element need not be exact in a double. */
export function decodeElement(bytes: Uint8Array, type: ElementType): bigint {
  const value = bytes.reduceRight((high, byte) => (high << 8n) | BigInt(byte), 0n);
  return isSigned(type) ? BigInt.asIntN(8 * bytes.length, value) : value;
}
