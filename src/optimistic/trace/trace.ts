/**
 * The trace of an execution: all committed tensors, inputs first, under one root. In memory for tests and small programs, on
 * disk for the others (traceStore.ts).
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { CHUNK_BYTES, type ChunkTree, HASH_BYTES, type HashTree, rootOfTree, topOf, traceLeaves, treeOfBytes, treeOfRoots } from "../../math/merkle.js";
import { expand, expandChunks } from "../../math/merkleProofs.js";
import { encodeElements } from "../../program/constantBytes.js";
import { elementBytes, isSigned } from "../../program/elementType.js";
import { execute } from "../../program/executor.js";
import type { Plan, StoredTensor } from "../../program/steps/index.js";
import type { ElementType, TensorData } from "../../program/types.js";

/** 32 bytes in lowercase hexadecimal digits. */
export type Hash = `0x${string}`;

/** A node of the tree over the slots, or of the tree over a slot's chunks; `levels` above the leaves. */
export type TracePosition =
  | { readonly area: "trace"; readonly levels: number; readonly index: number }
  | { readonly area: "tensor"; readonly slot: number; readonly levels: number; readonly index: number };

export interface TraceTensor extends StoredTensor {
  readonly tree: ChunkTree;
}

export class Trace {
  readonly root: Hash;
  /** Over the tensors' roots, by slot. */
  readonly roots: HashTree;

  /** @param leaves of the tree over the slots; others than the tensors' roots are a liar's */
  constructor(
    readonly tensors: readonly TraceTensor[],
    leaves: readonly Uint8Array[] = tensors.map(({ tree }) => rootOfTree(tree)),
  ) {
    this.roots = treeOfRoots(leaves, traceLeaves(tensors.length));
    this.root = toHash(topOf(this.roots));
  }

  tensor(slot: number): ChunkTree {
    return this.tensors[slot].tree;
  }

  /**
   * The same tensors under another root: the leaf behind the last slot holds the mark, an integer ≥ 1. For a game that is opened
   * again, since the contract plays a root only once.
   */
  marked(mark: number): Trace {
    const leaf = new Uint8Array(HASH_BYTES);
    new DataView(leaf.buffer).setUint32(HASH_BYTES - 4, mark);
    return new Trace(this.tensors, [...this.tensors.map((_, slot) => this.roots.nodes(0, slot, 1)), leaf]);
  }

  /** The hash at a position; of a whole tensor its root, which binds the length. */
  node(position: TracePosition): Hash {
    if (position.area === "trace") return toHash(this.roots.nodes(position.levels, position.index, 1));
    const tree = this.tensor(position.slot);
    return toHash(position.levels === tree.depth ? rootOfTree(tree) : tree.nodes(position.levels, position.index, 1));
  }

  /** What a dispute shows of that node: the hashes up to four levels below it, or a chunk. A slot's leaf is a tensor's position. */
  expansion(position: TracePosition): Uint8Array {
    if (position.area === "trace") return expand(this.roots, position.levels, position.index);
    return expandChunks(this.tensor(position.slot), position.levels, position.index);
  }

  element(slot: number, index: number): bigint {
    const { type, tree } = this.tensors[slot];
    const at = index * elementBytes(type);
    const within = at % CHUNK_BYTES;
    return decodeInteger(tree.chunk((at - within) / CHUNK_BYTES).subarray(within, within + elementBytes(type)), type);
  }

  /** All bytes of a tensor. */
  read(slot: number): Uint8Array {
    return this.tensor(slot).bytes();
  }
}

/** The tensors of a trace, by slot. */
export function tensorsOf(plan: Plan): readonly StoredTensor[] {
  return [...plan.inputs, ...plan.steps].map(({ type, count }) => ({ type, count }));
}

export function byteLengthOf({ type, count }: StoredTensor): number {
  return count * elementBytes(type);
}

/**
 * Computed by the reference executor, in memory.
 * @param inputs in the order of the program's input ports
 */
export function referenceTrace(plan: Plan, inputs: readonly TensorData[]): Trace {
  return traceOf(plan, execute(plan.program, inputs));
}

/** @param values every tensor of the program, by id */
export function traceOf(plan: Plan, values: readonly TensorData[]): Trace {
  const ids = [...plan.program.inputs, ...plan.steps].map(({ tensor }) => tensor);
  return new Trace(tensorsOf(plan).map((tensor, slot) => ({ ...tensor, tree: treeOfBytes(encodeElements(values[ids[slot]], tensor.type)) })));
}

/** Little-endian two's complement. */
function decodeInteger(bytes: Uint8Array, type: ElementType): bigint {
  let value = 0n;
  for (let at = bytes.length - 1; at >= 0; at--) value = (value << 8n) | BigInt(bytes[at]);
  return isSigned(type) ? BigInt.asIntN(8 * bytes.length, value) : value;
}

export function toHash(bytes: Uint8Array): Hash {
  return `0x${bytesToHex(bytes)}`;
}
