/**
 * Byte strings with proofs: in memory, or on disk with their trees. Whatever is read is checked against the root first, so that a
 * damaged file is named and never becomes a move.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { AssayError } from "../../errors.js";
import { asReadError } from "../../files.js";
import { CHUNK_BYTES, type ChunkTree, emptyChunkNode, HASH_BYTES, hashLeaves, merkleRoot, padLevel, rootOf, rootOfTree, treeDepth, treeOfBytes } from "../../math/merkle.js";
import { areChunks, type ChunkProof, equalBytes, expandChunks, foldProof, isChunkExpansion, proveChunks, proveNode } from "../../math/merkleProofs.js";
import { TreeLayout } from "./treeLayout.js";

/** Where committed bytes come from. */
interface ByteSource {
  /** For messages; {@link use} opens and closes what it needs. */
  readonly path: string;
  readonly use: <T>(read: (tree: ChunkTree) => T) => T;
}

/** Chunks that stay in memory once they have been checked. */
const KEPT_CHUNKS = 256;

export class ProvenBytes {
  readonly depth: number;
  readonly #source: ByteSource;
  readonly #checked = new Map<number, Uint8Array>();

  private constructor(
    readonly length: number,
    readonly root: Uint8Array,
    source: ByteSource,
  ) {
    this.depth = treeDepth(length);
    this.#source = source;
  }

  /** Of any tree, consistent or not: a test's liar commits to what it likes. */
  static ofTree(tree: ChunkTree): ProvenBytes {
    return new ProvenBytes(tree.length, rootOfTree(tree), { path: "memory", use: (read) => read(tree) });
  }

  /** Keeps `bytes`: they must not change. */
  static ofBytes(bytes: Uint8Array): ProvenBytes {
    return ProvenBytes.ofTree(treeOfBytes(bytes));
  }

  /** @param path of `path`.bin and `path`.tree, opened when they are read */
  static ofFiles(path: string, length: number, root: Uint8Array): ProvenBytes {
    return new ProvenBytes(length, root, { path, use: (read) => withFiles(path, length, read) });
  }

  /** 512 bytes; zeros behind the end. */
  chunk(index: number): Uint8Array {
    return this.#checked.get(index) ?? this.#keep(index, this.proveChunks([index]).chunks);
  }

  /** Bytes in [offset, offset + length), which must lie within the string. */
  read(offset: number, length: number): Uint8Array {
    const result = new Uint8Array(length);
    for (let at = offset; at < offset + length; ) {
      const start = at % CHUNK_BYTES;
      const part = this.chunk(Math.floor(at / CHUNK_BYTES)).subarray(start, start + offset + length - at);
      result.set(part, at - offset);
      at += part.length;
    }
    return result;
  }

  /** All of them, checked as a whole. */
  all(): Uint8Array {
    const bytes = this.#source.use((tree) => tree.bytes());
    if (!equalBytes(merkleRoot(bytes), this.root)) throw stale(`${this.#source.path}.bin`);
    return bytes;
  }

  /** @param indices strictly ascending */
  proveChunks(indices: readonly number[]): ChunkProof {
    const proof = this.#source.use((tree) => proveChunks(tree, indices));
    if (!areChunks(this.root, this.length, proof)) throw this.#damaged(indices);
    return proof;
  }

  /** Siblings of a leaf, from the leaf up. */
  siblings(index: number): Uint8Array[] {
    return this.#source.use((tree) => this.#proven(tree, 0, index).siblings);
  }

  /** The node `index` of a height; leaves have height 0. */
  node(height: number, index: number): Uint8Array {
    return this.#source.use((tree) => this.#proven(tree, height, index).node);
  }

  /** What a dispute shows of that node (merkleProofs.ts): its children, or at height 0 the chunk. */
  expand(height: number, index: number): Uint8Array {
    return this.#source.use((tree) => {
      const shown = expandChunks(tree, height, index);
      if (isChunkExpansion(this.#proven(tree, height, index).node, height, shown)) return shown;
      throw height === 0 ? this.#damaged([index]) : stale(`${this.#source.path}.tree`);
    });
  }

  #proven(tree: ChunkTree, height: number, index: number): { readonly node: Uint8Array; readonly siblings: Uint8Array[] } {
    const node = tree.nodes(height, index, 1);
    const siblings = proveNode(tree, index, height);
    if (!equalBytes(rootOf(this.length, foldProof(node, index, siblings)), this.root)) throw stale(`${this.#source.path}.tree`);
    return { node, siblings };
  }

  /** Which of the two files does not fit the root. */
  #damaged(indices: readonly number[]): AssayError {
    return this.#source.use((tree) => {
      for (const index of indices) if (!equalBytes(hashLeaves(tree.chunk(index)), this.#proven(tree, 0, index).node)) return stale(`${this.#source.path}.bin`);
      return stale(`${this.#source.path}.tree`);
    });
  }

  #keep(index: number, chunk: Uint8Array): Uint8Array {
    if (this.#checked.size >= KEPT_CHUNKS) this.#checked.clear();
    this.#checked.set(index, chunk);
    return chunk;
  }
}

function stale(where: string): AssayError {
  return new AssayError("ARTEFACT_STALE", "the file does not hold what was committed to", { where, hint: "remove its directory and make it again" });
}

/** Reads with two open files; what the tree's file lacks is known. */
function withFiles<T>(path: string, length: number, read: (tree: ChunkTree) => T): T {
  const layout = new TreeLayout(length);
  const [bin, tree] = [new OpenFile(`${path}.bin`), new OpenFile(`${path}.tree`)];
  try {
    return read({
      length,
      depth: layout.depth,
      chunk: (index) => {
        const chunk = new Uint8Array(CHUNK_BYTES);
        bin.read(chunk, index * CHUNK_BYTES, Math.max(0, Math.min(CHUNK_BYTES, length - index * CHUNK_BYTES)));
        return chunk;
      },
      bytes: () => {
        const bytes = new Uint8Array(length);
        bin.read(bytes, 0, length);
        return bytes;
      },
      nodes: (height, index, count) => {
        const stored = Math.max(0, Math.min(count, layout.count(height) - index));
        const nodes = new Uint8Array(stored * HASH_BYTES);
        tree.read(nodes, layout.offset(height, index), nodes.length);
        return padLevel(nodes, count, emptyChunkNode(height));
      },
    });
  } finally {
    bin.close();
    tree.close();
  }
}

/** Opened when it is first read. */
class OpenFile {
  #descriptor: number | undefined;

  constructor(readonly path: string) {}

  /** @throws AssayError FILE_NOT_READABLE; ARTEFACT_STALE where the file ends too early */
  read(target: Uint8Array, position: number, length: number): void {
    try {
      this.#descriptor ??= openSync(this.path, "r");
      for (let done = 0; done < length; ) {
        const count = readSync(this.#descriptor, target, done, length - done, position + done);
        if (count === 0) throw stale(this.path);
        done += count;
      }
    } catch (cause) {
      throw asReadError(this.path, cause);
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }
}
