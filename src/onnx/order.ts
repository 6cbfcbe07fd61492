/** Structure of the file's graph: every name is defined once and before its use; which nodes the outputs need. */
import type { FileModel } from "./decode.js";
import { type FileNode, readsOf } from "./nodes.js";
import { malformed, quote } from "./problems.js";

/**
 * Checks single assignment and topological order, as the ONNX IR demands
 * (https://github.com/onnx/onnx/blob/main/docs/IR.md#graphs). A cycle cannot be sorted, so it is refused here too.
 * @throws AssayError ONNX_MALFORMED naming the node.
 */
export function checkOrder(model: FileModel): void {
  const producers = producersOf(model);
  const defined = new Set<string>(model.initializers.keys());
  for (const input of model.inputs) defined.add(input.name);
  for (const node of model.nodes) {
    for (const input of readsOf(node)) if (!defined.has(input)) throw undefinedInput(node, input, producers);
    for (const output of node.outputs) if (output !== undefined) defined.add(output);
  }
  if (model.outputs.length === 0) throw malformed("the model has no outputs");
  const outputs = new Set<string>();
  for (const { name } of model.outputs) {
    if (!defined.has(name)) throw malformed("nothing produces it", `output ${quote(name)}`);
    if (outputs.has(name)) throw malformed("listed twice", `output ${quote(name)}`);
    outputs.add(name);
  }
}

function producersOf(model: FileModel): Map<string, FileNode> {
  const roots = new Set<string>(model.initializers.keys());
  for (const { name } of model.inputs) {
    if (roots.has(name)) throw malformed("two inputs have this name", `input ${quote(name)}`);
    roots.add(name);
  }
  const producers = new Map<string, FileNode>();
  for (const node of model.nodes) {
    for (const output of node.outputs) {
      if (output === undefined) continue;
      const other = producers.get(output);
      if (other === undefined && !roots.has(output)) {
        producers.set(output, node);
        continue;
      }
      const by = other === undefined ? "an input or initializer" : `node ${quote(other.name)}`;
      throw malformed(`its output ${quote(output)} is already defined by ${by}`, `node ${quote(node.name)}`);
    }
  }
  return producers;
}

function undefinedInput(node: FileNode, input: string, producers: ReadonlyMap<string, FileNode>): Error {
  const producer = producers.get(input);
  const reason =
    producer === undefined
      ? "which nothing produces"
      : `which node ${quote(producer.name)} produces only later: the nodes are unsorted or form a cycle`;
  return malformed(`it reads ${quote(input)}, ${reason}`, `node ${quote(node.name)}`);
}

/** What the outputs depend on. */
export interface Needed {
  readonly nodes: ReadonlySet<FileNode>;
  /** Names that a needed node reads or that are outputs. */
  readonly values: ReadonlySet<string>;
}

/** One backward pass over sorted nodes. */
export function neededNodes(all: readonly FileNode[], outputs: readonly string[]): Needed {
  const values = new Set(outputs);
  const nodes = new Set<FileNode>();
  for (let i = all.length - 1; i >= 0; i--) {
    const node = all[i];
    if (!node.outputs.some((output) => output !== undefined && values.has(output))) continue;
    nodes.add(node);
    for (const input of readsOf(node)) values.add(input);
  }
  return { nodes, values };
}
