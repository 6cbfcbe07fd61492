/**
 * ZipMap, which converters put behind a classifier, makes a list of maps from labels to probabilities. Nothing is computed
 * there: the probabilities are the output, under their own name.
 */
import type { FileNode } from "./nodes.js";
import type { RawValueInfo } from "./schema.js";

export interface Unzipped {
  readonly nodes: readonly FileNode[];
  readonly outputs: readonly RawValueInfo[];
}

export function unzipped(nodes: readonly FileNode[], outputs: readonly RawValueInfo[]): Unzipped {
  const produced = new Set(nodes.flatMap((node) => node.outputs));
  const maps = nodes.filter(({ operator, domain, inputs }) => operator === "ZipMap" && domain === "ai.onnx.ml" && produced.has(inputs[0]));
  if (maps.length === 0) return { nodes, outputs };
  const zipped = new Map(maps.flatMap(({ inputs: [from], outputs: [to] }): [string, string][] => (from === undefined || to === undefined ? [] : [[to, from]])));
  const names = new Set<string>();
  const tensors = outputs.map((output) => {
    const name = zipped.get(output.name);
    return name === undefined ? output : { ...output, name, type: null };
  });
  // The probabilities may be an output already.
  const distinct = tensors.filter(({ name }) => !names.has(name) && names.add(name));
  return { nodes: nodes.filter((node) => !maps.includes(node)), outputs: distinct };
}
