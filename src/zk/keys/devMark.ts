/** What a dev key says of itself. */

const MARK_BYTES = 64;
const TEXT = "ASSAY DEV KEY: made by one party, who can forge proofs";

/** 64 bytes. In a .zkey it stands where a ceremony key has the hash of its circuit, and survives later contributions. */
export const DEV_MARK = new TextEncoder().encode(TEXT.padEnd(MARK_BYTES, "."));

export function isDevMark(bytes: Uint8Array): boolean {
  return bytes.byteLength === MARK_BYTES && bytes.every((byte, i) => byte === DEV_MARK[i]);
}
