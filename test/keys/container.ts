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

/** Copies a file with the sections in `changed` replaced, of whatever size. */
export function replaceSections(from: string, to: string, changed: Readonly<Record<number, Uint8Array>>): void {
  const data = readFileBytes(from);
  const parts: Uint8Array[] = [data.subarray(0, 12)];
  const view = new DataView(data.buffer);
  for (let offset = 12; offset < data.byteLength; ) {
    const type = view.getUint32(offset, true);
    const size = Number(view.getBigUint64(offset + 4, true));
    const content = type in changed ? changed[type] : data.subarray(offset + 12, offset + 12 + size);
    const header = new DataView(new ArrayBuffer(12));
    header.setUint32(0, type, true);
    header.setBigUint64(4, BigInt(content.byteLength), true);
    parts.push(new Uint8Array(header.buffer), content);
    offset += 12 + size;
  }
  writeFileSync(to, Buffer.concat(parts));
}
