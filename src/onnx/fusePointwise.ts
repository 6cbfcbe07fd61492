/**
 * What is computed from one value element by element, with at least one function on the way, becomes one function: exporters
 * write GELU, SiLU, Mish or 1/sqrt(variance + epsilon) as chains, and each would cost several tables and roundings.
 * Sums and products alone stay: they need no table.
 */
import { isInteger } from "../math/elements.js";
import { constantNumber, fusedFunction, MAX_FUSED, type PointwiseNode } from "./fusedFunction.js";
import type { GraphConstant, GraphNode, GraphValue } from "./graph.js";
import { sameShape } from "./limits.js";
import { activationsOf } from "./operands.js";

const POINTWISE: ReadonlySet<GraphNode["operator"]> = new Set<PointwiseNode["operator"]>(["Function", "Relu", "Identity", "Add", "Mul", "AddConstant", "MulConstant"]);

export interface FusionContext {
  readonly value: (name: string) => Pick<GraphValue, "shape" | "elementType">;
  readonly constant: (name: string) => GraphConstant;
  /** Names of the graph's outputs. */
  readonly outputs: ReadonlySet<string>;
}

/** How a value follows from its source. */
interface Derivation {
  readonly source: string;
  /** In execution order, the value's own node last. */
  readonly members: readonly PointwiseNode[];
}

/** @param nodes in execution order, all needed */
export function fusePointwise(nodes: readonly GraphNode[], context: FusionContext): GraphNode[] {
  const derivations = derive(nodes, context);
  const readers = readersOf(nodes);
  const needed = new Set(context.outputs);
  const kept: GraphNode[] = [];
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    if (!needed.has(node.output)) continue;
    const derivation = derivations.get(node.output);
    const fused = derivation && isWorthwhile(derivation, readers, needed) ? fuse(node, derivation, context) : node;
    kept.push(fused);
    for (const name of activationsOf(fused)) needed.add(name);
  }
  return kept.reverse();
}

function fuse({ name, output, precise }: GraphNode, { source, members }: Derivation, context: FusionContext): GraphNode {
  const base = { name, output, ...(precise === undefined ? {} : { precise }) };
  return { ...base, operator: "Function", input: source, function: fusedFunction(source, members, context.constant) };
}

/** A function is among the members, and one of them at least is computed no more. */
function isWorthwhile({ members }: Derivation, readers: ReadonlyMap<string, ReadonlySet<GraphNode>>, needed: ReadonlySet<string>): boolean {
  if (!members.some((member) => member.operator === "Function")) return false;
  const inside = new Set<GraphNode>(members);
  return members.slice(0, -1).some(({ output }) => !needed.has(output) && [...(readers.get(output) ?? [])].every((reader) => inside.has(reader)));
}

function readersOf(nodes: readonly GraphNode[]): Map<string, Set<GraphNode>> {
  const readers = new Map<string, Set<GraphNode>>();
  for (const node of nodes) {
    for (const name of activationsOf(node)) {
      const known = readers.get(name);
      if (known === undefined) readers.set(name, new Set([node]));
      else known.add(node);
    }
  }
  return readers;
}

function derive(nodes: readonly GraphNode[], context: FusionContext): Map<string, Derivation> {
  const derivations = new Map<string, Derivation>();
  for (const node of nodes) {
    const derivation = derivationOf(node, derivations, context);
    if (derivation !== undefined) derivations.set(node.output, derivation);
  }
  return derivations;
}

function derivationOf(node: GraphNode, known: ReadonlyMap<string, Derivation>, context: FusionContext): Derivation | undefined {
  if (!isPointwise(node, context)) return undefined;
  const reads = [...new Set(activationsOf(node))];
  // The argument that snaps to an integer must stay the function's argument.
  if (node.operator === "Function" && node.function.snap === true) return { source: node.input, members: [node] };
  for (const source of sourcesOf(reads, known)) {
    const parts = reads.map((name) => (name === source ? [] : memberList(known.get(name), source)));
    if (!parts.every((part) => part !== undefined)) continue;
    const members = [...new Set(parts.flat()), node];
    if (members.length <= MAX_FUSED) return { source, members };
  }
  return undefined;
}

/** What the operands may have in common: their own sources first, then one of them itself. */
function sourcesOf(reads: readonly string[], known: ReadonlyMap<string, Derivation>): string[] {
  return [...reads.flatMap((name) => known.get(name)?.source ?? []), ...reads];
}

function memberList(derivation: Derivation | undefined, source: string): readonly PointwiseNode[] | undefined {
  return derivation?.source === source ? derivation.members : undefined;
}

function isPointwise(node: GraphNode, { value, constant }: FusionContext): node is PointwiseNode {
  if (!POINTWISE.has(node.operator)) return false;
  const output = value(node.output);
  if (isInteger(output.elementType)) return false;
  if (!activationsOf(node).every((name) => sameShape(value(name).shape, output.shape))) return false;
  const byConstant = node.operator === "AddConstant" || node.operator === "MulConstant";
  return !byConstant || constantNumber(constant(node.constant)) !== undefined;
}
