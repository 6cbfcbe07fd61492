/** Operators of ai.onnx.ml: preprocessing, linear models, support vector machines, trees. */
import type { Draw } from "../../program/seeded.js";
import { forestOf } from "../../support/forest.js";
import type { AttributeSpec } from "../../support/onnxBuilder.js";
import { around, type Attributes, type GraphDraft, magnitude, type Value, type Want } from "../draft.js";
import { type Maker, maker } from "../maker.js";

const ML = "ai.onnx.ml:";

/** Some samples of some features. */
function samples(graph: GraphDraft, draw: Draw, want: Want = {}): Value {
  return graph.take(draw, { low: -8, high: 8, ...want, rank: [2, 2] });
}

function floats(draw: Draw, count: number, low = -1, high = 1): { floats: number[] } {
  return { floats: draw.list(count, () => draw.real(low, high)) };
}

/** One for all features, or one for each. */
function perFeature(draw: Draw, { shape }: Value): number {
  return draw.pick([1, shape[1]]);
}

const scaler = maker((graph, draw) => {
  const value = samples(graph, draw, { types: ["float", "float", "int64"] });
  const count = perFeature(draw, value);
  const attributes = { offset: floats(draw, count), scale: floats(draw, count, 0.3, 2) };
  graph.emit(`${ML}Scaler`, [value], { shape: value.shape, type: "float", ...around(2 * magnitude(value) + 2) }, attributes);
});

const normalizer = maker((graph, draw) => {
  // Away from 0, where a norm has its pole.
  const value = samples(graph, draw, { low: 0.2, high: 4 });
  graph.map(`${ML}Normalizer`, value, around(1), { norm: { string: draw.pick(["MAX", "L1", "L2"]) } });
});

const binarizer = maker((graph, draw) => {
  const value = samples(graph, draw, { exact: draw.chance(0.6) });
  graph.map(`${ML}Binarizer`, value, { low: 0, high: 1 }, { threshold: { float: draw.integer(-1, 1) } });
});

const imputer = maker((graph, draw) => {
  const value = samples(graph, draw, { types: ["float", "int64"], exact: true });
  const replaced = draw.integer(-1, 2);
  const count = perFeature(draw, value);
  const attributes: Attributes = value.type === "int64"
    ? { imputed_value_int64s: { ints: draw.list(count, () => draw.integer(-5, 5)) }, replaced_value_int64: { int: replaced } }
    : { imputed_value_floats: floats(draw, count, -5, 5), replaced_value_float: { float: replaced } };
  graph.map(`${ML}Imputer`, value, around(Math.max(5, magnitude(value))), attributes);
});

const labelEncoder = maker((graph, draw) => {
  const keys = draw.shuffled([0, 1, 2, 3, -2]).slice(0, draw.integer(1, 4));
  const value = graph.take(draw, { types: ["int64"], low: -3, high: 5 });
  const toInteger = draw.chance(0.5);
  const results: Attributes = toInteger
    ? { values_int64s: { ints: keys.map(() => draw.integer(-9, 9)) }, default_int64: { int: 4 } }
    : { values_floats: floats(draw, keys.length, -3, 3), default_float: { float: 0.5 } };
  graph.emit(`${ML}LabelEncoder`, [value], { shape: value.shape, type: toInteger ? "int64" : "float", ...around(9) }, { keys_int64s: { ints: keys }, ...results });
});

const oneHotEncoder = maker((graph, draw) => {
  const value = graph.take(draw, { types: ["int64"], rank: [1, 2], low: -1, high: 5 });
  const categories = draw.shuffled([0, 1, 2, 3]).slice(0, draw.integer(1, 4));
  graph.emit(`${ML}OneHotEncoder`, [value], { shape: [...value.shape, categories.length], type: "float", low: 0, high: 1 }, { cats_int64s: { ints: categories } });
});

const arrayFeatureExtractor = maker((graph, draw) => {
  const value = graph.take(draw, { rank: [1, 3] });
  const rank = value.shape.length;
  const positions = draw.list(draw.integer(1, 3), () => draw.integer(0, value.shape[rank - 1] - 1));
  const shape = [...(rank === 1 ? [1] : value.shape.slice(0, -1)), positions.length];
  graph.move(`${ML}ArrayFeatureExtractor`, value, shape, [graph.ints(...positions)]);
});

const featureVectorizer = maker((graph, draw) => {
  const first = samples(graph, draw);
  const other = graph.input(draw, { low: -2, high: 2 }, [first.shape[0], draw.integer(1, 2)]);
  const sizes = [first.shape[1], other.shape[1]];
  const range = { low: Math.min(first.low, -2), high: Math.max(first.high, 2) };
  graph.emit(`${ML}FeatureVectorizer`, [first, other], { shape: [first.shape[0], sizes[0] + sizes[1]], ...range }, { inputdimensions: { ints: sizes } });
});

/** Of scores around 0. */
function transform(draw: Draw): { post_transform: AttributeSpec } {
  return { post_transform: { string: draw.pick(["NONE", "SOFTMAX", "LOGISTIC"]) } };
}

/** Labels that are their own positions, or not. */
function labels(draw: Draw, count: number): { ints: number[] } {
  return { ints: draw.pick([[0, 1, 2], [4, -1, 9]]).slice(0, count) };
}

function emitClassifier(graph: GraphDraft, op: string, value: Value, classes: number, attributes: Attributes): void {
  const results = [{ shape: [value.shape[0]], type: "int64" as const, low: -1, high: 9 }, { shape: [value.shape[0], classes], type: "float" as const, ...around(64) }];
  graph.emitAll(`${ML}${op}`, [value], results, attributes);
}

const linearRegressor = maker((graph, draw) => {
  const value = samples(graph, draw);
  const targets = draw.integer(1, 3);
  const attributes = { coefficients: floats(draw, targets * value.shape[1]), intercepts: floats(draw, targets), targets: { int: targets } };
  graph.emit(`${ML}LinearRegressor`, [value], { shape: [value.shape[0], targets], ...around(magnitude(value) * value.shape[1] + 1) }, attributes);
});

const linearClassifier = maker((graph, draw) => {
  const value = samples(graph, draw);
  const classes = draw.integer(2, 3);
  const attributes = { coefficients: floats(draw, classes * value.shape[1]), intercepts: floats(draw, classes), classlabels_ints: labels(draw, classes), ...transform(draw) };
  emitClassifier(graph, "LinearClassifier", value, classes, attributes);
});

function kernel(draw: Draw): Attributes {
  const [name, parameters] = draw.pick<[string, number[]]>([["LINEAR", [0, 0, 0]], ["POLY", [0.3, 0.5, 2]], ["RBF", [0.3, 0, 0]], ["SIGMOID", [0.3, 0.1, 0]]]);
  return { kernel_type: { string: name }, kernel_params: { floats: parameters } };
}

const svmRegressor = maker((graph, draw) => {
  const value = samples(graph, draw, { low: -3, high: 3 });
  const supports = draw.integer(1, 3);
  const attributes = { ...kernel(draw), n_supports: { int: supports }, support_vectors: floats(draw, supports * value.shape[1]), coefficients: floats(draw, supports), rho: floats(draw, 1) };
  graph.emit(`${ML}SVMRegressor`, [value], { shape: [value.shape[0], 1], ...around(60) }, attributes);
});

const svmClassifier = maker((graph, draw) => {
  const value = samples(graph, draw, { low: -3, high: 3 });
  const perClass = draw.list(draw.integer(2, 3), () => draw.integer(1, 2));
  const classes = perClass.length;
  const total = perClass.reduce((a, b) => a + b, 0);
  const attributes = {
    ...kernel(draw), vectors_per_class: { ints: perClass }, support_vectors: floats(draw, total * value.shape[1]), coefficients: floats(draw, (classes - 1) * total),
    rho: floats(draw, (classes * (classes - 1)) / 2), classlabels_ints: labels(draw, classes),
  };
  emitClassifier(graph, "SVMClassifier", value, classes === 2 ? 2 : 3, attributes);
});

const MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"];

/** Version 5 has a new operator for them, and lacks the old ones. */
function trees(graph: GraphDraft, draw: Draw, value: Value, prefix: "class" | "target", targets: number): Attributes {
  graph.importDomain("ai.onnx.ml", 3);
  const forest = { features: value.shape[1], trees: draw.integer(1, 2), depth: draw.integer(1, 3), targets: draw.list(targets, (i) => i), prefix, integers: value.exact };
  return forestOf({ ...forest, modes: value.exact ? MODES : ["BRANCH_LEQ"] }, () => draw.unit());
}

const treeRegressor = maker((graph, draw) => {
  const value = samples(graph, draw, { exact: draw.chance(0.6) });
  const targets = draw.integer(1, 2);
  const attributes = { ...trees(graph, draw, value, "target", targets), n_targets: { int: targets }, aggregate_function: { string: draw.pick(["SUM", "AVERAGE", "MIN", "MAX"]) } };
  graph.emit(`${ML}TreeEnsembleRegressor`, [value], { shape: [value.shape[0], targets], type: "float", ...around(4) }, attributes);
});

const treeClassifier = maker((graph, draw) => {
  const value = samples(graph, draw, { exact: draw.chance(0.6) });
  const classes = draw.integer(2, 3);
  emitClassifier(graph, "TreeEnsembleClassifier", value, classes, { ...trees(graph, draw, value, "class", classes), classlabels_int64s: labels(draw, classes), ...transform(draw) });
});

/** The form of operator set 5: one branch, two leaves. */
const treeEnsemble = maker((graph, draw) => {
  graph.importDomain("ai.onnx.ml", 5);
  const value = samples(graph, draw, { exact: draw.chance(0.6) });
  const tensor = (name: string, data: readonly number[], type: "float" | "uint8"): AttributeSpec => ({ tensor: { name, dims: [data.length], data, type } });
  const attributes = {
    n_targets: { int: 1 }, tree_roots: { ints: [0] }, aggregate_function: { int: 1 }, post_transform: { int: 0 },
    nodes_modes: tensor("modes", [draw.integer(0, 5)], "uint8"), nodes_featureids: { ints: [draw.integer(0, value.shape[1] - 1)] }, nodes_splits: tensor("splits", [draw.integer(-1, 2)], "float"),
    nodes_truenodeids: { ints: [0] }, nodes_trueleafs: { ints: [1] }, nodes_falsenodeids: { ints: [1] }, nodes_falseleafs: { ints: [1] },
    leaf_targetids: { ints: [0, 0] }, leaf_weights: tensor("weights", [draw.real(-1, 1), draw.real(-1, 1)], "float"),
  };
  graph.emit(`${ML}TreeEnsemble`, [value], { shape: [value.shape[0], 1], type: "float", ...around(1) }, attributes);
});

export const classicalMakers: Readonly<Record<string, Maker>> = {
  [`${ML}ArrayFeatureExtractor`]: arrayFeatureExtractor,
  [`${ML}Binarizer`]: binarizer,
  [`${ML}FeatureVectorizer`]: featureVectorizer,
  [`${ML}Imputer`]: imputer,
  [`${ML}LabelEncoder`]: labelEncoder,
  [`${ML}LinearClassifier`]: linearClassifier,
  [`${ML}LinearRegressor`]: linearRegressor,
  [`${ML}Normalizer`]: normalizer,
  [`${ML}OneHotEncoder`]: oneHotEncoder,
  [`${ML}SVMClassifier`]: svmClassifier,
  [`${ML}SVMRegressor`]: svmRegressor,
  [`${ML}Scaler`]: scaler,
  [`${ML}TreeEnsemble`]: treeEnsemble,
  [`${ML}TreeEnsembleClassifier`]: treeClassifier,
  [`${ML}TreeEnsembleRegressor`]: treeRegressor,
};
