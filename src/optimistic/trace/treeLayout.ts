/**
 * How the tree over a byte string lies in a file: its levels one after another, leaves first, and of each only the nodes that
 * stand over some of the bytes. All others are known (merkle.ts, emptyChunkNode).
 */
import { chunkCount, CHUNK_BYTES, emptyChunkNode, HASH_BYTES, hashLeaves, levelAbove, rootOf, treeDepth } from "../../math/merkle.js";

/** Levels that one piece of a byte string fills by itself. */
const PIECE_LEVELS = 9;

/** What one thread hashes at a time: 256 KiB, which is 0.4 ms of work. */
export const PIECE_BYTES = CHUNK_BYTES << PIECE_LEVELS;

export class TreeLayout {
  readonly depth: number;
  /** Bytes of all stored nodes. */
  readonly size: number;
  /** By height. */
  readonly #starts: readonly number[];

  constructor(readonly length: number) {
    this.depth = treeDepth(length);
    const starts = [0];
    for (let height = 0; height <= this.depth; height++) starts.push(starts[height] + this.count(height) * HASH_BYTES);
    this.size = starts[this.depth + 1];
    this.#starts = starts;
  }

  /** Stored nodes of a height. */
  count(height: number): number {
    return Math.ceil(chunkCount(this.length) / 2 ** height);
  }

  /** Byte offset of a node. */
  offset(height: number, index: number): number {
    return this.#starts[height] + index * HASH_BYTES;
  }

  /** The nodes over the piece that begins at byte `from`, a multiple of {@link PIECE_BYTES}, as high as they depend on it alone. */
  fillPiece(nodes: Uint8Array, from: number, piece: Uint8Array): void {
    let level = hashLeaves(piece);
    for (let height = 0; ; height++) {
      nodes.set(level, this.offset(height, from / CHUNK_BYTES / 2 ** height));
      if (height === Math.min(PIECE_LEVELS, this.depth)) return;
      level = levelAbove(level, emptyChunkNode(height));
    }
  }

  /** The levels above all pieces. */
  finish(nodes: Uint8Array): void {
    for (let height = PIECE_LEVELS; height < this.depth; height++) {
      nodes.set(levelAbove(this.#level(nodes, height), emptyChunkNode(height)), this.offset(height + 1, 0));
    }
  }

  /** All nodes at once. */
  nodesOf(bytes: Uint8Array): Uint8Array {
    const nodes = new Uint8Array(this.size);
    for (let from = 0; from === 0 || from < bytes.length; from += PIECE_BYTES) this.fillPiece(nodes, from, bytes.subarray(from, from + PIECE_BYTES));
    this.finish(nodes);
    return nodes;
  }

  /** Of the byte string whose nodes these are. */
  root(nodes: Uint8Array): Uint8Array {
    return rootOf(this.length, this.#level(nodes, this.depth));
  }

  #level(nodes: Uint8Array, height: number): Uint8Array {
    return nodes.subarray(this.offset(height, 0), this.offset(height, this.count(height)));
  }
}
