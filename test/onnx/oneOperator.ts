/** Models of one node, for tables of attribute combinations. */
import { buildModel, type AttributeSpec, type TensorSpec, type TypeName, type ValueSpec } from "../support/onnxBuilder.js";
import { seededRandom } from "./differential.js";

export type Attributes = Readonly<Record<string, AttributeSpec>>;

/** An input, a constant, or "" for an operand left out. */
export type OperandSpec = ValueSpec | TensorSpec | "";

export interface OperatorSpec {
  readonly attributes?: Attributes;
  readonly opset?: number;
  /** How many outputs; default 1. */
  readonly outputs?: number;
}

/** The node is called `n`, its outputs `y0`, `y1`, ... */
export function operatorModel(op: string, operands: readonly OperandSpec[], { attributes, opset = 17, outputs = 1 }: OperatorSpec = {}): Uint8Array {
  const isConstant = (operand: OperandSpec): operand is TensorSpec => operand !== "" && "dims" in operand;
  const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
  // The same one may stand at several places.
  const distinct = [...new Set(operands)];
  return buildModel({
    inputs: distinct.filter((operand) => operand !== "").filter((operand) => !isConstant(operand)),
    outputs: names.map((name) => ({ name, type: null })),
    initializers: distinct.filter(isConstant),
    nodes: [{ op, name: "n", inputs: operands.map((operand) => (operand === "" ? "" : operand.name)), outputs: names, attributes }],
    opset,
  });
}

export function input(shape: readonly number[], type: TypeName = "float", name = "x"): ValueSpec {
  return { name, shape, type };
}

/** A constant vector of integers, or a scalar. */
export function ints(name: string, data: readonly number[] | number, type: TypeName = "int64"): TensorSpec {
  return typeof data === "number" ? { name, dims: [], data: [data], type } : { name, dims: [data.length], data, type };
}

export function shaped(name: string, dims: readonly number[], data: readonly (number | bigint)[], type: TypeName = "int64"): TensorSpec {
  return { name, dims, data, type };
}

/** Seeded reals in [−1, 1). */
export function floats(name: string, dims: readonly number[], seed = 7): TensorSpec {
  const random = seededRandom(seed);
  return { name, dims, data: Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => 2 * random() - 1) };
}
