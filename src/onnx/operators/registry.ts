/** The supported ONNX operators, by their names in the standard operator set. */
import { batchNormalization } from "./batchNormalization.js";
import { conv } from "./conv.js";
import { add, div, mul, relu, sub } from "./elementwise.js";
import { gemm } from "./gemm.js";
import { dropout, flatten, identity, reshape, transpose } from "./layout.js";
import { matMul } from "./matMul.js";
import type { Operator } from "./operator.js";
import { averagePool, globalAveragePool, maxPool } from "./pool.js";
import { reduceMax, reduceMean, reduceMin, reduceProd, reduceSum } from "./reduce.js";

/** Constants are supported too (Constant, and what fold.ts evaluates), but become no node. */
const OPERATORS = {
  Add: add,
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  Conv: conv,
  Div: div,
  Dropout: dropout,
  Flatten: flatten,
  Gemm: gemm,
  GlobalAveragePool: globalAveragePool,
  Identity: identity,
  MatMul: matMul,
  MaxPool: maxPool,
  Mul: mul,
  ReduceMax: reduceMax,
  ReduceMean: reduceMean,
  ReduceMin: reduceMin,
  ReduceProd: reduceProd,
  ReduceSum: reduceSum,
  Relu: relu,
  Reshape: reshape,
  Sub: sub,
  Transpose: transpose,
} satisfies Readonly<Record<string, Operator>>;

export type SupportedOperator = keyof typeof OPERATORS;

const BY_NAME: ReadonlyMap<string, Operator> = new Map(Object.entries(OPERATORS));

export function operatorNamed(name: string): Operator | undefined {
  return BY_NAME.get(name);
}
