/** The supported ONNX operators, by their names in the standard operator set. */
import { argMax, argMin } from "./argMax.js";
import { attention } from "./attention.js";
import { batchNormalization } from "./batchNormalization.js";
import { bitShift, bitwiseAnd, bitwiseNot, bitwiseOr, bitwiseXor } from "./bits.js";
import { depthToSpace, spaceToDepth } from "./blocks.js";
import { centerCropPad, compress, reverseSequence, trilu } from "./byConstant.js";
import { cast, castLike } from "./cast.js";
import { groupNormalization, instanceNormalization, meanVarianceNormalization } from "./channelNormalization.js";
import { concat, split } from "./concat.js";
import { conv } from "./conv.js";
import { convTranspose } from "./convTranspose.js";
import { cumSum } from "./cumSum.js";
import { div, mod } from "./division.js";
import { einsum } from "./einsum.js";
import { add, mul, sub } from "./elementwise.js";
import { expand, tile } from "./expand.js";
import { clip, max, mean, min } from "./extremes.js";
import { eyeLike } from "./eyeLike.js";
import { gather, gatherElements } from "./gather.js";
import { gatherND } from "./gatherND.js";
import { gemm } from "./gemm.js";
import { gridSample } from "./gridSample.js";
import { layerNormalization, rmsNormalization } from "./layerNormalization.js";
import { dropout, flatten, identity, reshape, transpose } from "./layout.js";
import { and, equal, greater, greaterOrEqual, less, lessOrEqual, not, or, where, xor } from "./logic.js";
import { matMul } from "./matMul.js";
import { ML_OPERATORS } from "./ml/operators.js";
import { globalLpPool, globalMaxPool, lpPool } from "./normPool.js";
import { oneHot } from "./oneHot.js";
import type { Operator } from "./operator.js";
import { pad } from "./pad.js";
import { abs, gelu, neg, neverSo, pointwiseOperators, prelu, relu, shrink, sign, thresholdedRelu } from "./pointwise.js";
import { averagePool, globalAveragePool, maxPool } from "./pool.js";
import { pow } from "./power.js";
import { CONTRIB_OPERATORS } from "./quantized/contrib.js";
import { dynamicQuantizeLinear } from "./quantized/dynamic.js";
import { convInteger, matMulInteger } from "./quantized/integerProducts.js";
import { qLinearConv, qLinearMatMul } from "./quantized/qLinear.js";
import { dequantizeLinear, quantizeLinear } from "./quantized/quantizeLinear.js";
import { gru } from "./recurrent/gru.js";
import { lstm } from "./recurrent/lstm.js";
import { rnn } from "./recurrent/rnn.js";
import { reduceMax, reduceMean, reduceMin, reduceProd, reduceSum } from "./reduce.js";
import { reduceL1, reduceL2, reduceLogSum, reduceLogSumExp, reduceSumSquare } from "./reduceFunctions.js";
import { resize, upsample } from "./resize.js";
import { lpNormalization, lrn } from "./responseNormalization.js";
import { scatterElements, scatterND } from "./scatter.js";
import { slice } from "./slice.js";
import { hardmax, logSoftmax, softmax } from "./softmax.js";
import { squeeze, unsqueeze } from "./squeeze.js";
import { sum } from "./sum.js";
import { topK } from "./topK.js";

/** Constants are supported too (Constant, and what fold.ts evaluates), but become no node. */
const OPERATORS = {
  ...pointwiseOperators,
  Abs: abs,
  Add: add,
  And: and,
  ArgMax: argMax,
  ArgMin: argMin,
  Attention: attention,
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  BitShift: bitShift,
  BitwiseAnd: bitwiseAnd,
  BitwiseNot: bitwiseNot,
  BitwiseOr: bitwiseOr,
  BitwiseXor: bitwiseXor,
  Cast: cast,
  CastLike: castLike,
  CenterCropPad: centerCropPad,
  Clip: clip,
  Compress: compress,
  Concat: concat,
  Conv: conv,
  ConvInteger: convInteger,
  ConvTranspose: convTranspose,
  CumSum: cumSum,
  DepthToSpace: depthToSpace,
  DequantizeLinear: dequantizeLinear,
  Div: div,
  Dropout: dropout,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
  Einsum: einsum,
  Equal: equal,
  Expand: expand,
  EyeLike: eyeLike,
  Flatten: flatten,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  Gelu: gelu,
  Gemm: gemm,
  GlobalAveragePool: globalAveragePool,
  GlobalLpPool: globalLpPool,
  GlobalMaxPool: globalMaxPool,
  Greater: greater,
  GreaterOrEqual: greaterOrEqual,
  GridSample: gridSample,
  GroupNormalization: groupNormalization,
  GRU: gru,
  Hardmax: hardmax,
  Identity: identity,
  InstanceNormalization: instanceNormalization,
  IsInf: neverSo,
  IsNaN: neverSo,
  LayerNormalization: layerNormalization,
  Less: less,
  LessOrEqual: lessOrEqual,
  LogSoftmax: logSoftmax,
  LpNormalization: lpNormalization,
  LpPool: lpPool,
  LRN: lrn,
  LSTM: lstm,
  MatMul: matMul,
  MatMulInteger: matMulInteger,
  Max: max,
  MaxPool: maxPool,
  Mean: mean,
  MeanVarianceNormalization: meanVarianceNormalization,
  Min: min,
  Mod: mod,
  Mul: mul,
  Neg: neg,
  Not: not,
  OneHot: oneHot,
  Or: or,
  Pad: pad,
  Pow: pow,
  PRelu: prelu,
  QLinearConv: qLinearConv,
  QLinearMatMul: qLinearMatMul,
  QuantizeLinear: quantizeLinear,
  ReduceL1: reduceL1,
  ReduceL2: reduceL2,
  ReduceLogSum: reduceLogSum,
  ReduceLogSumExp: reduceLogSumExp,
  ReduceMax: reduceMax,
  ReduceMean: reduceMean,
  ReduceMin: reduceMin,
  ReduceProd: reduceProd,
  ReduceSum: reduceSum,
  ReduceSumSquare: reduceSumSquare,
  Relu: relu,
  Reshape: reshape,
  Resize: resize,
  ReverseSequence: reverseSequence,
  RMSNormalization: rmsNormalization,
  RNN: rnn,
  Scatter: scatterElements,
  ScatterElements: scatterElements,
  ScatterND: scatterND,
  Shrink: shrink,
  Sign: sign,
  SimplifiedLayerNormalization: rmsNormalization,
  Slice: slice,
  Softmax: softmax,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Squeeze: squeeze,
  Sub: sub,
  Sum: sum,
  ThresholdedRelu: thresholdedRelu,
  Tile: tile,
  TopK: topK,
  Transpose: transpose,
  Trilu: trilu,
  Unsqueeze: unsqueeze,
  Upsample: upsample,
  Where: where,
  Xor: xor,
} satisfies Readonly<Record<string, Operator>>;

export type SupportedOperator = keyof typeof OPERATORS;

const BY_DOMAIN: ReadonlyMap<string, ReadonlyMap<string, Operator>> = new Map([
  ["", new Map<string, Operator>(Object.entries(OPERATORS))],
  ["ai.onnx.ml", new Map<string, Operator>(Object.entries(ML_OPERATORS))],
  ["com.microsoft", new Map<string, Operator>(Object.entries(CONTRIB_OPERATORS))],
]);

/** A supported operator. */
export interface OperatorDescription {
  /** "" for the standard operators. */
  readonly domain: string;
  /** As ONNX calls it. */
  readonly name: string;
  /** Operands that must not be computed from an input. */
  readonly constants: readonly string[];
}

/** For the table of supported operators and for tests; by domain, then by name. */
export function supportedOperators(): OperatorDescription[] {
  return [...BY_DOMAIN].flatMap(([domain, operators]) =>
    [...operators]
      .map(([name, { refuse }]): OperatorDescription => ({ domain, name, constants: refuse?.roles ?? [] }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
}

/** @param domain "" for the standard operators */
export function operatorNamed(name: string, domain: string): Operator | undefined {
  return BY_DOMAIN.get(domain)?.get(name);
}
