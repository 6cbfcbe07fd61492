/** What a node of the graph reads. */
import { unreachable } from "../errors.js";
import type { GraphNode } from "./graph.js";

/** Names of the activations that a node reads, in operand order. */
export function activationsOf(node: GraphNode): readonly string[] {
  switch (node.operator) {
    case "Add":
    case "Mul":
    case "MatMul":
      return [node.left, node.right];
    case "Where":
      return [node.condition, node.left, node.right];
    case "Gather":
      return node.inputs;
    case "Conv":
    case "Linear":
    case "MaxPool":
    case "AveragePool":
    case "GlobalAveragePool":
    case "ReduceSum":
    case "Relu":
    case "Function":
    case "Step":
    case "ArgMax":
    case "TopK":
    case "Quantize":
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
    case "Gather":
      return node.constant === undefined ? [] : [node.constant];
    case "MaxPool":
    case "AveragePool":
    case "GlobalAveragePool":
    case "ReduceSum":
    case "Relu":
    case "Add":
    case "Mul":
    case "MatMul":
    case "Where":
    case "Function":
    case "Step":
    case "ArgMax":
    case "TopK":
    case "Quantize":
    case "Reshape":
    case "Transpose":
    case "Identity":
      return [];
    default:
      return unreachable(node);
  }
}

/** The node with the values that it reads under other names. */
export function withReads(node: GraphNode, rename: (name: string) => string): GraphNode {
  if ("inputs" in node) return { ...node, inputs: node.inputs.map(rename) };
  if (node.operator === "Where") return { ...node, condition: rename(node.condition), left: rename(node.left), right: rename(node.right) };
  if ("left" in node) return { ...node, left: rename(node.left), right: rename(node.right) };
  return { ...node, input: rename(node.input) };
}
