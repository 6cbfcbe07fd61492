/**
 * Activation functions of recurrent operators, by the names of the attribute `activations`.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#LSTM, "Activation functions"
 */
import { hardSigmoid, realFunction } from "../../functions/pointwise.js";
import { sigmoid, softplus } from "../../functions/special.js";
import type { RealFunction } from "../../graph.js";
import { malformed, quote } from "../../problems.js";
import { type OperatorNode, place } from "../operator.js";

interface Kind {
  /** Default alpha and beta, as far as the function has them. */
  readonly parameters: readonly number[];
  readonly make: (alpha: number, beta: number) => RealFunction;
}

const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ["relu", { parameters: [], make: () => realFunction("relu", (x) => Math.max(0, x)) }],
  ["tanh", { parameters: [], make: () => realFunction("tanh", Math.tanh) }],
  ["sigmoid", { parameters: [], make: () => realFunction("sigmoid", sigmoid) }],
  ["softsign", { parameters: [], make: () => realFunction("softsign", (x) => x / (1 + Math.abs(x))) }],
  ["softplus", { parameters: [], make: () => realFunction("softplus", softplus) }],
  ["affine", { parameters: [1, 0], make: (alpha, beta) => realFunction("affine", (x) => alpha * x + beta) }],
  ["leakyrelu", { parameters: [0.01], make: (alpha) => realFunction("leaky relu", (x) => (x < 0 ? alpha * x : x)) }],
  ["thresholdedrelu", { parameters: [1], make: (alpha) => realFunction("thresholded relu", (x) => (x >= alpha ? x : 0)) }],
  ["scaledtanh", { parameters: [1, 1], make: (alpha, beta) => realFunction("scaled tanh", (x) => alpha * Math.tanh(beta * x)) }],
  ["hardsigmoid", { parameters: [0.2, 0.5], make: hardSigmoid }],
  ["elu", { parameters: [1], make: (alpha) => realFunction("elu", (x) => (x < 0 ? alpha * Math.expm1(x) : x)) }],
]);

/**
 * All of them in order, one list for all directions. Values of activation_alpha and activation_beta go in turn to the
 * functions that have such a parameter. With `clip` an argument is first brought into [−clip, clip].
 */
export function activationsOf(node: OperatorNode, absent: readonly string[]): RealFunction[] {
  const names = node.attributes.strings("activations") ?? absent;
  if (names.length !== absent.length) throw malformed(`${names.length} activations instead of ${absent.length}`, place(node));
  const given = [node.attributes.floats("activation_alpha") ?? [], node.attributes.floats("activation_beta") ?? []];
  const next = [0, 0];
  return names.map((name) => {
    const kind = KINDS.get(name.toLowerCase());
    if (kind === undefined) throw malformed(`the activation ${quote(name)} is unknown`, place(node));
    const [alpha, beta] = kind.parameters.map((value, i) => given[i][next[i]++] ?? value);
    return kind.make(alpha, beta);
  });
}
