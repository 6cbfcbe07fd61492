/** Where in a trace a game stands, and what a node's expansion is there. */
import { chunkCount, CHUNK_BYTES, HASH_BYTES, traceDepth, treeDepth } from "../../math/merkle.js";
import { EXPANSION_LEVELS, expansionLevels, isChunkExpansion, isExpansion, isRootExpansion } from "../../math/merkleProofs.js";
import type { TracePosition as TreePosition } from "../trace/trace.js";
import { fromHash, type Hash, toHash } from "./hash.js";

/** A node of the tree over the slots; at levels 0 a tensor's root, which a game looks at as a {@link TensorPosition}. */
export interface TracePosition {
  readonly area: "trace";
  /** Between the node and the leaves of its tree. */
  readonly levels: number;
  /** Among the nodes of its level. */
  readonly index: number;
}

/** A tensor's root. */
export interface TensorPosition {
  readonly area: "tensor";
  readonly slot: number;
  /** Bytes, from the descriptor. */
  readonly length: number;
}

/** A node of the tree over a tensor's chunks, below the root. */
export interface InnerPosition {
  readonly area: "inner";
  readonly slot: number;
  readonly length: number;
  readonly levels: number;
  readonly index: number;
}

export type Position = TracePosition | TensorPosition | InnerPosition;

/** Levels from the node down to the leaves of the tree that it is the top of. */
export function levelsBelow(position: Position): number {
  return position.area === "tensor" ? treeDepth(position.length) : position.levels;
}

/** The same place for who reads a trace. */
export function treePosition(position: Position): TreePosition {
  if (position.area === "trace") return position;
  const { slot } = position;
  return { area: "tensor", slot, levels: levelsBelow(position), index: position.area === "tensor" ? 0 : position.index };
}

/** Whether the expansion is a chunk, and no hashes. */
export function showsChunk(position: Position): boolean {
  return position.area !== "trace" && levelsBelow(position) === 0;
}

/** Bytes of the expansion. */
export function expansionBytes(position: Position): number {
  return showsChunk(position) ? CHUNK_BYTES : HASH_BYTES * 2 ** expansionLevels(levelsBelow(position));
}

/** Whether `expansion`, of {@link expansionBytes}, is what `node` commits to. */
export function isExpansionOf(position: Position, node: Hash, expansion: Uint8Array): boolean {
  switch (position.area) {
    case "trace":
      return isExpansion(fromHash(node), position.levels, expansion);
    case "tensor":
      return isRootExpansion(fromHash(node), position.length, expansion);
    case "inner":
      return isChunkExpansion(fromHash(node), position.levels, expansion);
  }
}

/** The node number `child` of an expansion that is no chunk. */
export function childNode(expansion: Uint8Array, child: number): Hash {
  return toHash(expansion.subarray(child * HASH_BYTES, (child + 1) * HASH_BYTES));
}

/** Where that node is. */
export function childPosition(position: Position, child: number): TracePosition | InnerPosition {
  const levels = levelsBelow(position);
  const skipped = expansionLevels(levels);
  const index = (position.area === "tensor" ? 0 : position.index) * 2 ** skipped + child;
  if (position.area === "trace") return { area: "trace", levels: levels - skipped, index };
  const { slot, length } = position;
  return { area: "inner", slot, length, levels: levels - skipped, index };
}

/** Whether a leaf lies behind the tensor's last chunk. */
export function isBehindEnd({ length, index }: InnerPosition): boolean {
  return index >= chunkCount(length);
}

/** Expansions from a trace's root to a chunk of a tensor of `length` bytes, the chunk itself included. */
export function expansionsOnWay(slots: number, length: number): number {
  return Math.ceil(traceDepth(slots) / EXPANSION_LEVELS) + Math.ceil(treeDepth(length) / EXPANSION_LEVELS) + 1;
}
