/**
 * GRU, unrolled: h' = n + z·(h − n) with gates z, r and n in this order in the weights.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#GRU
 */
import { add, multiply, scale, subtract } from "../../compose/arithmetic.js";
import { linear } from "../../compose/matMul.js";
import { type Emitter, real, type Value } from "../../emitter.js";
import type { Operator } from "../operator.js";
import { activationsOf } from "./activations.js";
import { refuse, sizesOf, unroll } from "./cell.js";
import { activation, type Gate, gateOf, gateSum } from "./gates.js";

export const gru: Operator = {
  operands: [3, 6],
  refuse,
  lower(node) {
    const { emitter } = node;
    const sizes = sizesOf(node, 3);
    const functions = activationsOf(node, sizes.reverse.flatMap(() => ["Sigmoid", "Tanh"]));
    const linearFirst = node.attributes.flag("linear_before_reset", false);
    return unroll(node, sizes, [5], (direction) => {
      const gates = [0, 1, 2].map((gate) => gateOf(node, sizes, 3, direction, gate));
      const [update, reset] = gates.map((gate) => gateSum(emitter, gate));
      const candidate = linearFirst ? resetAfter(emitter, gates[2]) : resetBefore(emitter, gates[2]);
      const [f, g] = functions.slice(2 * direction).map((fn) => activation(node, fn));
      return (x, [h]) => {
        const z = f(update(x, h));
        const n = g(candidate(x, h, () => f(reset(x, h))));
        const change = h === undefined ? scale(emitter, n, -1) : subtract(emitter, h, n);
        return [add(emitter, n, multiply(emitter, z, change))];
      };
    });
  },
};

type Candidate = (x: Value, h: Value | undefined, reset: () => Value) => Value;

/** x·W + (r·h)·R + biases. */
function resetBefore(emitter: Emitter, gate: Gate): Candidate {
  const sum = gateSum(emitter, gate);
  return (x, h, reset) => sum(x, h && multiply(emitter, reset(), h));
}

/** x·W + bias + r·(h·R + bias). */
function resetAfter(emitter: Emitter, { weight, recurrence, inputBias, recurrenceBias }: Gate): Candidate {
  const bias = real(recurrenceBias.data, [1, recurrenceBias.data.length]);
  return (x, h, reset) => {
    const recurrent = h === undefined ? bias : linear(emitter, h, recurrence, recurrenceBias);
    return add(emitter, linear(emitter, x, weight, inputBias), multiply(emitter, reset(), recurrent));
  };
}
