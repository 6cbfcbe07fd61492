/**
 * A parsed model: typed nodes in execution order, every shape known for a batch of 1, constants folded.
 * Names are the ONNX file's; a node without a name is called `Operator_position`.
 */

import type { RealType } from "../math/elements.js";

/** Element types a graph value may have after reading. Weights are converted to float64 on reading. */
export type GraphElementType = RealType;

export interface GraphValue {
  readonly name: string;
  readonly shape: readonly number[];
  readonly elementType: GraphElementType;
}

/** A constant: row-major, in the ONNX layout. */
export interface GraphConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** A sliding window over the spatial axes. All arrays have one entry a spatial axis; auto_pad and ceil_mode are resolved. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBegin: readonly number[];
  /** May exceed the declared padding where ceil_mode adds a partial window. */
  readonly padsEnd: readonly number[];
}

interface NodeBase {
  readonly name: string;
  /** Names of values or constants. */
  readonly output: string;
  /** True where an output of 8 bits would lose too much whatever the model: sums and reciprocals inside a normalization. */
  readonly precise?: boolean;
}

/** `input` is an activation; `constant`, `weight`, `bias` name entries of {@link Graph.constants}. */
export type GraphNode = NodeBase &
  (
    | {
        readonly operator: "Conv";
        readonly input: string;
        /** Constant [out, in/group, ...kernel]. */
        readonly weight: string;
        /** Constant [out]. */
        readonly bias: string | undefined;
        readonly window: Window;
        readonly group: number;
      }
    /** y = x·w + b over the last axis: Gemm (alpha, beta, transposes applied) and MatMul with a constant. */
    | {
        readonly operator: "Linear";
        readonly input: string;
        /** Constant [in, out]. */
        readonly weight: string;
        /** Constant that broadcasts to the output. */
        readonly bias: string | undefined;
        /** Every row of the input holds a single 1. */
        readonly selects?: true;
      }
    | { readonly operator: "MaxPool"; readonly input: string; readonly window: Window }
    | {
        readonly operator: "AveragePool";
        readonly input: string;
        readonly window: Window;
        /** Declared pads at the end, without what ceil_mode added: those cells never count. */
        readonly countedPadsEnd: readonly number[];
        readonly countIncludePad: boolean;
      }
    | { readonly operator: "GlobalAveragePool"; readonly input: string }
    /** factor · sum over axes of the input, ascending; whether they stay as axes of length 1 is seen in the output's shape. */
    | { readonly operator: "ReduceSum"; readonly input: string; readonly axes: readonly number[]; readonly factor: number }
    | { readonly operator: "Relu"; readonly input: string }
    /** left·leftFactor + right·rightFactor, broadcast as in ONNX. */
    | { readonly operator: "Add"; readonly left: string; readonly right: string; readonly leftFactor: number; readonly rightFactor: number }
    /** Product of two activations element by element, broadcast as in ONNX. */
    | { readonly operator: "Mul"; readonly left: string; readonly right: string }
    /** left [..b, m, k] · right [..b, k, n], equal leading axes; with `selects` every row of the left holds a single 1. */
    | { readonly operator: "MatMul"; readonly left: string; readonly right: string; readonly selects?: true }
    /** condition (0 or 1) ? left : right, broadcast as in ONNX. */
    | { readonly operator: "Where"; readonly condition: string; readonly left: string; readonly right: string }
    /** A function of one real variable, element by element. */
    | { readonly operator: "Function"; readonly input: string; readonly function: RealFunction }
    /** 1 where x > 0 (x ≥ 0 if `orEqual`), else 0. */
    | { readonly operator: "Step"; readonly input: string; readonly orEqual: boolean }
    /** Output element e is element indices[e] of all inputs in a row, flattened, then of the constant. */
    | { readonly operator: "Gather"; readonly inputs: readonly string[]; readonly constant: string | undefined; readonly indices: Int32Array }
    /** Position of the greatest element along the last axis, which stays with length 1; of equal ones the first, or the last. */
    | { readonly operator: "ArgMax"; readonly input: string; readonly last: boolean }
    /** The k greatest elements along the last axis in descending order, or their positions; of equal ones the first comes first. */
    | { readonly operator: "TopK"; readonly input: string; readonly k: number; readonly part: "values" | "indices" }
    /** clamp(round(x / scale) + zeroPoint, low, high), an integer; halves go up. */
    | { readonly operator: "Quantize"; readonly input: string; readonly scale: number; readonly zeroPoint: number; readonly low: number; readonly high: number }
    | { readonly operator: "AddConstant"; readonly input: string; readonly constant: string }
    | { readonly operator: "MulConstant"; readonly input: string; readonly constant: string }
    /** y = x·scale + shift a channel (axis 1): BatchNormalization with its statistics folded. Constants [channels]. */
    | { readonly operator: "ChannelAffine"; readonly input: string; readonly scale: string; readonly shift: string }
    /** Reshape and Flatten; the target shape is the output value's. */
    | { readonly operator: "Reshape"; readonly input: string }
    | { readonly operator: "Transpose"; readonly input: string; readonly permutation: readonly number[] }
    | { readonly operator: "Identity"; readonly input: string }
  );

export interface RealFunction {
  /** For messages: `tanh`, `exp`. */
  readonly name: string;
  readonly apply: (x: number) => number;
  /** The bounds, where the function does nothing but clamp to them. */
  readonly clamp?: { readonly low: number; readonly high: number };
  /** True for steps at integers (floor, round): an argument that may be the integer next to it is taken for it. */
  readonly snap?: boolean;
}

export interface Graph {
  /** SHA-256 of the file, hex. */
  readonly fileHash: string;
  readonly opset: number;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<string, GraphConstant>;
  /** Every activation by name, inputs and outputs included. */
  readonly values: ReadonlyMap<string, GraphValue>;
}
