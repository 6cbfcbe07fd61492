/**
 * Which operators are evaluated over constants, and a bound on what each would allocate, computed before it runs.
 * An operator without a bound is not folded. Left out on purpose: random ones (a model must mean one thing) and those with
 * subgraphs.
 */
import { type Bound, broadcasting, cast, complete, division, expand, type FoldRequest, fromShapeValue, gather, melWeights, nonZero, pad, product, quantized, range, reduction, split, sum, tile, topK, windowFunction } from "./foldBounds.js";
import { elementCount } from "./limits.js";
import { tooLarge, unsupported } from "./problems.js";

/** Of one node; onnxruntime aborts the process where memory ends. */
const MAX_FOLDED_ELEMENTS = 2 ** 26;

const GROUPS: readonly (readonly [Bound, string])[] = [
  [sum, "Abs Acos Asin Atan Ceil Cos Erf Exp Floor Identity IsInf IsNaN Log Neg Not Reciprocal Relu Round Sigmoid Sign Sin"],
  [sum, "Softplus Sqrt Tan Tanh BitwiseNot CastLike Clip CumSum Flatten Reshape Slice"],
  [sum, "Squeeze Transpose Unsqueeze GatherElements Dropout Softmax LogSoftmax Hardmax"],
  [topK, "TopK"],
  [quantized, "DequantizeLinear QuantizeLinear DynamicQuantizeLinear"],
  [nonZero, "NonZero"],
  [windowFunction, "BlackmanWindow HammingWindow HannWindow"],
  [melWeights, "MelWeightMatrix"],
  [split, "Split"],
  [cast, "Cast"],
  [reduction, "ArgMax ArgMin ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd"],
  [reduction, "ReduceSum ReduceSumSquare"],
  [complete(sum), "Concat"],
  [complete(broadcasting), "Max Mean Min Sum"],
  [broadcasting, "Add And Equal Greater GreaterOrEqual Less LessOrEqual Mul Or Pow Sub Where Xor"],
  [broadcasting, "BitShift BitwiseAnd BitwiseOr BitwiseXor"],
  [division, "Div Mod"],
  [product, "MatMul Gemm"],
  [gather, "Gather"],
  [expand, "Expand"],
  [fromShapeValue, "ConstantOfShape"],
  [tile, "Tile"],
  [range, "Range"],
  [pad, "Pad"],
];

const BOUNDS: ReadonlyMap<string, Bound> = new Map(
  GROUPS.flatMap(([bound, names]) => names.split(" ").map((name) => [name, bound] as const)),
);

/** Sorted. */
export function foldableOperators(): string[] {
  return [...BOUNDS.keys()].sort();
}

export function isFoldable(operator: string): boolean {
  return BOUNDS.has(operator);
}

/**
 * @returns an upper bound of the elements that the node produces.
 * @throws AssayError MODEL_TOO_LARGE before anything is allocated; ONNX_UNSUPPORTED for an operator that is not folded.
 */
export function foldSize(request: FoldRequest): number {
  const bound = BOUNDS.get(request.operator);
  if (bound === undefined) throw unsupported("it is not evaluated over constants", request.where);
  const count = elementCount(bound(request), request.where);
  if (count > MAX_FOLDED_ELEMENTS) throw tooLarge(`${count} elements computed from constants; the limit is 2^26`, request.where);
  return count;
}
