/**
 * Kernel functions of support vector machines: every sample with every support vector.
 * https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md#aionnxmlsvmregressor
 */
import { add, multiply, offset, scale } from "../../compose/arithmetic.js";
import { linear } from "../../compose/matMul.js";
import { apply } from "../../compose/pointwise.js";
import { sum } from "../../compose/reduce.js";
import { type Emitter, real, type RealConstant, type Value } from "../../emitter.js";
import { realFunction } from "../../functions/pointwise.js";
import { badShape, malformed, quote } from "../../problems.js";
import { type OperatorNode, place } from "../operator.js";

/**
 * @param input [batch, features]
 * @param vectors row by row, `count` of them
 * @returns [batch, vectors]
 */
export function kernel(node: OperatorNode, input: Value, vectors: readonly number[], count: number): Value {
  const { emitter, attributes } = node;
  const features = input.shape[1];
  if (vectors.length !== count * features || count < 1) throw badShape(`${vectors.length} elements of ${count} vectors of ${features} features`, place(node));
  const type = attributes.string("kernel_type", "LINEAR");
  const [gamma, shift, degree] = attributes.floats("kernel_params") ?? [0, 0, 3];
  const columns = real(Array.from({ length: vectors.length }, (_, i) => vectors[(i % count) * features + Math.floor(i / count)]), [features, count]);
  const products = linear(emitter, input, columns);
  const affine = (): Value => offset(emitter, scale(emitter, products, gamma), shift);
  switch (type) {
    case "LINEAR":
      return products;
    case "POLY":
      return apply(emitter, affine(), realFunction("power", (x) => x ** degree));
    case "SIGMOID":
      return apply(emitter, affine(), realFunction("tanh", Math.tanh));
    case "RBF":
      return apply(emitter, squaredDistances(emitter, input, products, columns), realFunction("exp", (x) => Math.exp(-gamma * Math.max(x, 0))), { precise: true });
    default:
      throw malformed(`kernel_type is ${quote(type)}`, place(node));
  }
}

/** |x|² − 2·x·v + |v|². */
function squaredDistances(emitter: Emitter, input: Value, products: Value, { data, shape: [, count] }: RealConstant): Value {
  const lengths = new Float64Array(count);
  data.forEach((x, i) => (lengths[i % count] += x * x));
  const squares = sum(emitter, multiply(emitter, input, input), { axes: [1], keep: true });
  return add(emitter, add(emitter, squares, products, -2), real(lengths, [count]));
}
