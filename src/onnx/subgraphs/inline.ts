/** Lowers a subgraph in place of the node that holds it, under names of its own. */
import type { GraphNode } from "../graph.js";
import type { Outcome } from "../lower.js";
import { type FileBody, type FileNode, ownNames } from "../nodes.js";
import type { Operand } from "../operators/operator.js";
import { neededNodes } from "../order.js";
import { malformed, quote, tooLarge } from "../problems.js";
import { tensorFromFile } from "../tensors.js";
import type { Values } from "../values.js";

/** Nodes that all subgraphs and functions of a model may become. */
const MAX_INLINED_NODES = 100_000;

/** Subgraphs and functions inside each other. */
const MAX_DEPTH = 32;

/** undefined for an operand that is left out. */
type Rename = (name: string) => string | undefined;

export class Inliner {
  private count = 0;
  private depth = 0;

  /** @param used names that something reads; grows */
  constructor(
    private readonly values: Values,
    private readonly used: Set<string>,
    private readonly lower: (node: FileNode) => Promise<Outcome>,
  ) {}

  /**
   * @param prefix of the names, for each run another
   * @param inputs one an input of the subgraph, undefined where an operand is left out
   * @returns its outputs in order, and the nodes that compute them
   */
  async run(node: FileNode, prefix: string, body: FileBody, inputs: readonly (Operand | undefined)[]): Promise<{ outputs: Operand[]; nodes: GraphNode[] }> {
    if (inputs.length !== body.inputs.length) throw malformed(`its subgraph takes ${body.inputs.length} values, not ${inputs.length}`, `node ${quote(node.name)}`);
    if (this.depth === MAX_DEPTH) throw tooLarge(`subgraphs or functions more than ${MAX_DEPTH} deep`, `node ${quote(node.name)}`);
    const names = new Map<string, string | undefined>(body.inputs.map((name, i) => [name, inputs[i]?.name]));
    for (const [name, raw] of body.initializers) {
      if (body.inputs.includes(name)) continue;
      const fresh = this.values.fresh(`${prefix}/${name}`);
      names.set(name, fresh);
      this.values.addConstant(fresh, tensorFromFile(raw, name));
    }
    for (const name of ownNames(body)) if (!names.has(name)) names.set(name, this.values.fresh(`${prefix}/${name}`));
    const rename: Rename = (name) => (names.has(name) ? names.get(name) : name);
    const needed = neededNodes(body.nodes, body.outputs);
    for (const name of needed.values) this.used.add(rename(name) ?? "");
    this.depth += 1;
    try {
      const nodes = await this.lowerAll(node, prefix, body.nodes.filter((inner) => needed.nodes.has(inner)), rename);
      return { outputs: body.outputs.map((name) => this.values.get(rename(name) ?? "")), nodes };
    } finally {
      this.depth -= 1;
    }
  }

  private async lowerAll(node: FileNode, prefix: string, inner: readonly FileNode[], rename: Rename): Promise<GraphNode[]> {
    const nodes: GraphNode[] = [];
    for (const entry of inner) {
      this.count += 1;
      if (this.count > MAX_INLINED_NODES) throw tooLarge(`more than ${MAX_INLINED_NODES} nodes in loops and functions`, `node ${quote(node.name)}`);
      const outcome = await this.lower({ ...renamed(entry, rename), name: `${prefix}/${entry.name}` });
      if (outcome.kind === "nodes") nodes.push(...outcome.nodes);
    }
    return nodes;
  }
}

function renamed(node: FileNode, rename: Rename): FileNode {
  const all = (names: readonly (string | undefined)[]): (string | undefined)[] => names.map((name) => (name === undefined ? undefined : rename(name)));
  const [inputs, outputs] = [all(node.inputs), all(node.outputs)];
  const raw = { ...node.raw, input: inputs.map((name) => name ?? ""), output: outputs.map((name) => name ?? "") };
  return { ...node, inputs, outputs, raw, bodies: new Map([...node.bodies].map(([name, body]) => [name, renamedBody(body, rename)])) };
}

/** What a subgraph defines itself keeps its name. */
function renamedBody(body: FileBody, rename: Rename): FileBody {
  const own = ownNames(body);
  const outer: Rename = (name) => (own.has(name) ? name : rename(name));
  return { ...body, outputs: body.outputs.map((name) => outer(name) ?? ""), nodes: body.nodes.map((node) => renamed(node, outer)) };
}
