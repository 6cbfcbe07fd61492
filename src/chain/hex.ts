/** Bytes as the contracts' ABI writes them: 0x-prefixed lowercase hex. */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

export type Hex = `0x${string}`;

export function toHex(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`;
}

export function fromHex(hex: string): Uint8Array {
  return hexToBytes(hex.slice(2));
}

/** As the dispute's states hold hashes and addresses. */
export function lower(hex: string): Hex {
  return hex.toLowerCase() as Hex;
}
