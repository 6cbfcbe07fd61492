/**
 * The trace of an execution: all committed tensors, inputs first, under one root. In memory for tests and small programs, on
 * disk for the others (traceStore.ts).
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { type HashTree, topOf, treeOfRoots } from "../../math/merkle.js";
import { expand, proveNode } from "../../math/merkleProofs.js";
import { encodeElements } from "../../program/constantBytes.js";
import { elementBytes, isSigned } from "../../program/elementType.js";
import { execute } from "../../program/executor.js";
import type { Plan, StoredTensor } from "../../program/steps/index.js";
import type { ElementType, TensorData } from "../../program/types.js";
import { ProvenBytes } from "./provenBytes.js";

export type Hash = `0x${string}`;

/** A node of the tree over the slots, or of the tree over a slot's chunks; `levels` above the leaves. */
export type TracePosition =
  | { readonly area: "trace"; readonly levels: number; readonly index: number }
  | { readonly area: "tensor"; readonly slot: number; readonly levels: number; readonly index: number };

export interface TraceTensor extends StoredTensor {
  readonly bytes: ProvenBytes;
}

export class Trace {
  readonly root: Hash;
  /** Over the tensors' roots. */
  readonly tree: HashTree;

  /** @param leaves of the tree over the slots; others than the tensors' roots are a liar's */
  constructor(
    readonly tensors: readonly TraceTensor[],
    leaves: readonly Uint8Array[] = tensors.map(({ bytes }) => bytes.root),
  ) {
    this.tree = treeOfRoots(leaves);
    this.root = toHash(topOf(this.tree));
  }

  /** From a slot's root to the trace's root, one hash a level. */
  siblings(slot: number): Uint8Array[] {
    return proveNode(this.tree, slot);
  }

  /** The hash at a position; of a whole tensor its root, which binds the length. */
  node(position: TracePosition): Hash {
    if (position.area === "trace") return toHash(this.tree.nodes(position.levels, position.index, 1));
    const { bytes } = this.tensors[position.slot];
    return toHash(position.levels === bytes.depth ? bytes.root : bytes.node(position.levels, position.index));
  }

  /** What a dispute shows of that node: the hashes up to four levels below it, or a chunk. A slot's leaf is a tensor's position. */
  expansion(position: TracePosition): Uint8Array {
    if (position.area === "trace") return expand(this.tree, position.levels, position.index);
    return this.tensors[position.slot].bytes.expand(position.levels, position.index);
  }

  element(slot: number, index: number): bigint {
    const { type, bytes } = this.tensors[slot];
    return decodeInteger(bytes.read(index * elementBytes(type), elementBytes(type)), type);
  }

  /** All bytes of a tensor. */
  read(slot: number): Uint8Array {
    return this.tensors[slot].bytes.all();
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
  return new Trace(tensorsOf(plan).map((tensor, slot) => ({ ...tensor, bytes: ProvenBytes.ofBytes(encodeElements(values[ids[slot]], tensor.type)) })));
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
