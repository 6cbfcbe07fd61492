/** 64-bit integers of the file as exact JavaScript numbers. */
import { malformed, quote } from "./problems.js";
import type { RawInteger } from "./schema.js";

/**
 * The value as a number.
 * @throws AssayError ONNX_MALFORMED beyond ±(2^53 − 1): no size in a usable model is that large.
 */
export function safeInteger(value: RawInteger, what: string, where: string): number {
  const number = typeof value === "number" ? value : value.toNumber();
  if (!Number.isSafeInteger(number)) {
    throw malformed(`${what} is ${quote(value.toString())}, beyond 2^53`, where);
  }
  return number;
}
