/**
 * The trace of somebody's claim, as whoever claimed it serves it: what it committed to, right or wrong. In the format of traceStore.ts
 * but for what no execution has: a tensor's .bin file may go on behind the tensor's end, through the padding of its last chunk and
 * the chunks behind it that its tree has room for (its .tree file is not read then); and the manifest may have `unused`, the leaves
 * of the trace's tree behind the last slot.
 */
import { statSync } from "node:fs";
import { readBytes } from "../../files.js";
import { CHUNK_BYTES, type ChunkTree, chunkCount, rootOfTree, treeDepth, treeOfBytes } from "../../math/merkle.js";
import { equalBytes } from "../../math/merkleProofs.js";
import type { StoredTensor } from "../../program/steps/index.js";
import { byteLengthOf, type Hash, Trace } from "./trace.js";
import { damaged, openStored, pathOf } from "./traceStore.js";

export interface ClaimedTrace {
  readonly modelId: string;
  /** The claim's. */
  readonly root: Hash;
  readonly tensors: readonly StoredTensor[];
}

/** @throws AssayError as openTrace does */
export function openClaimed(directory: string, expected: ClaimedTrace): Trace {
  const { trace, leaves } = openStored(directory, expected, (path, tensor) => fileSize(path) > byteLengthOf(tensor));
  const tensors = trace.tensors.map((tensor, slot) => {
    const path = `${pathOf(directory, slot)}.bin`;
    return fileSize(path) > tensor.tree.length ? { ...tensor, tree: dirtyTree(path, tensor.tree.length, leaves[slot]) } : tensor;
  });
  return new Trace(tensors, leaves);
}

/** A tree over more bytes than belong to the tensor, under a root of the tensor's length. */
function dirtyTree(path: string, length: number, root: Uint8Array): ChunkTree {
  const all = readBytes(path);
  const room = CHUNK_BYTES * 2 ** treeDepth(length);
  if (all.length > room) throw damaged(path, `the file has ${all.length} bytes, the tensor's tree has room for ${room}`);
  // Whole chunks, so that the tree has its depth whatever the file ends in.
  const bytes = new Uint8Array(CHUNK_BYTES * Math.max(chunkCount(length), chunkCount(all.length)));
  bytes.set(all);
  const tree: ChunkTree = { ...treeOfBytes(bytes), length, bytes: () => bytes.subarray(0, length) };
  if (equalBytes(rootOfTree(tree), root)) return tree;
  throw damaged(path, "the file does not hold what was committed to");
}

function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
