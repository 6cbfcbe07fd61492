/**
 * Scores before a softmax matter only near the greatest of their row: what lies 16 below has no weight that any output shows.
 * A mask of −10,000 in a range would take all bits from the scores that count.
 */
import { elementCount } from "../math/shape.js";
import type { Graph, GraphNode } from "../onnx/graph.js";
import { activationsOf } from "../onnx/operands.js";
import type { Ranges, ValueRange } from "./ranges.js";

/** So many scores may be level though calibration saw clear decisions alone; of more, twice as many as it saw. */
const USUAL_TOTAL = 8;

/** exp(−16) is 1e-7. */
const DEPTH = 16;

/** Ranges with the scores of every softmax limited from below, and what follows from them as wide as it can become. */
export function limitScores(graph: Graph, ranges: Ranges): Ranges {
  const producers = new Map(graph.nodes.map((node) => [node.output, node]));
  const limited = new Map(ranges);
  for (const node of graph.nodes) {
    const shifted = node.operator === "Function" && node.function.name === "exp" ? producers.get(node.input) : undefined;
    if (shifted?.operator !== "Add" || shifted.leftFactor !== 1 || shifted.rightFactor !== -1) continue;
    const most = sourceOf(producers, shifted.right);
    if (most?.operator !== "MaxPool" || unmoved(producers, most.input) !== shifted.left) continue;
    raise(limited, shifted.output, -DEPTH);
    extend(limited, shifted.output, (range) => ({ low: Math.max(-DEPTH, 2 * range.low), high: 0 }));
    for (const total of readersOf(graph, node.output)) if (total.operator === "ReduceSum") extendTotal(graph, limited, total);
    const { low = -Infinity } = ranges.get(shifted.right) ?? {};
    if (!graph.outputs.some(({ name }) => name === shifted.left) && feedsOnly(graph, shifted.left, shifted)) raise(limited, shifted.left, low - DEPTH);
  }
  return limited;
}

/** A sum of exponentials of which one is 1: at most as many as there are, and at least 1, whatever calibration saw. */
function extendTotal(graph: Graph, ranges: Map<string, ValueRange>, total: Extract<GraphNode, { operator: "ReduceSum" }>): void {
  const [from, to] = [total.input, total.output].map((name) => elementCount(graph.values.get(name)?.shape ?? []));
  extend(ranges, total.output, ({ high }) => ({ low: 1, high: Math.min(from / to, Math.max(USUAL_TOTAL, 2 * high)) }));
  const { high = 1 } = ranges.get(total.output) ?? {};
  for (const reader of readersOf(graph, total.output)) {
    if (reader.operator !== "Function") continue;
    const ends = [1, high].map(reader.function.apply);
    extend(ranges, reader.output, () => ({ low: Math.min(...ends), high: Math.max(...ends) }));
  }
}

function readersOf(graph: Graph, name: string): GraphNode[] {
  return graph.nodes.filter((node) => activationsOf(node).includes(name));
}

/** Never narrower than what was seen. */
function extend(ranges: Map<string, ValueRange>, name: string, wider: (range: ValueRange) => ValueRange): void {
  const range = ranges.get(name);
  if (range === undefined) return;
  const { low, high } = wider(range);
  ranges.set(name, { ...range, low: Math.min(range.low, low), high: Math.max(range.high, high) });
}

function raise(ranges: Map<string, ValueRange>, name: string, least: number): void {
  const range = ranges.get(name);
  if (range !== undefined && range.low < least && least < range.high) ranges.set(name, { ...range, low: least });
}

/** Whether nothing reads the scores but their maximum and the difference from it. */
function feedsOnly(graph: Graph, name: string, shifted: GraphNode): boolean {
  return readersOf(graph, name).every((node) => node === shifted || node.operator === "MaxPool" || (isMove(node) && readsAsMaximum(graph, node)));
}

function readsAsMaximum(graph: Graph, move: GraphNode): boolean {
  return readersOf(graph, move.output).every((node) => node.operator === "MaxPool" || (isMove(node) && readsAsMaximum(graph, node)));
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
