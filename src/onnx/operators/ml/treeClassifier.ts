/**
 * TreeEnsembleClassifier, with onnxruntime's reading of what the standard leaves open: two classes of which one has weights
 * have one score, which is above 1/2 (all weights positive) or 0 for the second class.
 * https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md#aionnxmltreeensembleclassifier
 * https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/providers/cpu/ml/tree_ensemble_aggregator.h
 */
import { offset, scale } from "../../compose/arithmetic.js";
import { concat, take } from "../../compose/layout.js";
import { type Emitter, type Value } from "../../emitter.js";
import { malformed, unsupported } from "../../problems.js";
import { type Operator, type OperatorNode, place } from "../operator.js";
import { scoresOf } from "./aggregate.js";
import { checkWeights, type Ensemble } from "./ensemble.js";
import { samples } from "./features.js";
import { labelAbove, type Labels, labelOfGreatest, labelsOf } from "./labels.js";
import { logistic, type Transform, transformed, transformOf } from "./postTransform.js";
import { numbers, readLegacyTrees } from "./readTrees.js";

export const treeEnsembleClassifier: Operator = {
  operands: [1, 1],
  lower(node) {
    const input = samples(node);
    const labels = labelsOf(node, "classlabels_int64s");
    const ensemble = readLegacyTrees(node, "class", labels.count, input.shape[1]);
    checkWeights(node, ensemble);
    const base = Float64Array.from(numbers(node, "base_values"));
    const transform = transformOf(node);
    const used = new Set(ensemble.trees.flat(1).flatMap((leaf) => leaf.weights.map(({ target }) => target)));
    if (labels.count === 1) throw unsupported("a single class", place(node));
    if (labels.count === 2 && used.size === 1) return binary(node, input, ensemble, labels, base, transform);
    if (labels.count === 2 && base.length > 0) throw unsupported("two classes with weights and base values, of which the standard does not say the meaning", place(node));
    const scores = scoresOf(node, input, ensemble, "SUM", base);
    return [labelOf(node, scores, labels), transformed(node.emitter, scores, transform)];
  },
};

/** Two classes with weights: onnxruntime looks at the second score alone. */
function labelOf({ emitter }: OperatorNode, scores: Value, labels: Labels): Value | undefined {
  if (labels.count !== 2) return labelOfGreatest(emitter, scores, labels);
  return labels.numbers && labelAbove(emitter, take(emitter, scores, 1, [1]), 0, [0, 1]);
}

function binary(node: OperatorNode, input: Value, ensemble: Ensemble, labels: Labels, base: Float64Array, transform: Transform): (Value | undefined)[] {
  const { emitter } = node;
  if (transform === "PROBIT") throw unsupported("PROBIT of a single score", place(node));
  if (base.length > 1) throw malformed(`${base.length} base values for one score`, place(node));
  const trees = ensemble.trees.map((tree) => tree.map(({ path, weights }) => ({ path, weights: weights.map(({ weight }) => ({ target: 0, weight })) })));
  const allPositive = trees.flat(1).every((leaf) => leaf.weights.every(({ weight }) => weight >= 0));
  const score = scoresOf(node, input, { trees, targets: 1 }, "SUM", base);
  const label = labels.numbers && labelAbove(emitter, score, allPositive ? 0.5 : 0, labels.numbers);
  return [label, bothScores(emitter, score, transform, allPositive)];
}

/** Of the first and the second class, from the second one's. */
function bothScores(emitter: Emitter, score: Value, transform: Transform, allPositive: boolean): Value {
  const opposite = scale(emitter, score, -1);
  if (transform === "LOGISTIC") return logistic(emitter, concat(emitter, [opposite, score], 1));
  return concat(emitter, [allPositive ? offset(emitter, opposite, 1) : opposite, score], 1);
}
