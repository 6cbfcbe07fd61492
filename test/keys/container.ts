/** Surgery on iden3 containers, for tests that tamper. */
import { readFileSync, writeFileSync } from "node:fs";

/** Offset and size of a section's content. */
export function sectionOf(data: Uint8Array, type: number): { offset: number; size: number } {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let offset = 12;
  for (let i = 0; i < view.getUint32(8, true); i++) {
    const size = Number(view.getBigUint64(offset + 4, true));
    if (view.getUint32(offset, true) === type) return { offset: offset + 12, size };
    offset += 12 + size;
  }
  throw new Error(`no section ${type.toString()}`);
}

export function readFileBytes(path: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(readFileSync(path));
}

/** Copies a file, letting `edit` change the content of one section in place. */
export function tamper(from: string, to: string, type: number, edit: (content: Uint8Array) => void): void {
  const data = readFileBytes(from);
  const { offset, size } = sectionOf(data, type);
  edit(data.subarray(offset, offset + size));
  writeFileSync(to, data);
}

export function section(path: string, type: number): Uint8Array {
  const data = readFileBytes(path);
  const { offset, size } = sectionOf(data, type);
  return data.slice(offset, offset + size);
}
