/**
 * Max, Min, Mean and Clip. https://github.com/onnx/onnx/blob/main/docs/Operators.md#Max, #Min, #Mean, #Clip
 */
import { isInteger } from "../../math/elements.js";
import { add, scale } from "../compose/arithmetic.js";
import { broadcastTo, concat, reshape } from "../compose/layout.js";
import { larger, smaller } from "../compose/logic.js";
import { apply, relu } from "../compose/pointwise.js";
import { maximum, minimum, type Reduction } from "../compose/reduce.js";
import { type Emitter, scalar, type Value } from "../emitter.js";
import { broadcast } from "../limits.js";
import { badShape, malformed } from "../problems.js";
import { type Operator, type OperatorNode, optionalValue, place, value, values } from "./operator.js";

const MOST_OPERANDS = 2 ** 16;

/** All operands side by side along a new last axis, reduced over it. */
function variadic(reduce: (emitter: Emitter, value: Value, reduction: Reduction) => Value): Operator {
  return {
    operands: [1, MOST_OPERANDS],
    lower(node) {
      const all = values(node);
      if (all.length === 1) return all;
      const shape = all.reduce<readonly number[]>((wide, { shape }) => broadcast(wide, shape, place(node)), []);
      const columns = all.map((operand) => reshape(node.emitter, broadcastTo(node.emitter, operand, shape), [...shape, 1]));
      return [reduce(node.emitter, concat(node.emitter, columns, shape.length), { axes: [shape.length], keep: false })];
    },
  };
}

/** With the constant 0 and one other value, which comes out as `rectified`. */
function aboveZero(general: Operator, rectified: (emitter: Emitter, value: Value) => Value): Operator {
  return {
    operands: general.operands,
    lower(node) {
      const all = values(node);
      const zero = all.find((operand) => operand.kind === "real" && operand.data.length === 1 && operand.data[0] === 0);
      const other = all.find((operand) => operand !== zero);
      if (all.length !== 2 || zero === undefined || other === undefined || zero.shape.length > other.shape.length) return general.lower(node);
      return [rectified(node.emitter, other)];
    },
  };
}

export const max = aboveZero(variadic(maximum), relu);
export const min = aboveZero(variadic(minimum), (emitter, value) => scale(emitter, relu(emitter, scale(emitter, value, -1)), -1));

export const mean: Operator = {
  operands: [1, MOST_OPERANDS],
  lower(node) {
    const [first, ...others] = values(node);
    const total = others.reduce((sum, operand) => add(node.emitter, sum, operand), first);
    return [scale(node.emitter, total, 1 / (others.length + 1))];
  },
};

/** Bounds are attributes before opset 11. One that no value of calibration reaches costs nothing if it is left out. */
export const clip: Operator = {
  operands: [1, 3],
  lower(node) {
    const { emitter } = node;
    const input = value(node, 0);
    const [low, high] = [bound(node, 1, "min"), bound(node, 2, "max")];
    if (isInteger(input.elementType) || low?.kind === "activation" || high?.kind === "activation") {
      const raised = low === undefined ? input : larger(emitter, input, low);
      return [high === undefined ? raised : smaller(emitter, raised, high)];
    }
    return [clipReal(emitter, input, low?.data[0] ?? -Infinity, high?.data[0] ?? Infinity)];
  },
};

function clipReal(emitter: Emitter, input: Value, low: number, high: number): Value {
  const raised = low === 0 ? relu(emitter, input) : input;
  const isWhole = high === Infinity && (low === 0 || low === -Infinity);
  return isWhole ? raised : apply(emitter, raised, { name: "clip", apply: (x) => Math.min(high, Math.max(low, x)), clamp: { low, high } });
}

/** Beyond this a bound of real numbers stands for none. */
const ENDLESS = 1e38;

function bound(node: OperatorNode, index: number, attribute: "min" | "max"): Value | undefined {
  const operand = node.attributes.has(attribute) ? scalar(node.attributes.float(attribute, 0)) : optionalValue(node, index);
  if (operand === undefined) return undefined;
  if (operand.shape.some((dim) => dim !== 1)) throw badShape(`its ${attribute} is no scalar`, place(node));
  if (operand.kind === "real" && Number.isNaN(operand.data[0])) throw malformed(`its ${attribute} is no number`, place(node));
  if (operand.kind === "real" && Math.abs(operand.data[0]) >= ENDLESS) return undefined;
  return reshape(node.emitter, operand, []);
}
