/** What an operator's file sees of a node, and what it gives back. */
import type { Attributes } from "../attributes.js";
import type { ConstantPool } from "../constantPool.js";
import type { GraphElementType, GraphNode } from "../graph.js";
import { malformed, quote, unsupported } from "../problems.js";
import type { ConstantTensor } from "../tensors.js";

export interface Activation {
  readonly kind: "activation";
  readonly name: string;
  readonly shape: readonly number[];
  readonly elementType: GraphElementType;
}

export interface Constant {
  readonly kind: "constant";
  readonly name: string;
  readonly tensor: ConstantTensor;
}

/** A value whose shape is lost behind an unsupported node; whether it is constant is still known. */
export interface Unknown {
  readonly kind: "unknown";
  readonly name: string;
  readonly constant: boolean;
}

export type Operand = Activation | Constant | Unknown;

export interface OperatorNode {
  readonly name: string;
  readonly opset: number;
  readonly attributes: Attributes;
  /** undefined: left out. */
  readonly operands: readonly (Activation | Constant | undefined)[];
  /** The first output. */
  readonly output: string;
  readonly pool: ConstantPool;
}

type WithoutNames<T> = T extends unknown ? Omit<T, "name" | "output"> : never;

export interface Lowered {
  readonly node: WithoutNames<GraphNode>;
  /** Of the output. */
  readonly shape: readonly number[];
}

/** Whether each operand is constant; undefined: left out. Known even behind unsupported nodes. */
export type Constness = readonly (boolean | undefined)[];

export interface Operator {
  /** Least and greatest number of operands. */
  readonly operands: readonly [number, number];
  /** Whether the operator only moves elements, and so takes any element type. */
  readonly anyType?: boolean;
  /** Positions of operands that are indices, axes or sizes, and so of an integer type whatever the others are. */
  readonly indexOperands?: readonly number[];
  /** The reason why a node with such operands is unsupported, whatever their shapes. */
  readonly refuse: (constant: Constness) => string | undefined;
  /** @throws AssayError ONNX_MALFORMED, ONNX_SHAPE or ONNX_UNSUPPORTED. */
  readonly lower: (node: OperatorNode) => Lowered;
}

/** For `refuse`: the first operand is an activation and all others are constants. */
export function othersConstant(...roles: readonly string[]): Operator["refuse"] {
  return (constant) => {
    if (constant[0] === true) return "its first operand is a constant";
    const index = constant.findIndex((isConstant, i) => i > 0 && isConstant === false);
    return index < 0 ? undefined : `its ${roles[index - 1] ?? `operand ${index}`} is computed from an input; it must be constant`;
  };
}

export function place(node: OperatorNode): string {
  return `node ${quote(node.name)}`;
}

export function activation(node: OperatorNode, index: number): Activation {
  const operand = node.operands[index];
  if (operand === undefined) throw malformed(`operand ${index} is missing`, place(node));
  if (operand.kind !== "activation") throw unsupported(`operand ${index} is a constant`, place(node));
  return operand;
}

/** undefined if the operand is left out. */
export function optionalConstant(node: OperatorNode, index: number): Constant | undefined {
  const operand = node.operands[index];
  if (operand === undefined) return undefined;
  if (operand.kind !== "constant") throw unsupported(`operand ${index} is computed from an input`, place(node));
  return operand;
}

export function constant(node: OperatorNode, index: number): Constant {
  const operand = optionalConstant(node, index);
  if (operand === undefined) throw malformed(`operand ${index} is missing`, place(node));
  return operand;
}
