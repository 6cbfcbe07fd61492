/**
 * What is shown of a keccak tree (merkle.ts): inclusion of one leaf, of several chunks at once, and the children of a node
 * four levels below it. Each has its check beside it, which mirrors the contracts' (contracts/lib).
 */
import { CHUNK_BYTES, type ChunkTree, HASH_BYTES, hashLeaves, type HashTree, joinNodes, levelAbove, rootOf, topOf, treeDepth } from "./merkle.js";

/** Levels that one expansion descends: 16 children. */
export const EXPANSION_LEVELS = 4;

/** Several chunks of one byte string. */
export interface ChunkProof {
  /** Strictly ascending. */
  readonly indices: readonly number[];
  /** 512 bytes an index. */
  readonly chunks: Uint8Array;
  /**
   * The nodes that cannot be computed from the chunks: level by level from the leaves up, left to right in each. With no
   * chunks at all: the topmost node, which proves the length.
   */
  readonly siblings: readonly Uint8Array[];
}

/** The siblings on the way from a node up to the top: depth − height of them. */
export function proveNode(tree: HashTree, index: number, height = 0): Uint8Array[] {
  const siblings: Uint8Array[] = [];
  for (let at = index; height + siblings.length < tree.depth; at >>>= 1) siblings.push(tree.nodes(height + siblings.length, at ^ 1, 1));
  return siblings;
}

/** The topmost node that a leaf and its siblings give; the number of siblings is the depth that is proven. */
export function foldProof(leaf: Uint8Array, index: number, siblings: readonly Uint8Array[]): Uint8Array {
  let at = index;
  return siblings.reduce((node, sibling) => {
    const left = (at & 1) === 0;
    at >>>= 1;
    return left ? joinNodes(node, sibling) : joinNodes(sibling, node);
  }, leaf);
}

/** Whether a leaf stands at `index` of the tree of `depth` levels under `top`. */
export function isLeaf(top: Uint8Array, depth: number, index: number, leaf: Uint8Array, siblings: readonly Uint8Array[]): boolean {
  const formed = isIndex(index, depth) && siblings.length === depth && [leaf, ...siblings].every(isHash);
  return formed && equalBytes(foldProof(leaf, index, siblings), top);
}

/** Whether a chunk stands at `index` of the `length` bytes with this root. */
export function isChunk(root: Uint8Array, length: number, index: number, chunk: Uint8Array, siblings: readonly Uint8Array[]): boolean {
  return isIndex(index, treeDepth(length)) && areChunks(root, length, { indices: [index], chunks: chunk, siblings });
}

/** @param indices strictly ascending */
export function proveChunks(tree: ChunkTree, indices: readonly number[]): ChunkProof {
  if (indices.length === 0) return { indices, chunks: new Uint8Array(0), siblings: [topOf(tree)] };
  const chunks = new Uint8Array(indices.length * CHUNK_BYTES);
  indices.forEach((index, i) => chunks.set(tree.chunk(index), i * CHUNK_BYTES));
  const siblings: Uint8Array[] = [];
  let known = indices;
  for (let height = 0; height < tree.depth; height++) {
    for (const index of missingSiblings(known)) siblings.push(tree.nodes(height, index, 1));
    known = parentsOf(known);
  }
  return { indices, chunks, siblings };
}

/** How many siblings {@link proveChunks} takes, without a tree. */
export function siblingCount(depth: number, indices: readonly number[]): number {
  if (indices.length === 0) return 1;
  let count = 0;
  let known = indices;
  for (let height = 0; height < depth; height++) {
    count += missingSiblings(known).length;
    known = parentsOf(known);
  }
  return count;
}

/** Whether all chunks stand at their indices of the `length` bytes with this root, or, of none, whether it has that length. */
export function areChunks(root: Uint8Array, length: number, { indices, chunks, siblings }: ChunkProof): boolean {
  const depth = treeDepth(length);
  const ascending = indices.every((index, i) => isIndex(index, depth) && (i === 0 || index > indices[i - 1]));
  if (!ascending || chunks.length !== indices.length * CHUNK_BYTES || !siblings.every(isHash)) return false;
  if (indices.length === 0) return siblings.length === 1 && equalBytes(rootOf(length, siblings[0]), root);
  const top = foldChunks(depth, indices, hashLeaves(chunks), siblings);
  return top !== undefined && equalBytes(rootOf(length, top), root);
}

/** The topmost node; undefined where siblings lack or are left. */
function foldChunks(depth: number, indices: readonly number[], leaves: Uint8Array, siblings: readonly Uint8Array[]): Uint8Array | undefined {
  let known = indices;
  let nodes = leaves;
  let used = 0;
  for (let height = 0; height < depth; height++) {
    const parents = parentsOf(known);
    const pairs = new Uint8Array(parents.length * 2 * HASH_BYTES);
    known.forEach((index, i) => pairs.set(nodes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES), slotInPairs(index, parents)));
    for (const index of missingSiblings(known)) {
      const sibling = siblings.at(used++);
      if (sibling === undefined) return undefined;
      pairs.set(sibling, slotInPairs(index, parents));
    }
    nodes = levelAbove(pairs, nodes);
    known = parents;
  }
  return used === siblings.length ? nodes : undefined;
}

/** Byte offset of a node among the pairs under `parents`. */
function slotInPairs(index: number, parents: readonly number[]): number {
  return (2 * parents.indexOf(index >>> 1) + (index & 1)) * HASH_BYTES;
}

/** The siblings of ascending indices that are not among them, ascending. */
function missingSiblings(known: readonly number[]): number[] {
  const missing: number[] = [];
  for (let i = 0; i < known.length; i++) {
    const other = known[i] ^ 1;
    if (known[i + 1] === other) i++;
    else missing.push(other);
  }
  return missing;
}

function parentsOf(known: readonly number[]): number[] {
  const parents: number[] = [];
  for (const index of known) if (parents.at(-1) !== index >>> 1) parents.push(index >>> 1);
  return parents;
}

/** Levels from a node of a height to the children that stand for it in a dispute. */
export function expansionLevels(height: number): number {
  return Math.min(EXPANSION_LEVELS, height);
}

/** A node's children {@link expansionLevels} below it, left to right; height ≥ 1. */
export function expand(tree: HashTree, height: number, index: number): Uint8Array {
  const levels = expansionLevels(height);
  return tree.nodes(height - levels, index * 2 ** levels, 2 ** levels);
}

/** A node of a chunk tree as a dispute shows it: its children, or the chunk itself where it is a leaf. */
export function expandChunks(tree: ChunkTree, height: number, index: number): Uint8Array {
  return height === 0 ? tree.chunk(index) : expand(tree, height, index);
}

/** The node over 2^n children. */
function foldChildren(children: Uint8Array): Uint8Array {
  let level = children;
  while (level.length > HASH_BYTES) level = levelAbove(level, level);
  return level;
}

/** Whether these bytes are the children of a node of a height ≥ 1. */
export function isExpansion(node: Uint8Array, height: number, children: Uint8Array): boolean {
  return children.length === HASH_BYTES * 2 ** expansionLevels(height) && equalBytes(foldChildren(children), node);
}

/** The same of {@link expandChunks}. */
export function isChunkExpansion(node: Uint8Array, height: number, shown: Uint8Array): boolean {
  if (height > 0) return isExpansion(node, height, shown);
  return shown.length === CHUNK_BYTES && equalBytes(hashLeaves(shown), node);
}

/** The same of a whole byte string, known by its root. */
export function isRootExpansion(root: Uint8Array, length: number, shown: Uint8Array): boolean {
  const depth = treeDepth(length);
  if (shown.length !== (depth === 0 ? CHUNK_BYTES : HASH_BYTES * 2 ** expansionLevels(depth))) return false;
  return equalBytes(rootOf(length, depth === 0 ? hashLeaves(shown) : foldChildren(shown)), root);
}

export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === HASH_BYTES;
}

function isIndex(index: number, depth: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < 2 ** depth;
}
