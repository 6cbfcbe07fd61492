/** Which fields of an operation are constants, and where each is committed. */
import type { Constant, Operation, OperationKind, Program } from "./types.js";

/** A part of the model id with a root of its own. */
export type ConstantRegion = "weights" | "tables";

export interface ConstantField {
  readonly field: string;
  readonly region: ConstantRegion;
  readonly constant: Constant;
}

type FieldsOf<T> = { [F in keyof T]: T[F] extends Constant ? F : never }[keyof T];
type FieldTable = { readonly [K in OperationKind]: Readonly<Record<FieldsOf<Extract<Operation, { kind: K }>>, ConstantRegion>> };

/** By kind, in the order in which they are committed. */
const FIELDS: FieldTable = {
  conv: { weight: "weights", bias: "weights" },
  linear: { weight: "weights", bias: "weights" },
  affine: { weight: "weights", bias: "weights" },
  add: {},
  sumPool: {},
  maxPool: {},
  requantize: {},
  reshape: {},
  transpose: {},
  gather: { index: "weights", constant: "weights" },
  mul: {},
  matmul: {},
  table: { entries: "tables" },
};

export function constantFields(kind: OperationKind): readonly (readonly [field: string, region: ConstantRegion])[] {
  return Object.entries(FIELDS[kind]);
}

/** The constants of an operation, in the order in which they are committed. */
export function constantsOf(operation: Operation): ConstantField[] {
  // FieldTable pairs each kind with fields that hold constants, which TypeScript cannot follow through an index.
  const fields = operation as unknown as Readonly<Record<string, Constant>>;
  return constantFields(operation.kind).map(([field, region]) => ({ field, region, constant: fields[field] }));
}

/** Fields whose values a program may leave open: all others shape the circuit. */
export const COMMITTABLE: ReadonlySet<string> = new Set(["weight", "bias", "constant"]);

/** The constants that a program leaves open, in the order in which they are committed. */
export function committedConstants(program: Program): Constant[] {
  return program.operations.flatMap((operation) => constantsOf(operation).flatMap(({ constant }) => (constant.committed === true ? [constant] : [])));
}
