/** Hashes of many leaves and nodes of keccak trees at once. */
import { createKeccak } from "hash-wasm";

export const CHUNK_BYTES = 512;
export const HASH_BYTES = 32;

const LEAF = { tag: 0, size: CHUNK_BYTES };
const NODE = { tag: 1, size: 2 * HASH_BYTES };

/** WebAssembly: nine times as fast as keccak in JavaScript (1.6 µs a leaf, 14 µs). */
const keccak = await createKeccak(256);

/** keccak(0x00 ‖ chunk) of every chunk, 32 bytes each; the last is padded with zeros. Of no bytes: of one chunk of zeros. */
export function hashLeaves(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return hashItems(LEAF, bytes, Math.max(1, Math.ceil(bytes.length / CHUNK_BYTES)));
}

/** keccak(0x01 ‖ pair) of every 64 bytes. */
export function hashNodes(pairs: Uint8Array): Uint8Array<ArrayBuffer> {
  return hashItems(NODE, pairs, Math.floor(pairs.length / NODE.size));
}

function hashItems({ tag, size }: typeof LEAF, bytes: Uint8Array, count: number): Uint8Array<ArrayBuffer> {
  const digests = new Uint8Array(HASH_BYTES * count);
  const item = new Uint8Array(1 + size);
  item[0] = tag;
  for (let i = 0; i < count; i++) {
    const data = bytes.subarray(i * size, (i + 1) * size);
    item.set(data, 1);
    item.fill(0, 1 + data.length);
    digests.set(keccak.init().update(item).digest("binary"), i * HASH_BYTES);
  }
  return digests;
}
