/**
 * Scores before a softmax matter only near the greatest of their row: what lies 16 below has no weight that any output shows.
 * A mask of −10,000 in a range would take all bits from the scores that count.
 */
import type { Graph, GraphNode } from "../onnx/graph.js";
import { activationsOf } from "../onnx/operands.js";
import type { Ranges, ValueRange } from "./ranges.js";

/** exp(−16) is 1e-7. */
const DEPTH = 16;

/** Ranges with the scores of every softmax limited from below. */
export function limitScores(graph: Graph, ranges: Ranges): Ranges {
  const producers = new Map(graph.nodes.map((node) => [node.output, node]));
  const limited = new Map(ranges);
  for (const node of graph.nodes) {
    const shifted = node.operator === "Function" && node.function.name === "exp" ? producers.get(node.input) : undefined;
    if (shifted?.operator !== "Add" || shifted.leftFactor !== 1 || shifted.rightFactor !== -1) continue;
    const most = sourceOf(producers, shifted.right);
    if (most?.operator !== "MaxPool" || unmoved(producers, most.input) !== shifted.left) continue;
    raise(limited, shifted.output, -DEPTH);
    const { low = -Infinity } = ranges.get(shifted.right) ?? {};
    if (!graph.outputs.some(({ name }) => name === shifted.left) && feedsOnly(graph, shifted.left, shifted)) raise(limited, shifted.left, low - DEPTH);
  }
  return limited;
}

function raise(ranges: Map<string, ValueRange>, name: string, least: number): void {
  const range = ranges.get(name);
  if (range !== undefined && range.low < least && least < range.high) ranges.set(name, { ...range, low: least });
}

/** Whether nothing reads the scores but their maximum and the difference from it. */
function feedsOnly(graph: Graph, name: string, shifted: GraphNode): boolean {
  const readers = graph.nodes.filter((node) => activationsOf(node).includes(name));
  return readers.every((node) => node === shifted || node.operator === "MaxPool" || (isMove(node) && readsAsMaximum(graph, node)));
}

function readsAsMaximum(graph: Graph, move: GraphNode): boolean {
  const readers = graph.nodes.filter((node) => activationsOf(node).includes(move.output));
  return readers.every((node) => node.operator === "MaxPool" || (isMove(node) && readsAsMaximum(graph, node)));
}

function isMove(node: GraphNode | undefined): node is Extract<GraphNode, { operator: "Reshape" | "Transpose" | "Identity" }> {
  return node?.operator === "Reshape" || node?.operator === "Transpose" || node?.operator === "Identity";
}

/** The node behind reshapes and transposes. */
function sourceOf(producers: ReadonlyMap<string, GraphNode>, name: string): GraphNode | undefined {
  return producers.get(unmoved(producers, name));
}

function unmoved(producers: ReadonlyMap<string, GraphNode>, name: string): string {
  const node = producers.get(name);
  return isMove(node) ? unmoved(producers, node.input) : name;
}
