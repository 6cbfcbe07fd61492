/**
 * Fixed-depth keccak trees over 512-byte chunks. Leaves and nodes hash in different domains and the root binds the byte
 * length, so neither a node nor a shorter tree can pass for the other (RFC 6962, section 2.1, for the idea).
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { CHUNK_BYTES, HASH_BYTES, hashLeaves, hashNodes } from "./keccak.js";

export { CHUNK_BYTES, HASH_BYTES, hashLeaves, hashNodes };

const ROOT = 2;

/** A complete binary tree of 2^depth leaves; leaves have height 0. Hashes are 32 bytes each, side by side. */
export interface HashTree {
  readonly depth: number;
  /** `count` hashes at a height from an index on; index + count ≤ 2^(depth − height). */
  nodes(height: number, index: number, count: number): Uint8Array;
}

/** Bytes and the tree over them. */
export interface ChunkTree extends HashTree {
  /** Of the committed bytes. */
  readonly length: number;
  /** 512 bytes; zeros behind the end. */
  chunk(index: number): Uint8Array;
  /** All of them, without padding. */
  bytes(): Uint8Array;
}

/** Chunks that hold `length` bytes; one for none. */
export function chunkCount(length: number): number {
  return Math.max(1, Math.ceil(length / CHUNK_BYTES));
}

/** Levels above `leaves` ≥ 1 leaves. */
export function depthOf(leaves: number): number {
  return 32 - Math.clz32(leaves - 1);
}

/**
 * Leaves of a trace's tree at least: one is no tensor's. A root is played only once; a trace that marks this leaf has another
 * root and the same tensors, so that a game which somebody else lost can be opened again.
 */
export function traceLeaves(slots: number): number {
  return slots + 1;
}

/** Levels above the leaves of the tree over a trace's slots. */
export function traceDepth(slots: number): number {
  return depthOf(traceLeaves(slots));
}

/** Levels above the leaves of a tree over `length` bytes. */
export function treeDepth(length: number): number {
  return depthOf(chunkCount(length));
}

/** keccak(0x02 ‖ length as eight bytes, big-endian ‖ topmost node). */
export function rootOf(length: number, top: Uint8Array): Uint8Array {
  const data = new Uint8Array(9 + HASH_BYTES);
  data[0] = ROOT;
  new DataView(data.buffer).setBigUint64(1, BigInt(length));
  data.set(top, 9);
  return keccak_256(data);
}

/** Root of the tree over `bytes`; the last chunk is padded with zeros, missing leaves are the chunk of zeros. */
export function merkleRoot(bytes: Uint8Array): Uint8Array {
  return rootOfTree(treeOfBytes(bytes));
}

export function rootOfTree(tree: ChunkTree): Uint8Array {
  return rootOf(tree.length, topOf(tree));
}

/** Keeps `bytes`: they must not change. */
export function treeOfBytes(bytes: Uint8Array): ChunkTree {
  const tree = treeOfLeaves(hashLeaves(bytes), emptyChunkNode);
  const chunk = (index: number): Uint8Array => {
    const padded = new Uint8Array(CHUNK_BYTES);
    padded.set(bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES));
    return padded;
  };
  return { ...tree, length: bytes.length, chunk, bytes: () => bytes };
}

/** A tree over roots, as a trace has it over its tensors' roots: leaves as given, unused ones 0; for `room` leaves at least. */
export function treeOfRoots(leaves: readonly Uint8Array[], room = 1): HashTree {
  const flat = new Uint8Array(HASH_BYTES * Math.max(room, leaves.length));
  leaves.forEach((leaf, i) => flat.set(leaf, i * HASH_BYTES));
  return treeOfLeaves(flat, emptyRootNode);
}

/** Top of the tree of fixed depth over `leaves`, at least one; unused ones are 0. */
export function foldTree(leaves: readonly Uint8Array[]): Uint8Array {
  return topOf(treeOfRoots(leaves));
}

export function topOf(tree: HashTree): Uint8Array {
  return tree.nodes(tree.depth, 0, 1);
}

/** A tree whose levels are held; what lies over no leaf is `empty` of its height. */
function treeOfLeaves(leaves: Uint8Array, empty: (height: number) => Uint8Array): HashTree {
  const levels = [leaves];
  const depth = depthOf(leaves.length / HASH_BYTES);
  for (let height = 0; height < depth; height++) levels.push(levelAbove(levels[height], empty(height)));
  return { depth, nodes: (height, index, count) => padLevel(levels[height].subarray(index * HASH_BYTES, (index + count) * HASH_BYTES), count, empty(height)) };
}

/** The level above `level`; `empty` is the missing sibling of an odd last node. */
export function levelAbove(level: Uint8Array, empty: Uint8Array): Uint8Array<ArrayBuffer> {
  const pairs = Math.ceil(level.length / (2 * HASH_BYTES));
  return hashNodes(padLevel(level, 2 * pairs, empty));
}

/** `count` hashes: those of `nodes`, then `empty`. */
export function padLevel(nodes: Uint8Array, count: number, empty: Uint8Array): Uint8Array {
  if (nodes.length === count * HASH_BYTES) return nodes;
  const result = new Uint8Array(count * HASH_BYTES);
  result.set(nodes);
  for (let at = nodes.length; at < result.length; at += HASH_BYTES) result.set(empty, at);
  return result;
}

/** The node of a height over chunks of zeros. */
export const emptyChunkNode = emptyNodes(() => hashLeaves(new Uint8Array(0)));

/** The node of a height over unused slots. */
export const emptyRootNode = emptyNodes(() => new Uint8Array(HASH_BYTES));

function emptyNodes(leaf: () => Uint8Array): (height: number) => Uint8Array {
  const known: Uint8Array[] = [];
  return (height) => {
    if (known.length === 0) known.push(leaf());
    for (let last = known[known.length - 1]; known.length <= height; known.push(last)) last = joinNodes(last, last);
    return known[height];
  };
}

/** keccak(0x01 ‖ left ‖ right). */
export function joinNodes(left: Uint8Array, right: Uint8Array): Uint8Array {
  const pair = new Uint8Array(2 * HASH_BYTES);
  pair.set(left);
  pair.set(right, HASH_BYTES);
  return hashNodes(pair);
}
