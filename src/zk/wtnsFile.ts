/** Witness files, .wtns version 2 (snarkjs `wtns_utils.js`): section 1 field and length, section 2 the values. */
import { AssayError } from "../errors.js";
import { FIELD_BYTES, R, readFieldLE, writeFieldLE } from "../math/field.js";
import { withBinFile, writeBinFile } from "./keys/binFile.js";

const MAGIC = "wtns";
const VERSION = 2;
const HEADER = 1;
const VALUES = 2;
const HEADER_BYTES = 4 + FIELD_BYTES + 4;

/**
 * @param witness one canonical little-endian value of 32 bytes a wire
 * @throws AssayError FILE_NOT_WRITABLE
 */
export function writeWtns(path: string, witness: Uint8Array): void {
  if (witness.byteLength % FIELD_BYTES !== 0) {
    throw new AssayError("INTERNAL", "a witness must hold 32 bytes a wire", { where: path });
  }
  writeBinFile(path, MAGIC, VERSION, 2, (out) => {
    out.section(HEADER);
    out.u32(FIELD_BYTES);
    out.field(R);
    out.u32(witness.byteLength / FIELD_BYTES);
    out.section(VALUES);
    out.bytes(witness);
  });
}

/**
 * The witness as 32 little-endian bytes a wire. Values are not checked to be below the modulus.
 *
 * @throws AssayError FILE_NOT_READABLE, ARTEFACT_STALE when malformed or over another field
 */
export function readWtns(path: string): Uint8Array<ArrayBuffer> {
  return withBinFile(path, MAGIC, "ARTEFACT_STALE", (file) => {
    const header = file.readExact(HEADER, HEADER_BYTES);
    const view = new DataView(header.buffer);
    if (view.getUint32(0, true) !== FIELD_BYTES || readFieldLE(header, 4) !== R) file.fail("the witness is not over BN254");
    return file.readExact(VALUES, view.getUint32(4 + FIELD_BYTES, true) * FIELD_BYTES);
  });
}

/** The bytes of a .wtns file, for provers in the same process: a witness need not touch the disk. */
export function encodeWtns(witness: Uint8Array): Uint8Array {
  const sectionHeader = 12;
  const bytes = new Uint8Array(12 + sectionHeader + HEADER_BYTES + sectionHeader + witness.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint32(4, VERSION, true);
  view.setUint32(8, 2, true);
  writeSectionHeader(view, 12, HEADER, HEADER_BYTES);
  view.setUint32(24, FIELD_BYTES, true);
  writeFieldLE(bytes, 28, R);
  view.setUint32(28 + FIELD_BYTES, witness.byteLength / FIELD_BYTES, true);
  writeSectionHeader(view, 24 + HEADER_BYTES, VALUES, witness.byteLength);
  bytes.set(witness, bytes.length - witness.byteLength);
  return bytes;
}

function writeSectionHeader(view: DataView, offset: number, section: number, length: number): void {
  view.setUint32(offset, section, true);
  view.setBigUint64(offset + 4, BigInt(length), true);
}
