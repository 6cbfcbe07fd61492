/** Traces in memory, honest and otherwise: a liar commits to any bytes, padding and unused places included. */
import { CHUNK_BYTES, type ChunkTree, chunkCount, HASH_BYTES, hashLeaves, hashNodes, type HashTree, treeDepth } from "../../../../src/math/merkle.js";
import { Trace, type TraceTensor } from "../../../../src/optimistic/trace/trace.js";
import type { ElementType } from "../../../../src/program/types.js";

/** A complete tree over 2^n leaves. */
function treeOver(leaves: Uint8Array): HashTree {
  const levels = [leaves];
  while (levels[levels.length - 1].length > HASH_BYTES) levels.push(hashNodes(levels[levels.length - 1]));
  return {
    depth: levels.length - 1,
    nodes(height, index, count) {
      if ((index + count) * HASH_BYTES > levels[height].length) throw new Error(`no nodes ${index} to ${index + count} at height ${height}`);
      return levels[height].slice(index * HASH_BYTES, (index + count) * HASH_BYTES);
    },
  };
}

/** @param chunks 2^depth of them, padding and those behind the end included */
export function tensorOf(type: ElementType, count: number, length: number, chunks: Uint8Array): TraceTensor {
  const chunk = (index: number): Uint8Array => chunks.slice(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
  const tree: ChunkTree = { ...treeOver(hashLeaves(chunks)), length, chunk, bytes: () => chunks.slice(0, length) };
  return { type, count, tree };
}

export function honestTensor(type: ElementType, count: number, bytes: Uint8Array): TraceTensor {
  return tensorOf(type, count, bytes.length, padded(bytes));
}

/** With one byte of its chunks changed: of an element, of the padding, or behind the last chunk. */
export function withByte({ type, count, tree }: TraceTensor, at: number, change: (byte: number) => number): TraceTensor {
  const chunks = padded(tree.bytes());
  chunks[at] = change(chunks[at]);
  return tensorOf(type, count, tree.length, chunks);
}

/** Another tensor at one of the slots. */
export function replaced(trace: Trace, slot: number, tensor: TraceTensor): Trace {
  return new Trace(trace.tensors.map((known, i) => (i === slot ? tensor : known)));
}

/** Another leaf at a place of the tree over the slots, used or not. */
export function withLeaf(trace: Trace, at: number, leaf: Uint8Array): Trace {
  const leaves = Array.from({ length: 2 ** trace.roots.depth }, (_, i) => (i === at ? leaf : trace.roots.nodes(0, i, 1)));
  return new Trace(trace.tensors, leaves);
}

/** Bytes of a tensor's tree that no element has: in its last chunk, and in chunks behind it. */
export function spareBytes({ tree: { length } }: TraceTensor): { readonly padding: number; readonly chunks: number } {
  return { padding: chunkCount(length) * CHUNK_BYTES - length, chunks: (2 ** treeDepth(length) - chunkCount(length)) * CHUNK_BYTES };
}

function padded(bytes: Uint8Array): Uint8Array {
  const chunks = new Uint8Array(CHUNK_BYTES * 2 ** treeDepth(bytes.length));
  chunks.set(bytes);
  return chunks;
}
