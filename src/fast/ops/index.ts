/** The emission of every operation; the mapped type makes a missing one a compile-time error. */
import type { Operation, OperationKind } from "../../program/types.js";
import { done, type Emit, type EmitContext, type Emitted } from "../context.js";
import { dot } from "./dot.js";
import { add, affine, mul, table } from "./elementwise.js";
import { gather, transpose } from "./layout.js";
import { matmul } from "./matmul.js";
import { maxPool, sumPool } from "./pool.js";
import { requantize } from "./requantize.js";

type EmitTable = { readonly [K in OperationKind]: Emit<Extract<Operation, { kind: K }>> };

const EMIT: EmitTable = {
  conv: dot,
  linear: dot,
  affine,
  add,
  sumPool,
  maxPool,
  requantize,
  // A renaming is followed where its tensor is read.
  reshape: (context, { output }) => done(context.value(output)),
  transpose,
  gather,
  mul,
  matmul,
  table,
};

/** @param following the operation after it in the same step */
export function emitOperation(context: EmitContext, operation: Operation, following: Operation | undefined): Emitted {
  // The table pairs each kind with its own emission, which TypeScript cannot follow through an index.
  const emit = EMIT[operation.kind] as Emit<Operation>;
  return emit(context, operation, following);
}
