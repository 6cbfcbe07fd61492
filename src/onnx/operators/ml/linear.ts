/**
 * LinearRegressor and LinearClassifier. A classifier of one score has two classes, the second one where it is positive.
 * https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md#aionnxmllinearclassifier
 */
import { offset, scale } from "../../compose/arithmetic.js";
import { concat } from "../../compose/layout.js";
import { linear } from "../../compose/matMul.js";
import { type Emitter, real, type Value } from "../../emitter.js";
import { badShape, malformed, unsupported } from "../../problems.js";
import { type Operator, type OperatorNode, place } from "../operator.js";
import { realSamples } from "./features.js";
import { labelAbove, labelOfGreatest, labelsOf } from "./labels.js";
import { logistic, type Transform, transformed, transformOf } from "./postTransform.js";

export const linearRegressor: Operator = {
  operands: [1, 1],
  lower(node) {
    const targets = node.attributes.int("targets", 1);
    if (targets < 1) throw malformed(`targets is ${targets}`, place(node));
    return [transformed(node.emitter, linearScores(node, targets), transformOf(node))];
  },
};

export const linearClassifier: Operator = {
  operands: [1, 1],
  lower(node) {
    const { emitter } = node;
    node.attributes.ignore("multi_class");
    const labels = labelsOf(node, "classlabels_ints");
    const transform = transformOf(node);
    const scores = linearScores(node, node.attributes.floats("intercepts")?.length ?? labels.count);
    const count = scores.shape[1];
    if (count === 1 && labels.count === 2) {
      return [labels.numbers && labelAbove(emitter, scores, 0, labels.numbers), bothScores(node, scores, transform)];
    }
    if (count !== labels.count) throw badShape(`${count} scores for ${labels.count} labels`, place(node));
    return [labelOfGreatest(emitter, scores, labels), transformed(emitter, scores, transform)];
  },
};

/** x·coefficients + intercepts; [batch, targets]. */
function linearScores(node: OperatorNode, targets: number): Value {
  const input = realSamples(node);
  const features = input.shape[1];
  const coefficients = node.attributes.floats("coefficients") ?? [];
  const intercepts = node.attributes.floats("intercepts") ?? new Array<number>(targets).fill(0);
  if (coefficients.length !== targets * features || intercepts.length !== targets || targets < 1) {
    throw badShape(`${coefficients.length} coefficients and ${intercepts.length} intercepts for ${features} features and ${targets} outputs`, place(node));
  }
  return linear(node.emitter, input, transposed(coefficients, targets, features), real(intercepts, [targets]));
}

function transposed(data: readonly number[], rows: number, columns: number): ReturnType<typeof real> {
  return real(Array.from({ length: rows * columns }, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]), [columns, rows]);
}

/** Of both classes, from the second one's. */
function bothScores(node: OperatorNode, score: Value, transform: Transform): Value {
  if (transform === "PROBIT") throw unsupported("PROBIT of a single score", place(node));
  return pairOf(node.emitter, score, transform);
}

function pairOf(emitter: Emitter, score: Value, transform: Transform): Value {
  const opposite = scale(emitter, score, -1);
  if (transform === "LOGISTIC") return logistic(emitter, concat(emitter, [opposite, score], 1));
  return concat(emitter, [offset(emitter, opposite, 1), score], 1);
}
