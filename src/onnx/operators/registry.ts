/** The supported ONNX operators, by their names in the standard operator set. */
import { batchNormalization } from "./batchNormalization.js";
import { bitShift, bitwiseAnd, bitwiseNot, bitwiseOr, bitwiseXor } from "./bits.js";
import { conv } from "./conv.js";
import { div, mod } from "./division.js";
import { add, mul, sub } from "./elementwise.js";
import { clip, max, mean, min } from "./extremes.js";
import { gemm } from "./gemm.js";
import { dropout, flatten, identity, reshape, transpose } from "./layout.js";
import { and, equal, greater, greaterOrEqual, less, lessOrEqual, not, or, where, xor } from "./logic.js";
import { matMul } from "./matMul.js";
import type { Operator } from "./operator.js";
import { abs, gelu, neg, neverSo, pointwiseOperators, prelu, relu, sign } from "./pointwise.js";
import { averagePool, globalAveragePool, maxPool } from "./pool.js";
import { pow } from "./power.js";
import { reduceMax, reduceMean, reduceMin, reduceProd, reduceSum } from "./reduce.js";

/** Constants are supported too (Constant, and what fold.ts evaluates), but become no node. */
const OPERATORS = {
  ...pointwiseOperators,
  Abs: abs,
  Add: add,
  And: and,
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  BitShift: bitShift,
  BitwiseAnd: bitwiseAnd,
  BitwiseNot: bitwiseNot,
  BitwiseOr: bitwiseOr,
  BitwiseXor: bitwiseXor,
  Clip: clip,
  Conv: conv,
  Div: div,
  Dropout: dropout,
  Equal: equal,
  Flatten: flatten,
  Gelu: gelu,
  Gemm: gemm,
  GlobalAveragePool: globalAveragePool,
  Greater: greater,
  GreaterOrEqual: greaterOrEqual,
  Identity: identity,
  IsInf: neverSo,
  IsNaN: neverSo,
  Less: less,
  LessOrEqual: lessOrEqual,
  MatMul: matMul,
  Max: max,
  MaxPool: maxPool,
  Mean: mean,
  Min: min,
  Mod: mod,
  Mul: mul,
  Neg: neg,
  Not: not,
  Or: or,
  Pow: pow,
  PRelu: prelu,
  ReduceMax: reduceMax,
  ReduceMean: reduceMean,
  ReduceMin: reduceMin,
  ReduceProd: reduceProd,
  ReduceSum: reduceSum,
  Relu: relu,
  Reshape: reshape,
  Sign: sign,
  Sub: sub,
  Transpose: transpose,
  Where: where,
  Xor: xor,
} satisfies Readonly<Record<string, Operator>>;

export type SupportedOperator = keyof typeof OPERATORS;

const BY_NAME: ReadonlyMap<string, Operator> = new Map(Object.entries(OPERATORS));

export function operatorNamed(name: string): Operator | undefined {
  return BY_NAME.get(name);
}
