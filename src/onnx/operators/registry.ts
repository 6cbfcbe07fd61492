/** The supported ONNX operators, by their names in the standard operator set. */
import { batchNormalization } from "./batchNormalization.js";
import { conv } from "./conv.js";
import { add, mul, relu } from "./elementwise.js";
import { gemm } from "./gemm.js";
import { dropout, flatten, identity, reshape, transpose } from "./layout.js";
import { matMul } from "./matMul.js";
import type { Operator } from "./operator.js";
import { averagePool, globalAveragePool, maxPool } from "./pool.js";
import { reduceMean } from "./reduceMean.js";

/** Constants are supported too (Constant, and what fold.ts evaluates), but become no node. */
export type SupportedOperator =
  | "Add"
  | "AveragePool"
  | "BatchNormalization"
  | "Conv"
  | "Dropout"
  | "Flatten"
  | "Gemm"
  | "GlobalAveragePool"
  | "Identity"
  | "MatMul"
  | "MaxPool"
  | "Mul"
  | "ReduceMean"
  | "Relu"
  | "Reshape"
  | "Transpose";

const OPERATORS: Readonly<Record<SupportedOperator, Operator>> = {
  Add: add,
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  Conv: conv,
  Dropout: dropout,
  Flatten: flatten,
  Gemm: gemm,
  GlobalAveragePool: globalAveragePool,
  Identity: identity,
  MatMul: matMul,
  MaxPool: maxPool,
  Mul: mul,
  ReduceMean: reduceMean,
  Relu: relu,
  Reshape: reshape,
  Transpose: transpose,
};

const BY_NAME: ReadonlyMap<string, Operator> = new Map(Object.entries(OPERATORS));

export function operatorNamed(name: string): Operator | undefined {
  return BY_NAME.get(name);
}
