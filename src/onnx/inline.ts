/** Lowers a subgraph in place of the node that holds it, under names of its own. */
import type { GraphNode } from "./graph.js";
import type { Outcome } from "./lower.js";
import { type FileBody, type FileNode, ownNames } from "./nodes.js";
import type { Operand } from "./operators/operator.js";
import { neededNodes } from "./order.js";
import { malformed, quote, tooLarge } from "./problems.js";
import { tensorFromFile } from "./tensors.js";
import type { Values } from "./values.js";

/** Nodes that all subgraphs of a model may become. */
const MAX_INLINED_NODES = 100_000;

type Rename = (name: string) => string;

export class Inliner {
  private count = 0;

  /** @param used names that something reads; grows */
  constructor(
    private readonly values: Values,
    private readonly used: Set<string>,
    private readonly lower: (node: FileNode) => Promise<Outcome>,
  ) {}

  /**
   * @param prefix of the names, for each run another
   * @param inputs one an input of the subgraph
   * @returns its outputs in order, and the nodes that compute them
   */
  async run(node: FileNode, prefix: string, body: FileBody, inputs: readonly Operand[]): Promise<{ outputs: Operand[]; nodes: GraphNode[] }> {
    if (inputs.length !== body.inputs.length) throw malformed(`its subgraph takes ${body.inputs.length} values, not ${inputs.length}`, `node ${quote(node.name)}`);
    const names = new Map(body.inputs.map((name, i) => [name, inputs[i].name]));
    for (const name of ownNames(body)) if (!names.has(name)) names.set(name, this.values.fresh(`${prefix}/${name}`));
    const rename: Rename = (name) => names.get(name) ?? name;
    for (const [name, raw] of body.initializers) if (!body.inputs.includes(name)) this.values.addConstant(rename(name), tensorFromFile(raw, name));
    const needed = neededNodes(body.nodes, body.outputs);
    for (const name of needed.values) this.used.add(rename(name));
    const nodes: GraphNode[] = [];
    for (const inner of body.nodes) {
      if (!needed.nodes.has(inner)) continue;
      this.count += 1;
      if (this.count > MAX_INLINED_NODES) throw tooLarge(`more than ${MAX_INLINED_NODES} nodes in loops`, `node ${quote(node.name)}`);
      const outcome = await this.lower({ ...renamed(inner, rename), name: `${prefix}/${inner.name}` });
      if (outcome.kind === "nodes") nodes.push(...outcome.nodes);
    }
    return { outputs: body.outputs.map((name) => this.values.get(rename(name))), nodes };
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
  return { ...body, outputs: body.outputs.map(outer), nodes: body.nodes.map((node) => renamed(node, outer)) };
}
