/** What a node of the graph reads. */
import { unreachable } from "../errors.js";
import type { GraphNode } from "./graph.js";

/** Names of the activations that a node reads, in operand order. */
export function activationsOf(node: GraphNode): readonly string[] {
  switch (node.operator) {
    case "Add":
      return [node.left, node.right];
    case "Conv":
    case "Linear":
    case "MaxPool":
    case "AveragePool":
    case "GlobalAveragePool":
    case "ReduceMean":
    case "Relu":
    case "AddConstant":
    case "MulConstant":
    case "ChannelAffine":
    case "Reshape":
    case "Transpose":
    case "Identity":
      return [node.input];
    default:
      return unreachable(node);
  }
}

/** Names of the constants that a node reads. */
export function constantsOf(node: GraphNode): readonly string[] {
  switch (node.operator) {
    case "Conv":
    case "Linear":
      return node.bias === undefined ? [node.weight] : [node.weight, node.bias];
    case "AddConstant":
    case "MulConstant":
      return [node.constant];
    case "ChannelAffine":
      return [node.scale, node.shift];
    case "MaxPool":
    case "AveragePool":
    case "GlobalAveragePool":
    case "ReduceMean":
    case "Relu":
    case "Add":
    case "Reshape":
    case "Transpose":
    case "Identity":
      return [];
    default:
      return unreachable(node);
  }
}
