/**
 * A trace on disk: for each slot a file of the tensor's bytes and one of the tree over them (treeLayout.ts), and a manifest with
 * the roots. The directory appears when it is complete; nothing is flushed to the device, since a trace that a power failure
 * damages is noticed (storedBytes.ts) and computed again.
 */
import { hexToBytes } from "@noble/hashes/utils.js";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AssayError } from "../../errors.js";
import { produceDirectory } from "../../files.js";
import type { WorkerPool } from "../../pool/index.js";
import { canonicalJson } from "../../program/encoding.js";
import { ELEMENT_TYPES } from "../../program/elementType.js";
import type { StoredTensor } from "../../program/steps/index.js";
import { MAX_ELEMENTS } from "../../program/types.js";
import { Committer } from "./committer.js";
import { StoredBytes } from "./storedBytes.js";
import { byteLengthOf, type Hash, toHash, Trace, type TraceTensor } from "./trace.js";
import { TreeLayout } from "./treeLayout.js";

const MANIFEST = "manifest.json";
const FORMAT = "assay-trace-1";

/** Takes the tensors of an execution as they come, in any order. */
export interface TraceSink {
  /** Shared memory of a slot's size: filled and given to {@link write}, it is not copied. */
  buffer(slot: number): Uint8Array;
  /**
   * A slot's bytes: elements little-endian, row-major. Resolves when there is room for more. Bytes in shared memory must not
   * change any more; others are copied at once.
   */
  write(slot: number, bytes: Uint8Array): Promise<void>;
}

export interface TraceDescription {
  readonly modelId: string;
  /** By slot. */
  readonly tensors: readonly StoredTensor[];
}

interface Manifest {
  readonly format: typeof FORMAT;
  readonly modelId: string;
  readonly root: string;
  readonly tensors: readonly (StoredTensor & { readonly root: string })[];
  /** Leaves behind the last slot, which only liars have: see claimedTrace.ts. */
  readonly unused?: readonly string[];
}

export interface WriteOptions {
  /** Bytes that may wait to be hashed. */
  readonly maxPending?: number;
}

/**
 * Makes a trace's directory of what `produce` writes into the sink: every slot once.
 * @throws AssayError FILE_NOT_WRITABLE, and whatever `produce` throws; the directory is untouched then
 */
export async function writeTrace(
  directory: string,
  description: TraceDescription,
  pool: WorkerPool,
  produce: (sink: TraceSink) => Promise<void>,
  options: WriteOptions = {},
): Promise<Trace> {
  const roots = await produceDirectory(directory, async (temporary) => {
    const collector = new Collector(temporary, description.tensors, new Committer(pool, options.maxPending));
    try {
      await produce(collector);
    } finally {
      // Also after a failure: no thread may still write when the directory is removed.
      await collector.settled();
    }
    const collected = await collector.roots();
    writeManifest(temporary, description, collected);
    return collected;
  });
  return traceIn(directory, description.tensors, roots);
}

class Collector implements TraceSink {
  readonly #roots: (Promise<Uint8Array> | undefined)[];

  constructor(
    private readonly directory: string,
    private readonly tensors: readonly StoredTensor[],
    private readonly committer: Committer,
  ) {
    this.#roots = tensors.map(() => undefined);
  }

  buffer(slot: number): Uint8Array {
    return new Uint8Array(new SharedArrayBuffer(byteLengthOf(this.tensors[slot])));
  }

  async write(slot: number, bytes: Uint8Array): Promise<void> {
    if (!(slot in this.tensors) || bytes.length !== byteLengthOf(this.tensors[slot]) || this.#roots[slot] !== undefined) {
      throw new AssayError("INTERNAL", `${bytes.length} bytes are no tensor of slot ${slot}, or it has been written`, { where: this.directory });
    }
    const { accepted, root } = this.committer.commit(pathOf(this.directory, slot), bytes);
    this.#roots[slot] = root;
    await accepted;
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#roots.filter((root) => root !== undefined));
  }

  async roots(): Promise<Uint8Array[]> {
    return Promise.all(
      this.#roots.map((root, slot) => {
        if (root === undefined) throw new AssayError("INTERNAL", `nothing has been written to slot ${slot}`, { where: this.directory });
        return root;
      }),
    );
  }
}

function writeManifest(directory: string, { modelId, tensors }: TraceDescription, roots: readonly Uint8Array[]): void {
  const { root } = traceIn(directory, tensors, roots);
  const manifest: Manifest = { format: FORMAT, modelId, root, tensors: tensors.map(({ type, count }, slot) => ({ type, count, root: toHash(roots[slot]) })) };
  writeFileSync(join(directory, MANIFEST), canonicalJson(manifest));
}

/** What a trace is expected to be; what is left out is taken as the directory says. */
export interface ExpectedTrace {
  readonly modelId?: string;
  readonly root?: Hash;
  readonly tensors?: readonly StoredTensor[];
}

/**
 * Opens a trace's directory. Bytes and trees are checked as they are read.
 * @throws AssayError ARTEFACT_MISSING; ARTEFACT_STALE naming the file that is damaged or of another trace
 */
export function openTrace(directory: string, expected: ExpectedTrace = {}): Trace {
  const { trace, leaves } = openStored(directory, expected);
  if (leaves.length > trace.tensors.length) throw damaged(join(directory, MANIFEST), "it has leaves behind its last slot");
  return trace;
}

export interface StoredTrace {
  readonly trace: Trace;
  /** Of the tree over the slots, and behind them. */
  readonly leaves: readonly Uint8Array[];
}

/**
 * As {@link openTrace}, with leaves behind the last slot where the manifest has them.
 * @param skips files whose size is not looked at
 */
export function openStored(directory: string, expected: ExpectedTrace, skips: (path: string, tensor: StoredTensor) => boolean = () => false): StoredTrace {
  const path = join(directory, MANIFEST);
  const manifest = readManifest(path);
  const leaves = [...manifest.tensors.map(({ root }) => root), ...(manifest.unused ?? [])].map((root) => hexToBytes(root.slice(2)));
  const trace = traceIn(directory, manifest.tensors, leaves);
  if (trace.root !== manifest.root) throw damaged(path, "its roots do not give the trace's root");
  const description = (tensors: readonly StoredTensor[]): string => tensors.map(({ type, count }) => `${type} ${count}`).join();
  if (expected.modelId !== undefined && expected.modelId !== manifest.modelId) throw damaged(path, "it is a trace of another model");
  if (expected.root !== undefined && expected.root !== trace.root) throw damaged(path, "it is another trace");
  if (expected.tensors !== undefined && description(expected.tensors) !== description(manifest.tensors)) throw damaged(path, "its tensors are not the model's");
  manifest.tensors.forEach((tensor, slot) => {
    const length = byteLengthOf(tensor);
    if (skips(`${pathOf(directory, slot)}.bin`, tensor)) return;
    checkSize(`${pathOf(directory, slot)}.bin`, length);
    checkSize(`${pathOf(directory, slot)}.tree`, new TreeLayout(length).size);
  });
  return { trace, leaves };
}

function traceIn(directory: string, tensors: readonly StoredTensor[], leaves: readonly Uint8Array[]): Trace {
  const tensorAt = ({ type, count }: StoredTensor, slot: number): TraceTensor => {
    return { type, count, tree: new StoredBytes(pathOf(directory, slot), byteLengthOf({ type, count }), leaves[slot]) };
  };
  return new Trace(tensors.map(tensorAt), leaves);
}

export function pathOf(directory: string, slot: number): string {
  return join(directory, slot.toString().padStart(4, "0"));
}

function readManifest(path: string): Manifest {
  if (!existsSync(path)) throw new AssayError("ARTEFACT_MISSING", "this is no directory of a trace", { where: path });
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    throw damaged(path, "the manifest is damaged");
  }
  if (!isManifest(manifest)) throw damaged(path, "the manifest is damaged");
  return manifest;
}

function isManifest(value: unknown): value is Manifest {
  const { format, modelId, root, tensors, unused = [] } = fieldsOf(value);
  if (!Array.isArray(unused) || !unused.every(isHash)) return false;
  return format === FORMAT && isHash(modelId) && isHash(root) && Array.isArray(tensors) && tensors.length > 0 && tensors.every(isTensor);
}

function isTensor(value: unknown): boolean {
  const { type, count, root } = fieldsOf(value);
  const counted = typeof count === "number" && Number.isInteger(count) && count >= 1 && count <= MAX_ELEMENTS;
  return counted && isHash(root) && ELEMENT_TYPES.some((name) => name === type);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function isHash(value: unknown): boolean {
  return typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value);
}

function checkSize(path: string, size: number): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new AssayError("ARTEFACT_MISSING", "a file of the trace is missing", { where: path, hint: "compute the trace again" });
  if (found.size !== size) throw damaged(path, `the file has ${found.size} bytes, not ${size}`);
}

export function damaged(where: string, message: string): AssayError {
  return new AssayError("ARTEFACT_STALE", message, { where, hint: "remove the directory and compute the trace again" });
}
