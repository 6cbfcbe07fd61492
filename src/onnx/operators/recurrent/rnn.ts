/** RNN, unrolled: h' = f(x·W + h·R + bias). https://github.com/onnx/onnx/blob/main/docs/Operators.md#RNN */
import type { Operator } from "../operator.js";
import { activationsOf } from "./activations.js";
import { refuse, sizesOf, unroll } from "./cell.js";
import { activation, gateOf, gateSum } from "./gates.js";

export const rnn: Operator = {
  operands: [3, 6],
  refuse,
  lower(node) {
    const sizes = sizesOf(node, 1);
    const functions = activationsOf(node, sizes.reverse.map(() => "Tanh"));
    return unroll(node, sizes, [5], (direction) => {
      const sum = gateSum(node.emitter, gateOf(node, sizes, 1, direction, 0));
      const f = activation(node, functions[direction]);
      return (x, [h]) => [f(sum(x, h))];
    });
  },
};
