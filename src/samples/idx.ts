/** IDX, the format of MNIST and its relatives (http://yann.lecun.com/exdb/mnist/): two zero bytes, type, rank, sizes, data. */
import { checkedCount, malformed, type NumericArray } from "./array.js";

interface IdxType {
  readonly width: number;
  read(view: DataView, offset: number): number;
}

const TYPES: Readonly<Record<number, IdxType>> = {
  0x08: { width: 1, read: (view, offset) => view.getUint8(offset) },
  0x09: { width: 1, read: (view, offset) => view.getInt8(offset) },
  0x0b: { width: 2, read: (view, offset) => view.getInt16(offset) },
  0x0c: { width: 4, read: (view, offset) => view.getInt32(offset) },
  0x0d: { width: 4, read: (view, offset) => view.getFloat32(offset) },
  0x0e: { width: 8, read: (view, offset) => view.getFloat64(offset) },
};

export function isIdx(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0 && bytes[2] in TYPES && bytes[3] > 0 && bytes[3] <= 8;
}

export function parseIdx(bytes: Uint8Array, path: string): NumericArray {
  const type = TYPES[bytes[2]];
  const rank = bytes[3];
  const header = 4 + 4 * rank;
  if (bytes.length < header) throw malformed(path, "the IDX header is truncated");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = checkedCount(path, shape, type.width, bytes.length - header);
  const isBytes = bytes[2] === 0x08;
  if (isBytes) return { shape, data: bytes.subarray(header), isBytes };
  return { shape, data: Float64Array.from({ length: count }, (_, i) => type.read(view, header + i * type.width)), isBytes };
}
