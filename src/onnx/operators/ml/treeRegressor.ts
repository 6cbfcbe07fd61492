/**
 * TreeEnsembleRegressor and TreeEnsemble. https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md
 */
import { malformed, quote, unsupported } from "../../problems.js";
import { type Operator, type OperatorNode, place } from "../operator.js";
import { type Aggregate, AGGREGATES, scoresOf } from "./aggregate.js";
import { checkWeights } from "./ensemble.js";
import { samples } from "./features.js";
import { type Transform, transformed, transformOf } from "./postTransform.js";
import { numbers, readLegacyTrees, readTrees } from "./readTrees.js";

export const treeEnsembleRegressor: Operator = {
  operands: [1, 1],
  lower(node) {
    const input = samples(node);
    const ensemble = readLegacyTrees(node, "target", targetsOf(node), input.shape[1]);
    checkWeights(node, ensemble);
    const name = node.attributes.string("aggregate_function", "SUM");
    const aggregate = AGGREGATES.find((known) => known === name);
    if (aggregate === undefined) throw malformed(`aggregate_function is ${quote(name)}`, place(node));
    const scores = scoresOf(node, input, ensemble, aggregate, numbers(node, "base_values"));
    return [transformed(node.emitter, scores, transformOf(node))];
  },
};

/** Its numbers for transforms. */
const TRANSFORMS: readonly Transform[] = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"];

export const treeEnsemble: Operator = {
  operands: [1, 1],
  lower(node) {
    const input = samples(node);
    targetsOf(node);
    const ensemble = readTrees(node, input.shape[1]);
    checkWeights(node, ensemble);
    const aggregate: Aggregate | undefined = AGGREGATES.at(numbered(node, "aggregate_function", 1));
    const transform = TRANSFORMS.at(numbered(node, "post_transform", 0));
    if (transform === "SOFTMAX" || transform === "LOGISTIC") {
      throw unsupported("post_transform 1 or 2: onnxruntime takes each for the other", place(node), "leave it out and add a Softmax or Sigmoid node");
    }
    if (aggregate === undefined || transform === undefined) throw malformed("its aggregate_function or post_transform is unknown", place(node));
    return [transformed(node.emitter, scoresOf(node, input, ensemble, aggregate, []), transform)];
  },
};

function numbered(node: OperatorNode, name: string, absent: number): number {
  const number = node.attributes.int(name, absent);
  return number < 0 ? Infinity : number;
}

function targetsOf(node: OperatorNode): number {
  const targets = node.attributes.int("n_targets", 1);
  if (targets < 1) throw malformed(`n_targets is ${targets}`, place(node));
  return targets;
}
