/** NumPy's .npy, versions 1 to 3 (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). */
import { checkedCount, malformed, type NumericArray } from "./array.js";

/** \x93NUMPY */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

type Reader = (view: DataView, offset: number, little: boolean) => number;

const READERS: Readonly<Record<string, { readonly width: number; readonly read: Reader }>> = {
  b1: { width: 1, read: (view, at) => view.getUint8(at) },
  u1: { width: 1, read: (view, at) => view.getUint8(at) },
  i1: { width: 1, read: (view, at) => view.getInt8(at) },
  u2: { width: 2, read: (view, at, little) => view.getUint16(at, little) },
  i2: { width: 2, read: (view, at, little) => view.getInt16(at, little) },
  u4: { width: 4, read: (view, at, little) => view.getUint32(at, little) },
  i4: { width: 4, read: (view, at, little) => view.getInt32(at, little) },
  u8: { width: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  i8: { width: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  f4: { width: 4, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { width: 8, read: (view, at, little) => view.getFloat64(at, little) },
};

export function isNpy(bytes: Uint8Array): boolean {
  return bytes.length >= 10 && MAGIC.every((byte, i) => bytes[i] === byte);
}

export function parseNpy(bytes: Uint8Array, path: string): NumericArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const lengthBytes = bytes[6] === 1 ? 2 : 4;
  const start = 8 + lengthBytes;
  const headerLength = lengthBytes === 2 ? view.getUint16(8, true) : bytes.length >= 12 ? view.getUint32(8, true) : Infinity;
  if (start + headerLength > bytes.length) throw malformed(path, "the .npy header is truncated");
  const header = new TextDecoder("latin1").decode(bytes.subarray(start, start + headerLength));
  const { order, type, shape } = parseHeader(header, path);
  const { width, read } = READERS[type];
  const data = start + headerLength;
  const count = checkedCount(path, shape, width, bytes.length - data);
  return { shape, data: Float64Array.from({ length: count }, (_, i) => read(view, data + i * width, order !== ">")), isBytes: false };
}

function parseHeader(header: string, path: string): { order: string; type: string; shape: number[] } {
  const descr = /'descr':\s*'([<>|=])([a-z]\d+)'/.exec(header);
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(header);
  if (descr === null || shape === null) throw malformed(path, "the .npy header is not understood");
  if (!(descr[2] in READERS)) throw malformed(path, `the .npy element type ${descr[2]} is not supported`);
  if (/'fortran_order':\s*True/.test(header)) throw malformed(path, "the .npy array is in Fortran order; save it with numpy.ascontiguousarray");
  const sizes = shape[1].split(",").map((size) => size.trim()).filter((size) => size !== "");
  return { order: descr[1], type: descr[2], shape: sizes.map(Number) };
}
