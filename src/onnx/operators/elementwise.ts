/** Arithmetic of two values, broadcast as in https://github.com/onnx/onnx/blob/main/docs/Broadcasting.md */
import { add as sum, multiply, subtract } from "../compose/arithmetic.js";
import type { Emitter, Value } from "../emitter.js";
import { value, type Operator } from "./operator.js";

export function binary(compose: (emitter: Emitter, left: Value, right: Value) => Value): Operator {
  return { operands: [2, 2], lower: (node) => [compose(node.emitter, value(node, 0), value(node, 1))] };
}

export const add = binary((emitter, left, right) => sum(emitter, left, right));
export const sub = binary(subtract);
export const mul = binary(multiply);
