/**
 * iden3's binary container, shared by .r1cs, .wtns, .zkey, .ptau and the audit file of a dev key
 * (https://github.com/iden3/r1csfile/blob/master/doc/r1cs_bin_format.md): a four-letter magic, a version, the number of
 * sections; then sections of type (u32), size (u64) and content. Little-endian throughout.
 */
import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { AssayError, type ErrorCode } from "../../errors.js";
import { temporaryName } from "../../files.js";
import { FIELD_BYTES, writeFieldLE } from "../../math/field.js";

const BUFFER_BYTES = 1 << 20;
const HEADER_BYTES = 12;
const SECTION_HEADER_BYTES = 12;

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Writes a container under a temporary name through one buffer; {@link commit} renames it, {@link abort} removes it.
 * Every method throws AssayError FILE_NOT_WRITABLE.
 */
export class BinWriter {
  readonly #path: string;
  readonly #temporary: string;
  readonly #fd: number;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #view = new DataView(this.#buffer.buffer);
  #used = 0;
  #flushed = 0;
  #sectionStart = -1;
  #open = true;
  #committed = false;

  constructor(path: string, magic: string, version: number, sectionCount: number) {
    this.#path = path;
    this.#temporary = temporaryName(path);
    this.#fd = this.#guard(() => openSync(this.#temporary, "wx"));
    this.bytes(new TextEncoder().encode(magic));
    this.u32(version);
    this.u32(sectionCount);
  }

  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      const full = error instanceof Error && "code" in error && error.code === "ENOSPC";
      const message = full ? "no space left on the device" : `cannot write: ${reason(error)}`;
      throw new AssayError("FILE_NOT_WRITABLE", message, { where: this.#path, cause: error });
    }
  }

  /** Begins a section; the one before ends here. */
  section(type: number): void {
    this.#endSection();
    this.u32(type);
    this.u32(0);
    this.u32(0);
    this.#sectionStart = this.#flushed + this.#used;
  }

  u32(value: number): void {
    if (this.#used + 4 > BUFFER_BYTES) this.#flush();
    this.#view.setUint32(this.#used, value, true);
    this.#used += 4;
  }

  field(value: bigint): void {
    if (this.#used + FIELD_BYTES > BUFFER_BYTES) this.#flush();
    writeFieldLE(this.#buffer, this.#used, value);
    this.#used += FIELD_BYTES;
  }

  bytes(data: Uint8Array): void {
    if (this.#used + data.byteLength > BUFFER_BYTES) this.#flush();
    if (data.byteLength > BUFFER_BYTES) {
      this.#write(data);
      return;
    }
    this.#buffer.set(data, this.#used);
    this.#used += data.byteLength;
  }

  /** Completes the file under its temporary name. */
  close(): void {
    if (!this.#open) return;
    this.#endSection();
    this.#flush();
    this.#open = false;
    this.#guard(() => { closeSync(this.#fd); });
  }

  commit(): void {
    this.close();
    this.#guard(() => { renameSync(this.#temporary, this.#path); });
    this.#committed = true;
  }

  get committed(): boolean {
    return this.#committed;
  }

  /** Removes what was written; safe to call at any time before {@link commit}. */
  abort(): void {
    if (this.#open) closeSync(this.#fd);
    this.#open = false;
    rmSync(this.#temporary, { force: true });
  }

  #endSection(): void {
    if (this.#sectionStart < 0) return;
    this.#flush();
    const size = new DataView(new ArrayBuffer(8));
    size.setBigUint64(0, BigInt(this.#flushed - this.#sectionStart), true);
    this.#guard(() => writeSync(this.#fd, size, 0, 8, this.#sectionStart - 8));
    this.#sectionStart = -1;
  }

  #flush(): void {
    const length = this.#used;
    this.#used = 0;
    this.#write(this.#buffer.subarray(0, length));
  }

  #write(data: Uint8Array): void {
    for (let offset = 0; offset < data.byteLength; ) {
      const length = data.byteLength - offset;
      offset += this.#guard(() => writeSync(this.#fd, data, offset, length, this.#flushed + offset));
    }
    this.#flushed += data.byteLength;
  }
}

/** Runs `fill`, then renames; on any error the temporary file is removed. */
export function writeBinFile(
  path: string, magic: string, version: number, sections: number, fill: (out: BinWriter) => void,
): void {
  const out = new BinWriter(path, magic, version, sections);
  try {
    fill(out);
    out.commit();
  } catch (error) {
    out.abort();
    throw error;
  }
}

interface Section {
  readonly offset: number;
  readonly size: number;
}

/** An opened container. Every method throws AssayError: FILE_NOT_READABLE, or the `malformed` code given. */
export class BinReader {
  readonly path: string;
  readonly #malformed: ErrorCode;
  readonly #fd: number;
  readonly #sections = new Map<number, Section>();
  /** Bytes behind the last section. */
  #rest = 0;

  constructor(path: string, magic: string, malformed: ErrorCode, maxVersion = 2) {
    this.path = path;
    this.#malformed = malformed;
    this.#fd = this.#guard(() => openSync(path, "r"));
    try {
      this.#readTable(magic, maxVersion);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  fail(message: string): never {
    throw new AssayError(this.#malformed, message, { where: this.path });
  }

  has(type: number): boolean {
    return this.#sections.has(type);
  }

  /** Fails if there is anything but these sections. */
  assertOnly(types: readonly number[]): void {
    for (const type of this.#sections.keys()) if (!types.includes(type)) this.fail(`there is a section ${type.toString()}, which such files do not have`);
    if (this.#rest > 0) this.fail(`there are ${this.#rest.toString()} bytes after the last section`);
  }

  size(type: number): number {
    return this.#section(type).size;
  }

  /** The content of a section, or its bytes [from, from + length). */
  read(type: number, from = 0, length?: number): Uint8Array<ArrayBuffer> {
    const section = this.#section(type);
    const wanted = length ?? section.size - from;
    if (from < 0 || wanted < 0 || from + wanted > section.size) this.fail(`section ${type.toString()} is too short`);
    return this.#readAt(section.offset + from, wanted);
  }

  /** A section that must have exactly `size` bytes. */
  readExact(type: number, size: number): Uint8Array<ArrayBuffer> {
    this.#expectSize(type, size);
    return this.read(type);
  }

  /** {@link readExact} into memory that worker threads can see without copying. */
  readShared(type: number, size: number): Uint8Array<SharedArrayBuffer> {
    this.#expectSize(type, size);
    const data = new Uint8Array(new SharedArrayBuffer(size));
    this.#fill(data, this.#section(type).offset);
    return data;
  }

  #expectSize(type: number, size: number): void {
    const found = this.size(type);
    if (found !== size) this.fail(`section ${type.toString()} has ${found.toString()} bytes, expected ${size.toString()}`);
  }

  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new AssayError("FILE_NOT_READABLE", `cannot read: ${reason(error)}`, { where: this.path, cause: error });
    }
  }

  #section(type: number): Section {
    const section = this.#sections.get(type);
    return section ?? this.fail(`section ${type.toString()} is missing`);
  }

  #readTable(magic: string, maxVersion: number): void {
    const fileSize = this.#guard(() => fstatSync(this.#fd)).size;
    if (fileSize < HEADER_BYTES) this.fail(`not a ${magic.trim()} file: too short`);
    const header = this.#readAt(0, HEADER_BYTES);
    if (new TextDecoder().decode(header.subarray(0, 4)) !== magic) this.fail(`not a ${magic.trim()} file`);
    const view = new DataView(header.buffer);
    const version = view.getUint32(4, true);
    if (version < 1 || version > maxVersion) this.fail(`version ${version.toString()} is not supported`);
    const count = view.getUint32(8, true);
    let offset = HEADER_BYTES;
    for (let i = 0; i < count; i++) {
      if (offset + SECTION_HEADER_BYTES > fileSize) this.fail("the file is truncated");
      const entry = new DataView(this.#readAt(offset, SECTION_HEADER_BYTES).buffer);
      const type = entry.getUint32(0, true);
      const size = Number(entry.getBigUint64(4, true));
      offset += SECTION_HEADER_BYTES;
      if (offset + size > fileSize) this.fail("the file is truncated");
      if (this.#sections.has(type)) this.fail(`section ${type.toString()} occurs twice`);
      this.#sections.set(type, { offset, size });
      offset += size;
    }
    this.#rest = fileSize - offset;
  }

  #readAt(position: number, length: number): Uint8Array<ArrayBuffer> {
    const data = new Uint8Array(length);
    this.#fill(data, position);
    return data;
  }

  #fill(data: Uint8Array, position: number): void {
    for (let done = 0; done < data.byteLength; ) {
      const count = this.#guard(() => readSync(this.#fd, data, done, data.byteLength - done, position + done));
      if (count === 0) this.fail("the file is truncated");
      done += count;
    }
  }
}

/** Opens a container for the time of `use`. */
export function withBinFile<T>(
  path: string, magic: string, malformed: ErrorCode, use: (file: BinReader) => T, maxVersion?: number,
): T {
  const file = new BinReader(path, magic, malformed, maxVersion);
  try {
    return use(file);
  } finally {
    file.close();
  }
}

/** Takes one piece after another from the given offset on. */
export function piecesOf(bytes: Uint8Array, offset: number): (size: number) => Uint8Array {
  let position = offset;
  return (size) => {
    position += size;
    return bytes.slice(position - size, position);
  };
}
