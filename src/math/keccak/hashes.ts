/** Hashes of many leaves and nodes of keccak trees at once. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { FREE_MEMORY, type HashShape, keccakModule } from "./wasmModule.js";

export const CHUNK_BYTES = 512;
export const HASH_BYTES = 32;

const LEAF: HashShape = { name: "leaves", tag: 0, size: CHUNK_BYTES };
const NODE: HashShape = { name: "nodes", tag: 1, size: 2 * HASH_BYTES };

/** Bytes of items and of digests in the module's memory; what does not fit is hashed in turns. */
const ITEMS = CHUNK_BYTES * 512;
const PAGE = 1 << 16;
const PAGES = Math.ceil((FREE_MEMORY + ITEMS * 1.5) / PAGE);

/** keccak(0x00 ‖ chunk) of every chunk, 32 bytes each; the last is padded with zeros. Of no bytes: of one chunk of zeros. */
export function hashLeaves(bytes: Uint8Array, hasher = ownHasher()): Uint8Array<ArrayBuffer> {
  return hashItems(hasher, LEAF, bytes, Math.max(1, Math.ceil(bytes.length / CHUNK_BYTES)));
}

/** keccak(0x01 ‖ pair) of every 64 bytes. */
export function hashNodes(pairs: Uint8Array, hasher = ownHasher()): Uint8Array<ArrayBuffer> {
  return hashItems(hasher, NODE, pairs, Math.floor(pairs.length / NODE.size));
}

function hashItems({ hash, memory }: Hasher, shape: HashShape, bytes: Uint8Array, count: number): Uint8Array<ArrayBuffer> {
  const digests = new Uint8Array(HASH_BYTES * count);
  const batch = ITEMS / shape.size;
  const at = FREE_MEMORY + ITEMS;
  for (let from = 0; from < count; from += batch) {
    const size = Math.min(batch, count - from);
    const items = bytes.subarray(from * shape.size, (from + size) * shape.size);
    memory.set(items, FREE_MEMORY);
    memory.fill(0, FREE_MEMORY + items.length, FREE_MEMORY + size * shape.size);
    hash[shape.name](FREE_MEMORY, size, at);
    digests.set(memory.subarray(at, at + size * HASH_BYTES), from * HASH_BYTES);
  }
  return digests;
}

export interface Hasher {
  /** A function a shape: hashes `count` items at one address of the memory to another. */
  readonly hash: Readonly<Record<string, (items: number, count: number, digests: number) => void>>;
  readonly memory: Uint8Array;
}

let own: Hasher | undefined;

function ownHasher(): Hasher {
  own ??= vectorHasher() ?? plainHasher();
  return own;
}

/** Undefined where the processor has no vectors of 128 bits. */
export function vectorHasher(): Hasher | undefined {
  const bytes = keccakModule([LEAF, NODE], PAGES);
  if (!WebAssembly.validate(bytes)) return undefined;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
  return { hash: exports as Hasher["hash"], memory: new Uint8Array((exports.memory as WebAssembly.Memory).buffer) };
}

/** The same, slowly, with noble's keccak. */
export function plainHasher(): Hasher {
  const memory = new Uint8Array(PAGES * PAGE);
  const functionOf = ({ tag, size }: HashShape): Hasher["hash"][string] => (items, count, digests) => {
    for (let i = 0; i < count; i++) {
      const item = memory.subarray(items + i * size, items + (i + 1) * size);
      memory.set(keccak_256.create().update(Uint8Array.of(tag)).update(item).digest(), digests + i * HASH_BYTES);
    }
  };
  return { hash: { [LEAF.name]: functionOf(LEAF), [NODE.name]: functionOf(NODE) }, memory };
}
