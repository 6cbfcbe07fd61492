/** Which weights a program leaves open (program/types.ts, Constant.committed), and of which types. */
import { AssayError } from "../errors.js";
import type { Graph, GraphNode } from "../onnx/graph.js";
import { constantsOf } from "../onnx/operands.js";
import type { Constant } from "../program/types.js";
import type { OperationDraft } from "./builder.js";
import { elementRange } from "../program/elementType.js";
import { decide, noteClamped } from "./decisions.js";
import { constantType } from "./scales.js";

/** All weights fixed, all committed, or those of nodes and tensors by name. */
export type WeightsChoice = "fixed" | "committed" | { readonly committed: readonly string[] };

/** Biases are sums, and those of fine-tuned variants are larger by some: their type leaves a bit for that. */
const BIAS_HEADROOM = 2;

/** Leaves the chosen weights of operations open as they enter a program. */
export class WeightOpener {
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  readonly #opened = new Set<string>();

  /** @throws AssayError BAD_USAGE where a name is unknown */
  constructor(
    graph: Graph,
    private readonly choice: WeightsChoice,
  ) {
    this.#nodes = new Map(chosenNodes(graph, choice).map((node) => [node.name, node]));
  }

  open(draft: OperationDraft): OperationDraft {
    if (!("weight" in draft)) return draft;
    const node = this.#nodes.get(draft.node);
    if (node === undefined) return draft;
    const { weight, bias } = ownConstants(node, draft);
    if (weight || bias) this.#opened.add(node.name);
    return {
      ...draft,
      weight: weight ? opened(draft.weight, 1, node.name) : draft.weight,
      bias: bias ? opened(draft.bias, BIAS_HEADROOM, node.name) : draft.bias,
    };
  }

  /** @throws AssayError BAD_USAGE where a node that was asked for has left no weights open */
  assertAllOpened(): void {
    if (this.choice === "fixed") return;
    const none = this.choice === "committed" ? this.#opened.size === 0 : [...this.#nodes.keys()].find((name) => !this.#opened.has(name));
    if (none === false || none === undefined) return;
    throw new AssayError("BAD_USAGE", "there are no weights to commit: the node has none, or they are folded into another node's", {
      where: none === true ? "--weights" : `node ${none}`,
      hint: "assay inspect lists the nodes with their parameters",
    });
  }
}

function chosenNodes({ nodes }: Graph, choice: WeightsChoice): readonly GraphNode[] {
  if (choice === "fixed") return [];
  if (choice === "committed") return nodes;
  return choice.committed.flatMap((name) => {
    const found = nodes.filter((node) => node.name === name || constantsOf(node).includes(name));
    if (found.length > 0) return found;
    throw new AssayError("BAD_USAGE", "no node or weight has this name", { where: `--weights, ${name}`, hint: "assay inspect lists the nodes" });
  });
}

/**
 * Which constants of an operation come from the model's parameters. A scale that only brings a tensor to another one's is none:
 * it follows from the scales, which are public.
 */
function ownConstants(node: GraphNode, draft: OperationDraft & { readonly weight: Constant; readonly bias: Constant }): { weight: boolean; bias: boolean } {
  const varies = ({ data }: Constant): boolean => data.length > 1;
  switch (node.operator) {
    case "Conv":
    case "Linear":
      // A bias with an operation of its own is an affine one with a weight of 1.
      return { weight: draft.kind !== "affine", bias: true };
    case "ChannelAffine":
    case "Add":
      return { weight: true, bias: true };
    case "AddConstant":
      return { weight: varies(draft.weight), bias: true };
    case "MulConstant":
      return { weight: true, bias: varies(draft.bias) || draft.bias.data[0] !== 0 };
    case "AveragePool":
    case "GlobalAveragePool":
    case "ReduceMean":
    case "MaxPool":
    case "Relu":
    case "Reshape":
    case "Transpose":
    case "Identity":
      return { weight: false, bias: false };
  }
}

function opened({ shape, data }: Constant, headroom: number, node: string): Constant {
  const type = decide(() => constantType(data.map((value) => value * headroom)));
  if (type === "i64") throw new AssayError("QUANTIZE_RANGE", "a weight exceeds 32 bits and cannot be committed", { where: `node ${node}` });
  const { low, high } = elementRange(type);
  const clamped = data.map((value) => Math.min(Math.max(value, low), high));
  noteClamped(node, clamped.filter((value, i) => value !== data[i]).length);
  return { shape, type, data: clamped, committed: true };
}
