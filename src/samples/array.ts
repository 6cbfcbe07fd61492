/** A numeric array from a file, before it is known which model input it is for. */
import { gunzipSync } from "node:zlib";
import { AssayError } from "../errors.js";
import { readBytes } from "../files.js";
import { elementCount } from "../math/shape.js";

export interface NumericArray {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
  /** True for IDX bytes, which stand for 0..255 and are divided by 255 unless the user says otherwise. */
  readonly isBytes: boolean;
}

/** A small compressed file must not fill the memory. */
const MAX_UNPACKED_BYTES = 2 ** 31;

/** The bytes of a file, unpacked where it is gzipped. */
export function readUnpacked(path: string): Uint8Array<ArrayBuffer> {
  const bytes = readBytes(path);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return new Uint8Array(gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES }));
  } catch (cause) {
    throw malformed(path, `the gzip data are damaged or larger than ${MAX_UNPACKED_BYTES} bytes`, cause);
  }
}

/** The number of elements of a declared shape, checked against the bytes that are there. */
export function checkedCount(path: string, shape: readonly number[], width: number, available: number): number {
  const count = elementCount(shape);
  if (!Number.isSafeInteger(count * width) || count * width !== available) {
    throw malformed(path, `the header declares ${shape.join("x")} elements of ${width} bytes, the file holds ${available} bytes of data`);
  }
  return count;
}

export function malformed(path: string, message: string, cause?: unknown): AssayError {
  return new AssayError("INPUT_MALFORMED", message, { where: path, cause });
}
