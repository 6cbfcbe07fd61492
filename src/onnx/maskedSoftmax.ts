/**
 * A mask before a softmax, −∞ or a number like −10,000 in place of some elements or added to them, would stretch the range of
 * the values until nothing of them is left in a few bits. It becomes a factor of 0 or 1 on the exponentials instead, and
 * another element of the row takes the place of what is masked.
 */
import { broadcastStrides, elementCount, flatIndices } from "../math/shape.js";
import { SOFTMAX_EXP } from "./compose/normalize.js";
import type { GraphConstant, GraphNode, GraphValue } from "./graph.js";
import { activationsOf, withReads } from "./operands.js";
import { substitutesOf } from "./rowSubstitutes.js";

/** exp(x) of a score below the row's greatest by this much is 0, unless all scores are that low. */
const MASK = -1000;

export interface MaskContext {
  readonly value: (name: string) => Pick<GraphValue, "shape" | "elementType">;
  readonly constant: (name: string) => GraphConstant;
  readonly outputs: ReadonlySet<string>;
  /** Name of a new constant. */
  readonly derive: (base: string, shape: readonly number[], data: Float64Array) => string;
  /** Name of a new value like another. */
  readonly valueLike: (name: string) => string;
}

type Exponential = Extract<GraphNode, { operator: "Function" }>;
type Difference = Extract<GraphNode, { operator: "Add" }>;

/** @param nodes in execution order */
export function maskedSoftmax(nodes: readonly GraphNode[], context: MaskContext): GraphNode[] {
  const producers = new Map(nodes.map((node) => [node.output, node]));
  const replaced = new Map<GraphNode, readonly GraphNode[]>();
  // The value of the file's name has the mask in it.
  const renamed = new Map<string, string>();
  for (const node of nodes) {
    if (node.operator !== "Function" || node.function !== SOFTMAX_EXP) continue;
    const difference = producers.get(node.input);
    if (difference?.operator !== "Add" || !feedsOnly(difference, nodes, context)) continue;
    const scores = producers.get(difference.left);
    const rewrite = scores && rewritten(scores, node, difference, producers, context);
    if (scores === undefined || rewrite === undefined) continue;
    const unmasked = context.valueLike(scores.output);
    renamed.set(scores.output, unmasked);
    replaced.set(scores, rewrite.scores.map((each) => (each.output === scores.output ? { ...each, output: unmasked } : each)));
    replaced.set(node, rewrite.exponential);
  }
  return nodes.flatMap((node) => replaced.get(node) ?? [node]).map((node) => withReads(node, (name) => renamed.get(name) ?? name));
}

/** Whether the scores go into the difference, and into its other side, and nowhere else. */
function feedsOnly(difference: Difference, nodes: readonly GraphNode[], { outputs }: MaskContext): boolean {
  const reached = new Set([difference.left]);
  if (outputs.has(difference.left)) return false;
  for (const node of nodes) {
    if (node === difference || !activationsOf(node).some((name) => reached.has(name))) continue;
    if (reached.has(difference.right) || !["Transpose", "Reshape", "MaxPool"].includes(node.operator) || outputs.has(node.output)) return false;
    reached.add(node.output);
  }
  return reached.has(difference.right);
}

interface Rewrite {
  readonly scores: readonly GraphNode[];
  readonly exponential: readonly GraphNode[];
}

function rewritten(scores: GraphNode, exponential: Exponential, { right }: Difference, producers: ReadonlyMap<string, GraphNode>, context: MaskContext): Rewrite | undefined {
  if (scores.operator === "Where") return chosenScores(scores, exponential, producers, context);
  const masked = maskOf(scores, context);
  if (masked === undefined || !masked.includes(true)) return undefined;
  const shape = context.value(scores.output).shape;
  const substitutes = substitutesOf(masked, shape, context.value(right).shape);
  const kept = Float64Array.from(masked, (isMasked, e) => Number(!isMasked || substitutes.whole.has(e)));
  const all = context.valueLike(exponential.output);
  const constant = context.derive(exponential.output, shape, kept);
  return {
    scores: withSubstitutes(scores, masked, substitutes.indices, context),
    exponential: [{ ...exponential, name: all, output: all }, { operator: "MulConstant", name: exponential.name, output: exponential.output, input: all, constant, precise: true }],
  };
}

/** Which elements of the scores are masked, undefined where that is not constant. */
function maskOf(scores: GraphNode, { value, constant }: MaskContext): boolean[] | undefined {
  if (scores.operator === "AddConstant") {
    const { shape, data } = constant(scores.constant);
    const to = value(scores.output).shape;
    return Array.from(flatIndices(to, broadcastStrides(shape, to)), (at) => data[at] <= MASK);
  }
  if (scores.operator !== "Gather" || scores.constant === undefined || scores.inputs.length === 0) return undefined;
  const { data } = constant(scores.constant);
  const total = scores.inputs.reduce((sum, name) => sum + elementCount(value(name).shape), 0);
  return Array.from(scores.indices, (index) => index >= total && data[index - total] <= MASK);
}

function withSubstitutes(scores: GraphNode, masked: readonly boolean[], indices: Int32Array, context: MaskContext): GraphNode[] {
  const { name, output } = scores;
  if (scores.operator === "Gather") return [withoutMask(scores, indices.map((from) => scores.indices[from]), context)];
  if (scores.operator !== "AddConstant") throw new TypeError(`no mask in ${scores.operator}`);
  const shape = context.value(output).shape;
  const { data, shape: from } = context.constant(scores.constant);
  const rest = Float64Array.from(flatIndices(shape, broadcastStrides(from, shape)), (at, e) => (masked[e] ? 0 : data[at]));
  const sum = context.valueLike(output);
  const constant = context.derive(output, shape, rest);
  return [
    { operator: "AddConstant", name: sum, output: sum, input: scores.input, constant },
    { operator: "Gather", name, output, inputs: [sum], constant: undefined, indices },
  ];
}

/** Its constant with 0 for masked numbers, if anything of it is still read. */
function withoutMask(scores: Extract<GraphNode, { operator: "Gather" }>, indices: Int32Array, context: MaskContext): GraphNode {
  const total = scores.inputs.reduce((sum, name) => sum + elementCount(context.value(name).shape), 0);
  if (scores.constant === undefined || indices.every((index) => index < total)) return { ...scores, constant: undefined, indices };
  const { data, shape } = context.constant(scores.constant);
  return { ...scores, constant: context.derive(scores.output, shape, data.map((x) => (x <= MASK ? 0 : x))), indices };
}

/** A computed condition between scores and masked constants: the scores are read as they are. */
function chosenScores(scores: Extract<GraphNode, { operator: "Where" }>, exponential: Exponential, producers: ReadonlyMap<string, GraphNode>, context: MaskContext): Rewrite | undefined {
  const isMask = (name: string): boolean => {
    const node = producers.get(name);
    return node?.operator === "Gather" && node.inputs.length === 0 && node.constant !== undefined && context.constant(node.constant).data.every((x) => x <= MASK);
  };
  const [leftMasked, rightMasked] = [isMask(scores.left), isMask(scores.right)];
  if (leftMasked === rightMasked) return undefined;
  const input = leftMasked ? scores.right : scores.left;
  const { name, output, condition } = scores;
  const to = context.value(output).shape;
  const from = context.value(input).shape;
  const indices = Int32Array.from(flatIndices(to, broadcastStrides(from, to)));
  const all = context.valueLike(exponential.output);
  const product = { name: exponential.name, output: exponential.output, precise: true } as const;
  if (rightMasked) {
    return {
      scores: [{ operator: "Gather", name, output, inputs: [input], constant: undefined, indices }],
      exponential: [{ ...exponential, name: all, output: all }, { ...product, operator: "Mul", left: all, right: condition }],
    };
  }
  const masked = context.valueLike(exponential.output);
  return {
    scores: [{ operator: "Gather", name, output, inputs: [input], constant: undefined, indices }],
    exponential: [
      { ...exponential, name: all, output: all },
      { operator: "Mul", name: masked, output: masked, left: all, right: condition, precise: true },
      { ...product, operator: "Add", left: all, right: masked, leftFactor: 1, rightFactor: -1 },
    ],
  };
}
