/**
 * Fixed-depth keccak trees over 512-byte chunks. Leaves and nodes hash in different domains and the root binds the byte
 * length, so neither a node nor a shorter tree can pass for the other (RFC 6962, section 2.1, for the idea).
 */
import { keccak_256 } from "@noble/hashes/sha3.js";

export const CHUNK_BYTES = 512;

const LEAF = 0;
const NODE = 1;
const ROOT = 2;

function tagged(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = keccak_256.create().update(Uint8Array.of(tag));
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Levels above the leaves of a tree over `length` bytes. */
export function treeDepth(length: number): number {
  return Math.ceil(Math.log2(Math.max(1, Math.ceil(length / CHUNK_BYTES))));
}

/** Top of the tree of fixed depth over `leaves`, at least one; places that are not used hold `unused`. */
export function foldTree(leaves: readonly Uint8Array[], unused: Uint8Array): Uint8Array {
  let level = leaves;
  let empty = unused;
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) above.push(tagged(NODE, level[i], level[i + 1] ?? empty));
    empty = tagged(NODE, empty, empty);
    level = above;
  }
  return level[0];
}

/** Root of the tree over `bytes`; the last chunk is padded with zeros, missing leaves are the chunk of zeros. */
export function merkleRoot(bytes: Uint8Array): Uint8Array {
  const leaves: Uint8Array[] = [];
  for (let offset = 0; offset < Math.max(1, bytes.length); offset += CHUNK_BYTES) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    chunk.set(bytes.subarray(offset, offset + CHUNK_BYTES));
    leaves.push(tagged(LEAF, chunk));
  }
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length));
  return tagged(ROOT, length, foldTree(leaves, tagged(LEAF, new Uint8Array(CHUNK_BYTES))));
}
