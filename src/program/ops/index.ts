/** The rules of every operation; the mapped type makes a missing one a compile-time error. */
import { applyLinearMap } from "../linearMap.js";
import { elementRange } from "../elementType.js";
import { type Interval, linearInterval, type OpenConstants } from "../interval.js";
import type { Constant, Operation, OperationKind, TensorData } from "../types.js";
import { add } from "./add.js";
import { affine } from "./affine.js";
import { conv } from "./conv.js";
import { gather } from "./gather.js";
import { linear } from "./linear.js";
import { matmul } from "./matmul.js";
import { maxPool } from "./maxPool.js";
import { mul } from "./mul.js";
import { requantize } from "./requantize.js";
import { reshape } from "./reshape.js";
import type { OperationRules, Shape } from "./rules.js";
import { sumPool } from "./sumPool.js";
import { table } from "./table.js";
import { transpose } from "./transpose.js";

type RulesTable = { readonly [K in OperationKind]: OperationRules<Extract<Operation, { kind: K }>> };

const RULES: RulesTable = { conv, linear, affine, add, sumPool, maxPool, requantize, reshape, transpose, gather, mul, matmul, table };

/** The rules of one operation. The table pairs each kind with its own rules, which TypeScript cannot follow through an index. */
export function rulesOf(operation: Operation): OperationRules<Operation> {
  return RULES[operation.kind];
}

export const OPERATION_KINDS = Object.keys(RULES) as OperationKind[];

export function executeOperation(operation: Operation, shapes: readonly Shape[], operands: readonly TensorData[]): TensorData {
  const rules = rulesOf(operation);
  return rules.linear ? applyLinearMap(rules.map(operation, shapes), operands) : rules.execute(operation, shapes, operands);
}

export function intervalOf(operation: Operation, shapes: readonly Shape[], operands: readonly Interval[]): Interval {
  const rules = rulesOf(operation);
  if (!rules.linear) return rules.interval(operation, shapes, operands);
  const output = rules.outputShape(operation, shapes);
  return linearInterval(rules.map(operation, shapes), operands, output[output.length - 1] ?? 1, operation.node, openConstants(operation));
}

/** Committed constants count with all that their types allow, so that the program fits any of them. */
function openConstants(operation: Operation): OpenConstants {
  if (!("weight" in operation)) return {};
  const range = ({ committed, type }: Constant): OpenConstants["weight"] => (committed === true ? elementRange(type) : undefined);
  return { weight: range(operation.weight), bias: range(operation.bias) };
}
