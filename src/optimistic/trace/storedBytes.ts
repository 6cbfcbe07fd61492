/**
 * Committed bytes on disk with the tree over them. Whatever is read is checked against the root first, so that a damaged file is
 * named and never becomes a move.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { AssayError } from "../../errors.js";
import { asReadError } from "../../files.js";
import { CHUNK_BYTES, type ChunkTree, emptyChunkNode, HASH_BYTES, hashLeaves, joinNodes, merkleRoot, padLevel, rootOf, treeDepth } from "../../math/merkle.js";
import { equalBytes } from "../../math/merkleProofs.js";
import { TreeLayout } from "./treeLayout.js";

/** Nodes and chunks that stay in memory once they have been checked: 128 KiB and 256 KiB. */
const KEPT_NODES = 4096;
const KEPT_CHUNKS = 512;

export class StoredBytes implements ChunkTree {
  readonly depth: number;
  readonly #nodes = new Map<number, Uint8Array>();
  readonly #chunks = new Map<number, Uint8Array>();
  readonly #layout: TreeLayout;

  /**
   * @param path of `path`.bin and `path`.tree, which are opened whenever they are read
   * @param loaded the bytes, where they are in memory and have been compared with the root
   */
  constructor(
    readonly path: string,
    readonly length: number,
    readonly root: Uint8Array,
    private readonly loaded?: Uint8Array,
  ) {
    this.depth = treeDepth(length);
    this.#layout = new TreeLayout(length);
  }

  chunk(index: number): Uint8Array {
    if (this.loaded !== undefined) return padded(this.loaded.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES));
    return this.#chunks.get(index) ?? this.#checkedChunk(index);
  }

  bytes(): Uint8Array {
    if (this.loaded !== undefined) return this.loaded;
    const bytes = withFile(`${this.path}.bin`, (file) => file.read(0, this.length));
    if (!equalBytes(merkleRoot(bytes), this.root)) throw stale(`${this.path}.bin`);
    return bytes;
  }

  nodes(height: number, index: number, count: number): Uint8Array {
    return withFile(`${this.path}.tree`, (file) => {
      const result = new Uint8Array(count * HASH_BYTES);
      for (let i = 0; i < count; i++) result.set(this.#node(file, height, index + i), i * HASH_BYTES);
      return result;
    });
  }

  #checkedChunk(index: number): Uint8Array {
    const leaf = this.nodes(0, index, 1);
    const from = index * CHUNK_BYTES;
    const chunk = padded(withFile(`${this.path}.bin`, (file) => file.read(from, Math.max(0, Math.min(CHUNK_BYTES, this.length - from)))));
    if (!equalBytes(hashLeaves(chunk), leaf)) throw stale(`${this.path}.bin`);
    return keep(this.#chunks, KEPT_CHUNKS, index, chunk);
  }

  /** Checked against its parent, which is known or checked likewise. */
  #node(file: OpenFile, height: number, index: number): Uint8Array {
    const known = this.#nodes.get(keyOf(height, index));
    if (known !== undefined) return known;
    if (height >= this.depth) return this.#top(file);
    const parent = this.#node(file, height + 1, Math.floor(index / 2));
    const left = index - (index % 2);
    const pair = this.#stored(file, height, left, 2);
    const nodes = [pair.subarray(0, HASH_BYTES), pair.subarray(HASH_BYTES)];
    if (!equalBytes(joinNodes(nodes[0], nodes[1]), parent)) throw stale(file.path);
    nodes.forEach((node, i) => keep(this.#nodes, KEPT_NODES, keyOf(height, left + i), node));
    return nodes[index % 2];
  }

  #top(file: OpenFile): Uint8Array {
    const top = this.#stored(file, this.depth, 0, 1);
    if (!equalBytes(rootOf(this.length, top), this.root)) throw stale(file.path);
    return keep(this.#nodes, KEPT_NODES, keyOf(this.depth, 0), top);
  }

  /** Unchecked; what the file lacks is known. */
  #stored(file: OpenFile, height: number, index: number, count: number): Uint8Array {
    const stored = Math.max(0, Math.min(count, this.#layout.count(height) - index));
    const nodes = stored === 0 ? new Uint8Array(0) : file.read(this.#layout.offset(height, index), stored * HASH_BYTES);
    return padLevel(nodes, count, emptyChunkNode(height));
  }
}

function padded(bytes: Uint8Array): Uint8Array {
  if (bytes.length === CHUNK_BYTES) return bytes;
  const chunk = new Uint8Array(CHUNK_BYTES);
  chunk.set(bytes);
  return chunk;
}

/** Heights are below 32. */
function keyOf(height: number, index: number): number {
  return index * 32 + height;
}

function keep(map: Map<number, Uint8Array>, most: number, key: number, value: Uint8Array): Uint8Array {
  if (map.size >= most) map.clear();
  map.set(key, value);
  return value;
}

function stale(where: string): AssayError {
  return new AssayError("ARTEFACT_STALE", "the file does not hold what was committed to", { where, hint: "remove its directory and make it again" });
}

interface OpenFile {
  readonly path: string;
  read(position: number, length: number): Uint8Array;
}

/** @throws AssayError FILE_NOT_READABLE; ARTEFACT_STALE where the file ends too early */
function withFile<T>(path: string, use: (file: OpenFile) => T): T {
  let descriptor: number | undefined;
  const read = (position: number, length: number): Uint8Array => {
    const target = new Uint8Array(length);
    try {
      descriptor ??= openSync(path, "r");
      for (let done = 0; done < length; ) {
        const count = readSync(descriptor, target, done, length - done, position + done);
        if (count === 0) throw stale(path);
        done += count;
      }
    } catch (cause) {
      throw asReadError(path, cause);
    }
    return target;
  };
  try {
    return use({ path, read });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
