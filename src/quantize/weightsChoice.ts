/** Which weights a program leaves open (program/types.ts, Constant.committed), and of which types. */
import { AssayError } from "../errors.js";
import type { Graph } from "../onnx/graph.js";
import { constantsOf } from "../onnx/operands.js";
import type { Constant } from "../program/types.js";
import { elementRange } from "../program/elementType.js";
import { decide, noteClamped } from "./decisions.js";
import { constantType, MAX_BIAS } from "./scales.js";

/** All weights fixed, all committed, or those of nodes and tensors by name. */
export type WeightsChoice =
  | "fixed"
  | "committed"
  | {
      /** ONNX nodes, whose constants are meant, or initializers. */
      readonly committed: readonly string[];
    };

/** Biases are sums, and those of fine-tuned variants are larger by some: their type leaves a bit for that. */
const BIAS_HEADROOM = 2;

/** Largest committed bias, so that its type with headroom is i32. */
const MAX_OPEN_BIAS = 2 ** 30 - 1;

/** Leaves the chosen weights open as they enter a program. */
export class WeightOpener {
  readonly #opened = new Set<string>();
  readonly #names: readonly string[];

  /** @throws AssayError BAD_USAGE where a name is unknown */
  constructor(
    graph: Graph,
    private readonly choice: WeightsChoice,
  ) {
    this.#names = typeof choice === "string" ? [] : choice.committed.flatMap((name) => nodesOf(graph, name));
  }

  get isUsed(): boolean {
    return this.choice !== "fixed";
  }

  isChosen(node: string): boolean {
    return this.choice === "committed" || this.#names.includes(node);
  }

  /** The constant with its values open, if it is one of a node that was chosen. */
  open(node: string, constant: Constant, part: "weight" | "bias"): Constant {
    if (!this.isChosen(node)) return constant;
    this.#opened.add(node);
    return opened(constant, part === "bias" ? BIAS_HEADROOM : 1, node);
  }

  largestBias(node: string): number {
    return this.isChosen(node) ? MAX_OPEN_BIAS : MAX_BIAS;
  }

  /** @throws AssayError BAD_USAGE where a node that was asked for has left no weights open */
  assertAllOpened(): void {
    const none = this.choice === "committed" && this.#opened.size === 0 ? "any" : this.#names.find((name) => !this.#opened.has(name));
    if (none === undefined) return;
    throw new AssayError("BAD_USAGE", "there are no weights to commit: the node has none, or they are folded into another node's", {
      where: this.choice === "committed" ? "--weights" : `node ${none}`,
      hint: "assay inspect lists the nodes with their parameters",
    });
  }
}

/** Names of the graph's nodes that an ONNX node became, or that read a tensor. */
function nodesOf({ nodes }: Graph, name: string): string[] {
  const found = nodes.filter((node) => node.name === name || node.name.startsWith(`${name}:`) || constantsOf(node).includes(name));
  if (found.length === 0) throw new AssayError("BAD_USAGE", "no node or weight has this name", { where: `--weights, ${name}`, hint: "assay inspect lists the nodes" });
  // Of an ONNX node that became several, those without constants are not meant.
  const reading = found.filter((node) => constantsOf(node).length > 0);
  return (reading.length > 0 ? reading : found).map((node) => node.name);
}

function opened({ shape, data }: Constant, headroom: number, node: string): Constant {
  const type = decide("type", () => constantType(data.map((value) => value * headroom)));
  if (type === "i64") throw new AssayError("QUANTIZE_RANGE", "a weight exceeds 32 bits and cannot be committed", { where: `node ${node}` });
  const { low, high } = elementRange(type);
  const clamped = data.map((value) => Math.min(Math.max(value, low), high));
  noteClamped(node, clamped.filter((value, i) => value !== data[i]).length);
  return { shape, type, data: clamped, committed: true };
}
