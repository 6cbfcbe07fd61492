/**
 * A program as its trace sees it: one step a committed tensor. A step is a core operation and the elementwise operations that
 * follow it in the same coordinate; renamings vanish. Layouts are index maps over flat indices, as the step function on chain
 * reads them.
 */
import type { ElementType, Operation, Program, TensorId } from "../types.js";

/** Position of a committed tensor in the trace: inputs first, in port order, then one a step. */
export type Slot = number;

/** A tensor as the trace holds it: flat, row-major. */
export interface StoredTensor {
  readonly type: ElementType;
  readonly count: number;
}

export interface Operand extends StoredTensor {
  readonly slot: Slot;
}

/**
 * flat(e) = Σ ((e / Π later dims) % dim)·stride over the axes, outermost first; "identity" is e itself. No axes: 0.
 * Canonical: no axis of one element, no two neighbours that are one axis.
 */
export type IndexMap = "identity" | readonly IndexAxis[];

export interface IndexAxis {
  readonly dim: number;
  readonly stride: number;
}

/** Where the bytes of constants lie; committed ones are not public, and their steps cannot be executed on chain. */
export type Region = "weights" | "tables" | "parameters" | "committed";

export interface ConstantLocation extends StoredTensor {
  readonly region: Region;
  /** In bytes. */
  readonly offset: number;
}

/** One spatial axis of a sliding window. */
export interface WindowAxis {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBegin: number;
}

/** Products with a row of weights: convolutions, and with no window axes matrices. */
export interface DotCore {
  readonly kind: "dot";
  readonly window: readonly WindowAxis[];
  readonly outputs: number;
  readonly channels: number;
  /** Channels of a group. */
  readonly depth: number;
  /** [outputs, Π kernel, depth] */
  readonly weight: ConstantLocation;
  /** [outputs] */
  readonly bias: ConstantLocation;
}

/** Product of two tensors' rows. */
export interface MatMulCore {
  readonly kind: "matmul";
  readonly length: number;
  readonly rows: number;
  readonly columns: number;
}

export interface PoolCore {
  readonly kind: "sumPool" | "maxPool";
  readonly window: readonly WindowAxis[];
  readonly channels: number;
}

export interface CopyCore {
  readonly kind: "copy";
  readonly map: IndexMap;
}

export interface AddCore {
  readonly kind: "add";
  readonly left: IndexMap;
  readonly right: IndexMap;
  readonly leftFactor: number;
  readonly rightFactor: number;
}

export interface MulCore {
  readonly kind: "mul";
  readonly left: IndexMap;
  readonly right: IndexMap;
}

export interface AffineCore extends AffineParameters {
  readonly kind: "affine";
  readonly input: IndexMap;
}

/** v·w + b */
export interface AffineParameters {
  readonly weightMap: IndexMap;
  readonly biasMap: IndexMap;
  readonly weight: ConstantLocation;
  readonly bias: ConstantLocation;
}

/** Element e is element index[e] of all operands one after another, then the list. */
export interface GatherCore {
  readonly kind: "gather";
  readonly index: ConstantLocation;
  readonly list: ConstantLocation;
}

export type Core = DotCore | MatMulCore | PoolCore | CopyCore | AddCore | MulCore | AffineCore | GatherCore;

/** What happens to the core's value v in the same coordinate. */
export type TailEntry =
  | {
      readonly kind: "requantize";
      /** Element e is shifted by entry e % length. */
      readonly shifts: readonly number[];
      /** Of the shifts in the parameters, one byte each, where there are several. */
      readonly offset: number;
      readonly low: number;
      readonly high: number;
    }
  | { readonly kind: "table"; readonly entries: ConstantLocation; readonly low: number }
  | ({ readonly kind: "affine" } & AffineParameters)
  /** v·own + x·other; `operand` is an index into the step's operands. */
  | { readonly kind: "add"; readonly operand: number; readonly map: IndexMap; readonly own: number; readonly other: number }
  | { readonly kind: "mul"; readonly operand: number; readonly map: IndexMap };

/** Longest tail: what a contract executes for one element stays small. */
export const MAX_TAIL = 8;

/** Most terms of one element: the quantizer splits longer reductions. */
export const MAX_TERMS = 4608;

export interface Step extends StoredTensor {
  /** Of the core operation, for messages. */
  readonly node: string;
  readonly slot: Slot;
  /** The program's tensor that it defines. */
  readonly tensor: TensorId;
  readonly shape: readonly number[];
  readonly operands: readonly Operand[];
  readonly core: Core;
  readonly tail: readonly TailEntry[];
  /** Of the program, in order: the core's, then the tail's. */
  readonly operations: readonly Operation[];
}

export interface Plan {
  readonly program: Program;
  /** Committed tensors: inputs and steps. */
  readonly slots: number;
  readonly inputs: readonly Operand[];
  /** The step of slot inputs.length + i is the i-th. */
  readonly steps: readonly Step[];
  /** By output port. */
  readonly outputs: readonly Slot[];
  /** The shifts of all requantizations that have several. */
  readonly parameters: Uint8Array;
  /** By the program's tensor ids; undefined where a tensor is not committed. */
  readonly slotOf: ReadonlyMap<TensorId, Slot>;
}
