/**
 * Sums inside normalizations that exporters write out (mean, variance, the denominator of a softmax) get the precision that
 * the operators have: see NodeBase.precise in graph.ts.
 */
import type { GraphNode } from "./graph.js";

export function markPrecise(nodes: readonly GraphNode[]): GraphNode[] {
  const producers = new Map(nodes.map((node) => [node.output, node]));
  const precise = new Set<string>();
  for (const node of nodes) {
    if (node.operator === "Function") markArgument(node.input, producers, precise);
    if (node.operator === "Add") for (const [sum, other] of [[node.left, node.right], [node.right, node.left]]) markMean(sum, other, producers, precise);
  }
  return nodes.map((node) => (precise.has(node.output) ? { ...node, precise: true } : node));
}

/** A sum that a function is applied to, and the function whose values it adds. */
function markArgument(name: string, producers: ReadonlyMap<string, GraphNode>, precise: Set<string>): void {
  const node = producers.get(name);
  if (node?.operator !== "ReduceSum") return;
  precise.add(name);
  if (producers.get(node.input)?.operator === "Function") precise.add(node.input);
}

/** A mean taken from what it is the mean of. */
function markMean(sum: string, other: string, producers: ReadonlyMap<string, GraphNode>, precise: Set<string>): void {
  const node = producers.get(sum);
  if (node?.operator === "ReduceSum" && node.input === other) precise.add(sum);
}
