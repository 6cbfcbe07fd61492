/** What an operator's file sees of a node, and what it gives back. */
import type { Attributes } from "../attributes.js";
import type { Emitter, RealConstant, Value } from "../emitter.js";
import type { GraphElementType } from "../graph.js";
import { malformed, quote, unsupported } from "../problems.js";
import { type ConstantTensor, toFloat64, toIntegers } from "../tensors.js";

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
  /** For each output, whether something reads it. */
  readonly outputs: readonly boolean[];
  readonly emitter: Emitter;
}

/** Whether each operand is constant; undefined: left out. Known even behind unsupported nodes. */
export type Constness = readonly (boolean | undefined)[];

export interface Refusal {
  (constant: Constness): string | undefined;
  /** What must be constant, for the table of operators. */
  readonly roles?: readonly string[];
}

export interface Operator {
  /** Least and greatest number of operands. */
  readonly operands: readonly [number, number];
  /** The reason why a node with such operands is unsupported, whatever their shapes. */
  readonly refuse?: Refusal;
  /**
   * The node's outputs in order; undefined for one that nothing reads.
   * @throws AssayError ONNX_MALFORMED, ONNX_SHAPE or ONNX_UNSUPPORTED.
   */
  readonly lower: (node: OperatorNode) => readonly (Value | undefined)[];
}

/** For `refuse`: operands from `first` on are constants. */
export function constantFrom(first: number, ...roles: readonly string[]): NonNullable<Operator["refuse"]> {
  const refuse = (constant: Constness): string | undefined => {
    const index = constant.findIndex((isConstant, i) => i >= first && isConstant === false);
    return index < 0 ? undefined : `its ${roles[index - first] ?? `operand ${index}`} is computed from an input; it must be constant`;
  };
  return Object.assign(refuse, { roles });
}

export function place(node: OperatorNode): string {
  return `node ${quote(node.name)}`;
}

/** An operand as compositions take it. */
export function value(node: OperatorNode, index: number): Value {
  const operand = optionalValue(node, index);
  if (operand === undefined) throw malformed(`operand ${index} is missing`, place(node));
  return operand;
}

/** undefined if the operand is left out. */
export function optionalValue(node: OperatorNode, index: number): Value | undefined {
  const operand = node.operands[index];
  if (operand === undefined || operand.kind === "activation") return operand;
  return realOf(operand);
}

/** All operands, for operators that take any number. */
export function values(node: OperatorNode): Value[] {
  return node.operands.map((_, index) => value(node, index));
}

function realOf({ name, tensor }: Constant): RealConstant {
  return { kind: "real", shape: tensor.shape, data: toFloat64(tensor, name), elementType: tensor.type.elementType, name };
}

/** undefined if the operand is left out. @throws AssayError ONNX_UNSUPPORTED where it is computed. */
export function optionalReal(node: OperatorNode, index: number): RealConstant | undefined {
  const operand = optionalConstant(node, index);
  return operand && realOf(operand);
}

export function realOperand(node: OperatorNode, index: number): RealConstant {
  return realOf(constant(node, index));
}

/** The integers of a constant operand; undefined if it is left out. */
export function optionalIntegers(node: OperatorNode, index: number): number[] | undefined {
  const operand = optionalConstant(node, index);
  return operand && toIntegers(operand.tensor, operand.name);
}

export function integers(node: OperatorNode, index: number): number[] {
  const operand = constant(node, index);
  return toIntegers(operand.tensor, operand.name);
}

export function optionalConstant(node: OperatorNode, index: number): Constant | undefined {
  const operand = node.operands[index];
  if (operand === undefined) return undefined;
  if (operand.kind !== "constant") throw unsupported(`operand ${index} is computed from an input; it must be constant`, place(node));
  return operand;
}

export function constant(node: OperatorNode, index: number): Constant {
  const operand = optionalConstant(node, index);
  if (operand === undefined) throw malformed(`operand ${index} is missing`, place(node));
  return operand;
}
