/**
 * LSTM, unrolled: c' = f·c + i·g, h' = o·tanh(c') with gates i, o, f and g in this order in the weights.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#LSTM
 */
import { add, multiply, subtract } from "../../compose/arithmetic.js";
import { type Emitter, real, type RealConstant, scalar, type Value } from "../../emitter.js";
import { type Operator, optionalReal, type OperatorNode } from "../operator.js";
import { activationsOf } from "./activations.js";
import { checkShape, refuse, type Sizes, sizesOf, type Step, unroll } from "./cell.js";
import { activation, gateOf, gateSum } from "./gates.js";

export const lstm: Operator = {
  operands: [3, 8],
  refuse,
  lower(node) {
    const sizes = sizesOf(node, 4);
    checkShape(node, 7, [sizes.directions, 3 * sizes.hidden]);
    const functions = activationsOf(node, sizes.reverse.flatMap(() => ["Sigmoid", "Tanh", "Tanh"]));
    const coupled = node.attributes.flag("input_forget", false);
    return unroll(node, sizes, [5, 6], (direction) => {
      const [f, g, h] = functions.slice(3 * direction).map((fn) => activation(node, fn));
      return stepOf(node, sizes, direction, { f, g, h, coupled });
    });
  },
};

interface Settings {
  readonly f: (x: Value) => Value;
  readonly g: (x: Value) => Value;
  readonly h: (x: Value) => Value;
  /** input_forget: the forget gate is 1 − i. */
  readonly coupled: boolean;
}

function stepOf(node: OperatorNode, sizes: Sizes, direction: number, { f, g, h, coupled }: Settings): Step {
  const { emitter } = node;
  const [input, output, forget, cell] = [0, 1, 2, 3].map((gate) => gateSum(emitter, gateOf(node, sizes, 4, direction, gate)));
  const [inputPeep, outputPeep, forgetPeep] = [0, 1, 2].map((gate) => peephole(node, sizes, direction, gate));
  return (x, [state, memory]) => {
    const i = f(peeped(emitter, input(x, state), memory, inputPeep));
    const candidate = multiply(emitter, i, g(cell(x, state)));
    let next = candidate;
    if (memory !== undefined) {
      const kept = coupled ? subtract(emitter, scalar(1), i) : f(peeped(emitter, forget(x, state), memory, forgetPeep));
      next = add(emitter, multiply(emitter, kept, memory), candidate);
    }
    const o = f(peeped(emitter, output(x, state), next, outputPeep));
    return [multiply(emitter, o, h(next)), next];
  };
}

/** Order i, o, f. */
function peephole(node: OperatorNode, { hidden }: Sizes, direction: number, gate: number): RealConstant | undefined {
  const start = (3 * direction + gate) * hidden;
  const weights = optionalReal(node, 7);
  return weights && real(weights.data.slice(start, start + hidden), [hidden]);
}

function peeped(emitter: Emitter, sum: Value, memory: Value | undefined, weight: RealConstant | undefined): Value {
  return memory === undefined || weight === undefined ? sum : add(emitter, sum, multiply(emitter, memory, weight));
}
