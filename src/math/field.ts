/**
 * Scalar and base field of BN254 (alt_bn128), the curve of EIP-196 and EIP-197.
 * Constants: EIP-196 (p, group order r).
 */

/** Order of the group; the field of circuit values. */
export const R = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** Base field of G1. */
export const P = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;

/** Bytes of a field element in every file format. */
export const FIELD_BYTES = 32;

/** The residue of any integer in [0, r). */
export function toField(value: bigint): bigint {
  const residue = value % R;
  return residue < 0n ? residue + R : residue;
}

/** The signed integer of least absolute value that a field element stands for. */
export function fromField(value: bigint): bigint {
  return value > R / 2n ? value - R : value;
}

export function writeFieldLE(target: Uint8Array, offset: number, value: bigint): void {
  let rest = value;
  for (let i = 0; i < 4; i++) {
    const word = BigInt.asUintN(64, rest);
    new DataView(target.buffer, target.byteOffset + offset + 8 * i, 8).setBigUint64(0, word, true);
    rest >>= 64n;
  }
}

export function readFieldLE(source: Uint8Array, offset: number): bigint {
  const view = new DataView(source.buffer, source.byteOffset + offset, FIELD_BYTES);
  let value = 0n;
  for (let i = 3; i >= 0; i--) value = (value << 64n) | view.getBigUint64(8 * i, true);
  return value;
}
