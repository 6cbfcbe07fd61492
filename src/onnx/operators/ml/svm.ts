/**
 * SVMRegressor, and SVMClassifier, a vote between each two classes, with probabilities for two classes.
 * https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md#aionnxmlsvmclassifier
 * https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/providers/cpu/ml/svmclassifier.cc
 */
import { add, offset, scale } from "../../compose/arithmetic.js";
import { concat, reshape } from "../../compose/layout.js";
import { step } from "../../compose/logic.js";
import { linear } from "../../compose/matMul.js";
import { argMax } from "../../compose/select.js";
import { type Emitter, real, type RealConstant, type Value } from "../../emitter.js";
import { badShape, malformed, unsupported } from "../../problems.js";
import { type Operator, type OperatorNode, place } from "../operator.js";
import { realSamples } from "./features.js";
import { kernel } from "./kernels.js";
import { labelAt, labelsOf } from "./labels.js";
import { logistic, transformed, transformOf } from "./postTransform.js";

export const svmRegressor: Operator = {
  operands: [1, 1],
  lower(node) {
    const { emitter, attributes } = node;
    const input = realSamples(node);
    const [coefficients, rho] = [attributes.floats("coefficients") ?? [], attributes.floats("rho") ?? []];
    const supports = attributes.int("n_supports", 0);
    const weights = supports > 0 ? kernel(node, input, attributes.floats("support_vectors") ?? [], supports) : input;
    if (coefficients.length !== weights.shape[1] || rho.length !== 1) throw badShape(`${coefficients.length} coefficients and ${rho.length} of rho for ${weights.shape[1]} terms`, place(node));
    if (supports <= 0) attributes.ignore("kernel_type", "kernel_params", "support_vectors");
    const scores = linear(emitter, weights, real(coefficients, [coefficients.length, 1]), real(rho, [1]));
    if (!attributes.flag("one_class", false)) return [transformed(emitter, scores, transformOf(node))];
    attributes.ignore("post_transform");
    return [offset(emitter, scale(emitter, step(emitter, scores, false, "float32"), 2), -1)];
  },
};

export const svmClassifier: Operator = {
  operands: [1, 1],
  lower(node) {
    const { emitter, attributes } = node;
    const labels = labelsOf(node, "classlabels_ints");
    const perClass = attributes.ints("vectors_per_class") ?? [];
    const slopes = attributes.floats("prob_a") ?? [];
    const shifts = attributes.floats("prob_b") ?? [];
    if (slopes.length > 0 && labels.count > 2) throw unsupported("probabilities of several classes, which take an iteration", place(node), "train with probability=False");
    if (perClass.length === 0) throw unsupported("a linear one without support vectors", place(node), "export it as LinearClassifier");
    if (perClass.length !== labels.count || labels.count < 2) throw badShape(`support vectors of ${perClass.length} classes for ${labels.count} labels`, place(node));
    if (transformOf(node) !== "NONE") throw unsupported("a post_transform", place(node));
    const total = perClass.reduce((sum, count) => sum + count, 0);
    if (perClass.some((count) => count < 0)) throw malformed("a negative number of support vectors", place(node));
    const kernels = kernel(node, realSamples(node), attributes.floats("support_vectors") ?? [], total);
    const pairs = pairsOf(labels.count);
    const scores = linear(emitter, kernels, pairWeights(node, perClass, pairs), real(rhoOf(node, pairs.length), [pairs.length]));
    const winners = winnersOf(emitter, scores, pairs, labels.count);
    const label = labelAt(emitter, winners, labels);
    if (labels.count > 2) return [label, scores];
    if (slopes.length > 0) return [label, probabilities(node, scores, slopes, shifts)];
    return [label, concat(emitter, [scale(emitter, scores, -1), scores], 1)];
  },
};

type Pair = readonly [number, number];

/** Of classes, the lower one first. */
function pairsOf(count: number): Pair[] {
  return Array.from({ length: count }, (_, i) => Array.from({ length: count - i - 1 }, (_, j): Pair => [i, i + 1 + j])).flat();
}

/** Coefficients are [classes − 1, vectors], the row of a class with itself left out. */
function pairWeights(node: OperatorNode, perClass: readonly number[], pairs: readonly Pair[]): RealConstant {
  const total = perClass.reduce((sum, count) => sum + count, 0);
  const coefficients = node.attributes.floats("coefficients") ?? [];
  if (coefficients.length !== (perClass.length - 1) * total) throw badShape(`${coefficients.length} coefficients for ${total} vectors of ${perClass.length} classes`, place(node));
  const classOf = perClass.flatMap((count, index) => new Array<number>(count).fill(index));
  const weights = classOf.flatMap((own, vector) =>
    pairs.map(([i, j]) => (own === i ? coefficients[(j - 1) * total + vector] : own === j ? coefficients[i * total + vector] : 0)),
  );
  return real(weights, [total, pairs.length]);
}

function rhoOf(node: OperatorNode, count: number): readonly number[] {
  const rho = node.attributes.floats("rho") ?? [];
  if (rho.length !== count) throw badShape(`${rho.length} of rho for ${count} pairs of classes`, place(node));
  return rho;
}

/** The class with most votes, the first of equal ones; [batch]. */
function winnersOf(emitter: Emitter, scores: Value, pairs: readonly Pair[], classes: number): Value {
  const won = step(emitter, scores, false, "int64");
  const signs = pairs.flatMap(([i, j]) => Array.from({ length: classes }, (_, own) => (own === i ? 1 : own === j ? -1 : 0)));
  const base = Array.from({ length: classes }, (_, own) => pairs.filter(([, j]) => j === own).length);
  const votes = linear(emitter, won, real(signs, [pairs.length, classes], "int64"), real(base, [classes], "int64"));
  return reshape(emitter, argMax(emitter, votes, false), [scores.shape[0]]);
}

/** Of two classes, by J. Platt: 1 − sigmoid(score·slope + shift) and its complement. */
function probabilities(node: OperatorNode, score: Value, slopes: readonly number[], shifts: readonly number[]): Value {
  const { emitter } = node;
  if (slopes.length !== 1 || shifts.length !== 1) throw badShape(`${slopes.length} of prob_a and ${shifts.length} of prob_b for two classes`, place(node));
  const pair = concat(emitter, [scale(emitter, score, -slopes[0]), scale(emitter, score, slopes[0])], 1);
  return logistic(emitter, add(emitter, pair, real([-shifts[0], shifts[0]], [2])));
}
