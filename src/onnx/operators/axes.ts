/** Axes given as an attribute in older opsets and as a constant operand in newer ones, and other lists of that kind. */
import { resolveAxis } from "../limits.js";
import { badShape, malformed, quote } from "../problems.js";
import { optionalConstant, optionalIntegers, place, type OperatorNode } from "./operator.js";

/** The operand if it is there, else the attribute. */
export function listed(node: OperatorNode, name: string, operand: number): readonly number[] | undefined {
  const attribute = node.attributes.ints(name);
  return optionalIntegers(node, operand) ?? attribute;
}

/** Counted from the front, each once. @param rank of the tensor that has the axes */
export function distinctAxes(node: OperatorNode, declared: readonly number[], rank: number): number[] {
  const axes = declared.map((axis) => resolveAxis(axis, rank, rank, place(node)));
  if (new Set(axes).size !== axes.length) throw malformed("an axis is listed twice", place(node));
  return axes;
}

/** @param absent undefined: the attribute must be there */
export function axisAttribute(node: OperatorNode, rank: number, absent?: number): number {
  const axis = node.attributes.int("axis", absent);
  if (axis === undefined) throw malformed("attribute axis is missing", place(node));
  return resolveAxis(axis, rank, rank, place(node));
}

/** For bounds that may lie far outside: int64 clamped to what a number holds exactly. */
export function clampedIntegers(node: OperatorNode, index: number): number[] | undefined {
  const operand = optionalConstant(node, index);
  if (operand === undefined) return undefined;
  const { type, bytes, shape } = operand.tensor;
  if (shape.length > 1) throw badShape(`operand ${index} is no vector`, place(node));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / type.bytes }, (_, i) => {
    const value = Number(type.read(view, i * type.bytes));
    if (!Number.isInteger(value)) throw malformed("its elements must be integers", `tensor ${quote(operand.name)}`);
    return Math.min(Number.MAX_SAFE_INTEGER, Math.max(Number.MIN_SAFE_INTEGER, value));
  });
}
