/** Byte strings to disk with the trees over them, on the worker pool. */
import { AssayError } from "../../errors.js";
import { taskModule, type TaskModule, type WorkerPool } from "../../pool/index.js";
import { type CommitTasks, NODES_OFFSET, type PendingBytes } from "./commitTasks.js";
import { PIECE_BYTES, TreeLayout } from "./treeLayout.js";

/** Bytes that may wait for the pool, by default. */
const MAX_PENDING = 64 << 20;

export class Committer {
  readonly #pool: WorkerPool;
  readonly #maxPending: number;
  readonly #module: TaskModule<CommitTasks>;
  #pending = 0;
  #failure: { readonly cause: unknown } | undefined;
  #wake: (() => void)[] = [];

  constructor(pool: WorkerPool, maxPending = MAX_PENDING) {
    this.#pool = pool;
    this.#maxPending = maxPending;
    this.#module = taskModule<CommitTasks>(import.meta.url, "./commitTasks.js");
  }

  /**
   * Writes `path`.bin and `path`.tree. `accepted` resolves when there is room for more bytes, `root` when both are written.
   * Bytes in shared memory are used as they lie, and must not change until then; others are copied at once.
   */
  commit(path: string, bytes: Uint8Array): { readonly accepted: Promise<void>; readonly root: Promise<Uint8Array> } {
    const { length } = bytes;
    const { buffer, byteOffset } = inSharedMemory(bytes);
    const nodes = new SharedArrayBuffer(NODES_OFFSET + new TreeLayout(length).size);
    const starts = Array.from({ length: Math.max(1, Math.ceil(length / PIECE_BYTES)) }, (_, i) => i * PIECE_BYTES);
    new Int32Array(nodes, 0, 1)[0] = starts.length;
    this.#pending += length;
    const root = this.#run({ bytes: buffer, offset: byteOffset, length, nodes, path }, starts);
    const done = (cause?: unknown): void => {
      if (cause !== undefined) this.#failure ??= { cause };
      this.#pending -= length;
      for (const wake of this.#wake.splice(0)) wake();
    };
    root.then(() => done(), done);
    return { accepted: this.#room(), root };
  }

  /** Waits for all pieces even when one fails: none may write to a directory that is being removed. */
  async #run(pending: PendingBytes, starts: readonly number[]): Promise<Uint8Array> {
    const results = await Promise.allSettled(starts.map((from) => this.#pool.run(this.#module, "commitPiece", { ...pending, from })));
    let root: Uint8Array | undefined;
    for (const result of results) {
      if (result.status === "rejected") throw result.reason;
      root ??= result.value;
    }
    if (root === undefined) throw new AssayError("INTERNAL", "no piece was the last", { where: pending.path });
    return root;
  }

  async #room(): Promise<void> {
    while (this.#pending > this.#maxPending && this.#failure === undefined) await new Promise<void>((wake) => this.#wake.push(wake));
    if (this.#failure !== undefined) throw this.#failure.cause;
  }
}

function inSharedMemory(bytes: Uint8Array): { readonly buffer: SharedArrayBuffer; readonly byteOffset: number } {
  const { buffer, byteOffset, length } = bytes;
  if (buffer instanceof SharedArrayBuffer) return { buffer, byteOffset };
  const copy = new SharedArrayBuffer(length);
  new Uint8Array(copy).set(bytes);
  return { buffer: copy, byteOffset: 0 };
}
