/**
 * A node of the graph in float64, by the definitions in graph.ts. It serves the calibration of values that ONNX has no name
 * for, and compares what operators lower to with onnxruntime.
 */
import { unreachable } from "../errors.js";
import { elementwise, perChannel } from "./evaluate/elementwise.js";
import { linear, matMul } from "./evaluate/products.js";
import { gather, reduceSum, transpose } from "./evaluate/layout.js";
import { positionsOfMaxima, topK } from "./evaluate/select.js";
import { averagePool, conv, globalAveragePool, maxPool } from "./evaluate/windows.js";
import type { Graph, GraphNode, RealFunction } from "./graph.js";

/** Elements of a value or constant, row-major. */
export type DataOf = (name: string) => ArrayLike<number>;

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** A quotient this close to an integer, relatively, differs from it by rounding alone. */
const SNAP = 1e-9;

/**
 * @param data elements of the activations that the node reads
 * @returns the elements of its output
 */
export function evaluateNode(graph: Pick<Graph, "values" | "constants">, node: GraphNode, data: DataOf): Float64Array {
  const tensor = (name: string): Tensor => {
    const constant = graph.constants.get(name);
    return constant ?? { shape: graph.values.get(name)?.shape ?? [], data: data(name) };
  };
  const optional = (name: string | undefined): Tensor | undefined => (name === undefined ? undefined : tensor(name));
  const shape = graph.values.get(node.output)?.shape ?? [];
  switch (node.operator) {
    case "Conv":
      return conv(tensor(node.input), tensor(node.weight), optional(node.bias), node.window, node.group, shape);
    case "Linear":
      return linear(tensor(node.input), tensor(node.weight), optional(node.bias), shape);
    case "MatMul":
      return matMul(tensor(node.left), tensor(node.right));
    case "MaxPool":
      return maxPool(tensor(node.input), node.window, shape);
    case "AveragePool":
      return averagePool(tensor(node.input), node.window, node.countedPadsEnd, node.countIncludePad, shape);
    case "GlobalAveragePool":
      return globalAveragePool(tensor(node.input));
    case "ReduceSum":
      return reduceSum(tensor(node.input), node.axes, node.factor);
    case "Relu":
      return Float64Array.from(tensor(node.input).data, (x) => Math.max(0, x));
    case "Add": {
      const { leftFactor, rightFactor } = node;
      return elementwise(shape, (x) => leftFactor * x[0] + rightFactor * x[1], tensor(node.left), tensor(node.right));
    }
    case "Mul":
      return elementwise(shape, (x) => x[0] * x[1], tensor(node.left), tensor(node.right));
    case "Where":
      return elementwise(shape, (x) => (x[0] === 0 ? x[2] : x[1]), tensor(node.condition), tensor(node.left), tensor(node.right));
    case "Function":
      return Float64Array.from(tensor(node.input).data, argumentsOf(node.function));
    case "Step":
      return Float64Array.from(tensor(node.input).data, node.orEqual ? (x) => Number(x >= 0) : (x) => Number(x > 0));
    case "Gather":
      return gather([...node.inputs.map(tensor), ...(node.constant === undefined ? [] : [tensor(node.constant)])], node.indices);
    case "ArgMax":
      return positionsOfMaxima(tensor(node.input), node.last);
    case "TopK":
      return topK(tensor(node.input), node.k, node.part);
    case "Quantize": {
      const { scale, zeroPoint, low, high } = node;
      return Float64Array.from(tensor(node.input).data, (x) => Math.min(high, Math.max(low, Math.floor(x / scale + 0.5) + zeroPoint)));
    }
    case "AddConstant":
      return elementwise(shape, (x) => x[0] + x[1], tensor(node.input), tensor(node.constant));
    case "MulConstant":
      return elementwise(shape, (x) => x[0] * x[1], tensor(node.input), tensor(node.constant));
    case "ChannelAffine":
      return perChannel(tensor(node.input), tensor(node.scale).data, tensor(node.shift).data);
    case "Reshape":
    case "Identity":
      return Float64Array.from(tensor(node.input).data);
    case "Transpose":
      return transpose(tensor(node.input), node.permutation);
    default:
      return unreachable(node);
  }
}

function argumentsOf({ apply, snap }: RealFunction): (x: number) => number {
  if (snap !== true) return apply;
  return (x) => {
    const nearest = Math.round(x);
    return apply(Math.abs(x - nearest) <= SNAP * Math.max(1, Math.abs(x)) ? nearest : x);
  };
}
