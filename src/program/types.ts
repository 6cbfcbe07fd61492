/**
 * The integer program: what a model means in Assay. Integers only, exact semantics, one order of execution.
 * Activations are channels-last; weights are output-major with their terms in window order.
 */
import type { DyadicScale } from "../math/scale.js";

/** Storage types of tensors. i32 and i64 hold accumulators; zero point is always 0. */
export type ElementType = "u8" | "i8" | "u16" | "i16" | "i32" | "i64";

/** A position in {@link Program.tensors}. */
export type TensorId = number;

/** Of a tensor, and cells of all windows over one: what a stranger's program may ask of memory. The executor takes 8 bytes each. */
export const MAX_ELEMENTS = 2 ** 27;

export interface TensorDescriptor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
}

/** A constant tensor; values are integers of the declared type. */
export interface Constant {
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly data: Float64Array;
  /**
   * Set where the program knows the type only: any values of that type make the same program, with the same model id and the
   * same circuit. Weights and biases of linear operations can be so.
   */
  readonly committed?: true;
}

/** A sliding window over the spatial axes (all but the first and the last). */
export interface WindowAttributes {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];
}

interface OperationBase {
  /** Name of the ONNX node that it comes from, for messages. */
  readonly node: string;
  readonly output: TensorId;
}

/** acc[n, ..s, o] = Σ w[o, ..k, i]·x[n, ..s·stride + k·dilation − pad, i] + b[o]; cells in the padding are 0. */
export interface ConvOperation extends OperationBase {
  readonly kind: "conv";
  readonly input: TensorId;
  readonly window: WindowAttributes;
  readonly group: number;
  /** [out, ...kernel, in / group] */
  readonly weight: Constant;
  /** [out] */
  readonly bias: Constant;
}

/** acc[.., o] = Σ w[o, i]·x[.., i] + b[o]. */
export interface LinearOperation extends OperationBase {
  readonly kind: "linear";
  readonly input: TensorId;
  /** [out, in] */
  readonly weight: Constant;
  /** [out] */
  readonly bias: Constant;
}

/** acc = x·w + b element by element; the three broadcast to a common shape. */
export interface AffineOperation extends OperationBase {
  readonly kind: "affine";
  readonly input: TensorId;
  readonly weight: Constant;
  readonly bias: Constant;
}

/** acc = left·leftFactor + right·rightFactor, operands broadcast as in ONNX. */
export interface AddOperation extends OperationBase {
  readonly kind: "add";
  readonly left: TensorId;
  readonly right: TensorId;
  readonly leftFactor: number;
  readonly rightFactor: number;
}

/** Sum over each window; cells in the padding do not count. */
export interface SumPoolOperation extends OperationBase {
  readonly kind: "sumPool";
  readonly input: TensorId;
  readonly window: WindowAttributes;
}

/** Maximum over the cells of each window that lie in the tensor. */
export interface MaxPoolOperation extends OperationBase {
  readonly kind: "maxPool";
  readonly input: TensorId;
  readonly window: WindowAttributes;
}

/** y = clamp(floor((x + 2^(s−1)) / 2^s), low, high); at s = 0 only the clamp. */
export interface RequantizeOperation extends OperationBase {
  readonly kind: "requantize";
  readonly input: TensorId;
  /** One shift a channel (last axis), or a single one. */
  readonly shifts: readonly number[];
  readonly low: number;
  /** high − low + 1 is a power of two. */
  readonly high: number;
}

/** The same elements in the same order under another shape. */
export interface ReshapeOperation extends OperationBase {
  readonly kind: "reshape";
  readonly input: TensorId;
}

/** Output axis i is input axis permutation[i]. */
export interface TransposeOperation extends OperationBase {
  readonly kind: "transpose";
  readonly input: TensorId;
  readonly permutation: readonly number[];
}

/**
 * output[e] = list[index[e]], where the list is the operands' elements, one operand after another, then the constant's.
 * Every layout with indices known in advance is one: slice, concat, pad, expand; without operands it is a constant tensor.
 */
export interface GatherOperation extends OperationBase {
  readonly kind: "gather";
  readonly inputs: readonly TensorId[];
  /** i32, in the output's shape. */
  readonly index: Constant;
  /** [c], c ≥ 0 */
  readonly constant: Constant;
}

/** acc = left·right element by element, operands broadcast as in ONNX. */
export interface MulOperation extends OperationBase {
  readonly kind: "mul";
  readonly left: TensorId;
  readonly right: TensorId;
}

/** acc[..b, m, n] = Σ left[..b, m, k]·right[..b, n, k]: the reduction axis is the last of both. */
export interface MatMulOperation extends OperationBase {
  readonly kind: "matmul";
  readonly left: TensorId;
  readonly right: TensorId;
}

/** y = entries[x − low]; x lies in [low, low + n − 1]. */
export interface TableOperation extends OperationBase {
  readonly kind: "table";
  readonly input: TensorId;
  readonly low: number;
  /** [n], 1 ≤ n ≤ {@link MAX_TABLE_ENTRIES}; of 32 bits at most. */
  readonly entries: Constant;
}

/** A wider function interpolates between entries. */
export const MAX_TABLE_ENTRIES = 1024;

export type Operation =
  | ConvOperation
  | LinearOperation
  | AffineOperation
  | AddOperation
  | SumPoolOperation
  | MaxPoolOperation
  | RequantizeOperation
  | ReshapeOperation
  | TransposeOperation
  | GatherOperation
  | MulOperation
  | MatMulOperation
  | TableOperation;

export type OperationKind = Operation["kind"];

/** An input or output as the outside sees it: ONNX name and layout, quantized type, scale. */
export interface Port {
  readonly name: string;
  readonly tensor: TensorId;
  /** value = integer · mantissa · 2^exponent, exactly. */
  readonly scale: DyadicScale;
}

export interface Program {
  /** {@link SEMANTICS_VERSION} in programs of this version. */
  readonly semantics: number;
  readonly tensors: readonly TensorDescriptor[];
  /** In execution order: operands come earlier. */
  readonly operations: readonly Operation[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** Version of the integer semantics; part of every model id. */
export const SEMANTICS_VERSION = 1;

/** Integer values of a tensor, row-major. Doubles hold them exactly: see interval.ts. */
export type TensorData = Float64Array;
