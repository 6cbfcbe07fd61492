/**
 * The nodes that a linear node takes along before its accumulator is rescaled: per-channel constants fold into the weights,
 * ReLU becomes the lower clamp, and maxima come first because rescaling is monotone. At the end may stand one node that
 * says what the accumulator is rescaled for: the index of a function's table, a comparison with 0, an integer.
 */
import { sameShape } from "../math/shape.js";
import { type Graph, type GraphNode, type Window } from "../onnx/graph.js";
import { activationsOf } from "../onnx/operands.js";
import { composeFold } from "./heads/affine.js";
import { constantOf, perChannel } from "./heads/constants.js";
import { type ChannelFold, identityFold, type LinearDraft } from "./heads/draft.js";
import { channelsLast } from "./layout.js";
import type { ProgramForm } from "./precision.js";

export interface PoolNode {
  readonly name: string;
  readonly window: Window;
}

export interface Chain {
  readonly fold: ChannelFold;
  readonly relu: boolean;
  readonly pools: readonly PoolNode[];
  /** Names of the nodes after the head, all consumed; the tail too. */
  readonly consumed: readonly string[];
  /** The value before the tail. */
  readonly value: string;
  readonly tail: TailNode | undefined;
}

export type TailNode = Extract<GraphNode, { operator: "Function" | "Step" | "Quantize" }>;

function isTail(node: GraphNode): node is TailNode {
  return node.operator === "Function" || node.operator === "Step" || node.operator === "Quantize";
}

export class GraphUses {
  readonly #consumers = new Map<string, GraphNode[]>();
  readonly #outputs: ReadonlySet<string>;

  constructor(graph: Graph) {
    this.#outputs = new Set(graph.outputs.map((output) => output.name));
    for (const node of graph.nodes) {
      for (const name of activationsOf(node)) this.#consumers.set(name, [...(this.#consumers.get(name) ?? []), node]);
    }
  }

  soleConsumer(value: string): GraphNode | undefined {
    const consumers = this.#consumers.get(value) ?? [];
    return consumers.length === 1 && !this.#outputs.has(value) ? consumers[0] : undefined;
  }

  /** True where the value reaches an output through nodes that compute nothing new, so that its precision is what the user sees. */
  isOutput(value: string): boolean {
    return this.outputsOf(value).length > 0;
  }

  /** Those outputs. */
  outputsOf(value: string): string[] {
    const passing = (this.#consumers.get(value) ?? []).filter((node) => PASSING.has(node.operator));
    return [...(this.#outputs.has(value) ? [value] : []), ...passing.flatMap((node) => this.outputsOf(node.output))];
  }
}

const PASSING: ReadonlySet<GraphNode["operator"]> = new Set<GraphNode["operator"]>(["Reshape", "Transpose", "Identity", "Relu", "MaxPool", "Gather"]);

/** @param form whether maxima are taken of the accumulator, or of what it is rescaled to */
export function collectChain(graph: Graph, uses: GraphUses, head: GraphNode, draft: LinearDraft, form: ProgramForm): Chain {
  const rank = draft.layout.length;
  const pools: PoolNode[] = [];
  const consumed: string[] = [];
  let fold = identityFold(draft.foldable?.length ?? 0);
  let relu = false;
  let value = head.output;
  for (let next = uses.soleConsumer(value); next !== undefined; next = uses.soleConsumer(value)) {
    if (next.operator === "Relu") relu = true;
    else if (next.operator === "MaxPool") {
      // Shifts run along the last axis; pooling would move another one there.
      if (form === "trace" || !sameShape(draft.layout, channelsLast(rank))) break;
      pools.push(next);
    }
    else if (next.operator !== "Identity") {
      const folded = relu || pools.length > 0 ? undefined : foldNode(graph, next, draft, rank, fold);
      if (folded === undefined) break;
      fold = folded;
    }
    consumed.push(next.name);
    value = next.output;
  }
  const next = uses.soleConsumer(value);
  // 0 is not above 0, and a comparison after ReLU would see only that.
  const tail = next !== undefined && isTail(next) && !(relu && next.operator === "Step") ? next : undefined;
  if (tail !== undefined) consumed.push(tail.name);
  return { fold, relu, pools, consumed, value, tail };
}

/** A constant may broadcast the value to more axes or longer ones; a head's output has the shape before that. */
function keepsShape(graph: Graph, node: GraphNode): boolean {
  const [from, to] = [activationsOf(node)[0], node.output].map((name) => graph.values.get(name)?.shape ?? []);
  return sameShape(from, to);
}

function foldNode(graph: Graph, node: GraphNode, draft: LinearDraft, rank: number, fold: ChannelFold): ChannelFold | undefined {
  if (draft.foldable === undefined || !keepsShape(graph, node)) return undefined;
  const { axis, length } = draft.foldable;
  const channel = (name: string): Float64Array | undefined => perChannel(constantOf(graph, name), rank, axis, length);
  if (node.operator === "MulConstant") {
    const multiplier = channel(node.constant);
    return multiplier && composeFold(fold, multiplier, undefined);
  }
  if (node.operator === "AddConstant") {
    const offset = channel(node.constant);
    return offset && composeFold(fold, undefined, offset);
  }
  if (node.operator !== "ChannelAffine" || axis !== 1) return undefined;
  return composeFold(fold, constantOf(graph, node.scale).data, constantOf(graph, node.shift).data);
}
