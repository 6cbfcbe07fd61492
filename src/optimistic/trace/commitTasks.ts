/** Worker side of a commitment: bytes and nodes lie in shared memory; each piece of a byte string is hashed and written by one thread. */
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { asWriteError } from "../../files.js";
import type { TaskHandlers } from "../../pool/index.js";
import { PIECE_BYTES, TreeLayout } from "./treeLayout.js";

/** A byte string that is being committed to. */
export interface PendingBytes {
  readonly bytes: SharedArrayBuffer;
  /** Where it begins in `bytes`, and its length. */
  readonly offset: number;
  readonly length: number;
  /** A counter of pieces that are not done, 32 bits; then the nodes as {@link TreeLayout} has them. */
  readonly nodes: SharedArrayBuffer;
  /** Without endings. */
  readonly path: string;
}

/** Bytes before the nodes. */
export const NODES_OFFSET = 8;

export interface CommitTasks {
  /** Hashes and writes the piece from byte `from` on; who is last writes the tree and has the root. */
  readonly commitPiece: { readonly input: PendingBytes & { readonly from: number }; readonly output: Uint8Array | undefined };
}

export const tasks: TaskHandlers<CommitTasks> = {
  commitPiece: ({ bytes, offset, length, nodes: shared, path, from }) => {
    const layout = new TreeLayout(length);
    const nodes = new Uint8Array(shared, NODES_OFFSET, layout.size);
    const piece = new Uint8Array(bytes, offset + from, Math.min(PIECE_BYTES, length - from));
    layout.fillPiece(nodes, from, piece);
    writeAt(`${path}.bin`, from, piece);
    if (Atomics.sub(new Int32Array(shared, 0, 1), 0, 1) > 1) return undefined;
    layout.finish(nodes);
    writeAt(`${path}.tree`, 0, nodes);
    return layout.root(nodes);
  },
};

function writeAt(path: string, position: number, data: Uint8Array): void {
  try {
    const file = openSync(path, constants.O_WRONLY | constants.O_CREAT);
    try {
      for (let done = 0; done < data.length; ) done += writeSync(file, data, done, data.length - done, position + done);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw asWriteError(path, cause);
  }
}
