/** Witness files, .wtns version 2 (snarkjs `wtns_utils.js`): section 1 field and length, section 2 the values. */
import { AssayError } from "../errors.js";
import { FIELD_BYTES, R, readFieldLE } from "../math/field.js";
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
