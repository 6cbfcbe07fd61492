/** From the leaves that are reached to an ensemble's scores. */
import { add, multiply, retyped } from "../../compose/arithmetic.js";
import { gather } from "../../compose/layout.js";
import { linear } from "../../compose/matMul.js";
import { maximum, minimum, sum } from "../../compose/reduce.js";
import { type Emitter, real, type RealConstant, type Value } from "../../emitter.js";
import { elementCount } from "../../limits.js";
import { malformed, unsupported } from "../../problems.js";
import type { OperatorNode } from "../operator.js";
import { place } from "../operator.js";
import type { Ensemble } from "./ensemble.js";
import { leafIndicators } from "./indicators.js";

export const AGGREGATES = ["AVERAGE", "SUM", "MIN", "MAX"] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/**
 * @param input [batch, features]
 * @param base one number a target, or none
 * @returns [batch, targets]
 */
export function scoresOf(node: OperatorNode, input: Value, ensemble: Ensemble, aggregate: Aggregate, base: ArrayLike<number>): Value {
  const { emitter } = node;
  const { targets, trees } = ensemble;
  if (base.length !== 0 && base.length !== targets) throw malformed(`${base.length} base values for ${targets} outputs`, place(node));
  const bias = real(base.length === 0 ? new Float64Array(targets) : base, [targets]);
  const indicators = retyped(emitter, leafIndicators(emitter, input, ensemble), "float32");
  if (aggregate === "MIN" || aggregate === "MAX") {
    return add(emitter, extremeScores(node, indicators, ensemble, aggregate), bias);
  }
  const factor = aggregate === "AVERAGE" ? 1 / trees.length : 1;
  const weights = leafWeights(emitter, ensemble, factor);
  if (indicators.kind === "real") return add(emitter, constantScores(weights, indicators), bias);
  return linear(emitter, indicators, weights, bias);
}

/** [leaves, targets] */
function leafWeights(emitter: Emitter, { trees, targets }: Ensemble, factor: number): RealConstant {
  const leaves = trees.flat(1);
  const data = new Float64Array(elementCount([leaves.length, targets], emitter.where));
  leaves.forEach(({ weights }, leaf) => {
    for (const { target, weight } of weights) data[leaf * targets + target] += factor * weight;
  });
  return real(data, [leaves.length, targets]);
}

/** Of trees of one leaf each. */
function constantScores({ data, shape: [, targets] }: RealConstant, { shape: [batch] }: Value): Value {
  const scores = new Float64Array(batch * targets);
  for (let i = 0; i < scores.length; i++) {
    for (let at = i % targets; at < data.length; at += targets) scores[i] += data[at];
  }
  return real(scores, [batch, targets]);
}

/** The least or greatest value that a tree gives for each target. */
function extremeScores(node: OperatorNode, indicators: Value, { trees, targets }: Ensemble, aggregate: "MIN" | "MAX"): Value {
  const { emitter } = node;
  const [batch, leaves] = indicators.shape;
  const longest = trees.reduce((most, tree) => Math.max(most, tree.length), 0);
  const shape = [batch, targets, trees.length, longest];
  const indices = new Int32Array(elementCount(shape, place(node))).fill(-1);
  const weights = new Float64Array(targets * trees.length * longest);
  let start = 0;
  trees.forEach((tree, t) => {
    tree.forEach((leaf, position) => {
      if (new Set(leaf.weights.map(({ target }) => target)).size !== targets) throw unsupported("a minimum or maximum over leaves without a weight for each output", place(node));
      for (const { target, weight } of leaf.weights) {
        const at = (target * trees.length + t) * longest + position;
        weights[at] += weight;
        for (let row = 0; row < batch; row++) indices[row * weights.length + at] = row * leaves + start + position;
      }
    });
    start += tree.length;
  });
  const terms = multiply(emitter, gather(emitter, indicators, indices, shape), real(weights, shape.slice(1)));
  const values = sum(emitter, terms, { axes: [3], keep: false });
  const reduce = aggregate === "MIN" ? minimum : maximum;
  return reduce(emitter, values, { axes: [2], keep: false });
}
