/** Tree ensembles, against onnxruntime. */
import { describe, expect, it } from "vitest";
import { AssayError } from "../../src/errors.js";
import { parseModel } from "../../src/onnx/read.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { evaluate } from "../../src/quantize/evaluate.js";
import { WIDE_QUANTIZE } from "../../src/quantize/precision.js";
import { quantizeGraph } from "../../src/quantize/quantize.js";
import { buildModel, type AttributeSpec, type NodeSpec, type TypeName } from "../support/onnxBuilder.js";
import { type Forest, forestOf } from "../support/forest.js";
import { type Comparison, expectSameAsRuntime, seededRandom } from "./differential.js";
import { nodeModel, type NodeModelSpec } from "./nodeModel.js";

const FEATURES = 5;
const BATCH = 40;
type Attributes = Record<string, AttributeSpec>;

/** Random trees, the same for the same shape of forest. */
function forest(options: Omit<Forest, "features">): Attributes {
  const { trees = 4, depth = 4, targets } = options;
  return forestOf({ features: FEATURES, ...options }, seededRandom(trees + depth + targets.length));
}

function spec(attributes: Attributes, outputs: number, type: TypeName = "float"): NodeModelSpec {
  return { operands: [{ shape: [BATCH, FEATURES], type }], attributes, outputs, domain: "ai.onnx.ml" };
}

async function same(op: string, attributes: Attributes, outputs: number, comparison: Comparison = {}): Promise<void> {
  await expectSameAsRuntime(nodeModel(op, spec(attributes, outputs)), comparison);
}

async function refused(op: string, attributes: Attributes, code: string, message = ""): Promise<void> {
  const error: unknown = await parseModel(nodeModel(op, spec(attributes, op.endsWith("Classifier") ? 2 : 1)), "m").catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code });
  if (!(error instanceof AssayError)) throw new Error("no AssayError");
  expect(error.format()).toContain('node "n"');
  expect(error.message).toContain(message);
}

const MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"];
/** Values that meet thresholds exactly. */
const HALVES: Comparison = { inputs: { x0: Array.from({ length: BATCH * FEATURES }, (_, i) => ((i * 7) % 9) / 2 - 2) } };

describe("TreeEnsembleRegressor", () => {
  const regressor = (attributes: Attributes, targets: readonly number[] = [0], options: Partial<Forest> = {}): Attributes => ({
    ...forest({ targets, prefix: "target", ...options }),
    n_targets: { int: targets.length },
    ...attributes,
  });

  it.each(["SUM", "AVERAGE", "MIN", "MAX"])("%s over trees, one and several targets", async (name) => {
    const aggregate = { aggregate_function: { string: name } };
    await same("TreeEnsembleRegressor", regressor(aggregate), 1);
    await same("TreeEnsembleRegressor", regressor({ ...aggregate, base_values: { floats: [0.75] } }), 1);
    await same("TreeEnsembleRegressor", regressor({ ...aggregate, base_values: { floats: [0.5, 1, -2] } }, [0, 1, 2]), 1);
  });

  it("all modes of comparison, with equal values", async () => {
    for (const mode of MODES) await same("TreeEnsembleRegressor", regressor({}, [0], { modes: [mode], integers: true }), 1, HALVES);
    await same("TreeEnsembleRegressor", regressor({}, [0], { modes: MODES, integers: true }), 1, HALVES);
  });

  it("trees of a single leaf or branch", async () => {
    await same("TreeEnsembleRegressor", regressor({}, [0, 1], { depth: 0 }), 1);
    await same("TreeEnsembleRegressor", regressor({ post_transform: { string: "NONE" } }, [0], { trees: 1, depth: 1 }), 1);
  });

  it.each(["SOFTMAX", "SOFTMAX_ZERO", "LOGISTIC"])("%s", async (name) => {
    await same("TreeEnsembleRegressor", regressor({ post_transform: { string: name } }, [0, 1, 2]), 1);
  });

  it("PROBIT", async () => {
    await same("TreeEnsembleRegressor", regressor({ post_transform: { string: "PROBIT" } }, [0, 1, 2], { weights: [0.02, 0.24] }), 1);
  });

  it.each([
    ["lists of different lengths", { nodes_modes: { strings: ["LEAF"] } }, "ONNX_MALFORMED", "nodes_modes has 1 elements"],
    ["a cycle", { nodes_truenodeids: { ints: [0, 0, 0] } }, "ONNX_MALFORMED", "no path reaches"],
    ["a child that does not exist", { nodes_truenodeids: { ints: [9, 0, 0] }, nodes_falsenodeids: { ints: [1, 0, 0] }, nodes_nodeids: { ints: [0, 1, 9] }, nodes_treeids: { ints: [0, 0, 1] } }, "ONNX_MALFORMED", "no node 9"],
    ["a shared child", { nodes_truenodeids: { ints: [2, 0, 0] } }, "ONNX_MALFORMED", ""],
    ["a feature outside", { nodes_featureids: { ints: [5, 0, 0] } }, "ONNX_MALFORMED", "feature 5 of an input of 5"],
    ["an unknown mode", { nodes_modes: { strings: ["BRANCH_ODD", "LEAF", "LEAF"] } }, "ONNX_MALFORMED", "mode ODD"],
    ["a threshold that is not finite", { nodes_values: { floats: [NaN, 0, 0] } }, "ONNX_MALFORMED", "threshold"],
    ["a target outside", { target_ids: { ints: [1, 0] } }, "ONNX_MALFORMED", "output 1 of 1"],
    ["an unknown aggregate", { aggregate_function: { string: "MEDIAN" } }, "ONNX_MALFORMED", "MEDIAN"],
    ["an unknown transform", { post_transform: { string: "CUBE" } }, "ONNX_MALFORMED", "CUBE"],
    ["too many base values", { base_values: { floats: [1, 2] } }, "ONNX_MALFORMED", "2 base values"],
    ["no targets", { n_targets: { int: 0 } }, "ONNX_MALFORMED", "n_targets"],
    ["no trees", { nodes_treeids: { ints: [] } }, "ONNX_MALFORMED", ""],
    ["a type that differs", { nodes_values: { ints: [1, 2, 3] } }, "ONNX_MALFORMED", ""],
  ] as [string, Attributes, string, string][])("refuses %s", async (_, attributes, code, message) => {
    const small: Attributes = {
      nodes_treeids: { ints: [0, 0, 0] }, nodes_nodeids: { ints: [0, 1, 2] }, nodes_featureids: { ints: [1, 0, 0] }, nodes_values: { floats: [0.5, 0, 0] },
      nodes_modes: { strings: ["BRANCH_LEQ", "LEAF", "LEAF"] }, nodes_truenodeids: { ints: [1, 0, 0] }, nodes_falsenodeids: { ints: [2, 0, 0] },
      target_treeids: { ints: [0, 0] }, target_nodeids: { ints: [1, 2] }, target_ids: { ints: [0, 0] }, target_weights: { floats: [1, 2] }, n_targets: { int: 1 },
    };
    await same("TreeEnsembleRegressor", small, 1);
    await refused("TreeEnsembleRegressor", { ...small, ...attributes }, code, message);
  });
});

describe("TreeEnsembleClassifier", () => {
  const unlabelled = forest({ targets: [0, 1, 2], prefix: "class" });
  const classifier = (labels: readonly number[], classes: readonly number[], attributes: Attributes = {}, options: Partial<Forest> = {}): Attributes => ({
    ...forest({ targets: classes, prefix: "class", ...options }),
    classlabels_int64s: { ints: labels },
    ...attributes,
  });

  it.each(["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"])("three classes, %s", async (name) => {
    const transform = { post_transform: { string: name } };
    await same("TreeEnsembleClassifier", classifier([0, 1, 2], [0, 1, 2], transform), 2);
    await same("TreeEnsembleClassifier", classifier([5, -3, 9], [0, 1, 2], { ...transform, base_values: { floats: [0.5, 0, -0.5] } }), 2);
  });

  it.each(["NONE", "SOFTMAX", "LOGISTIC"])("two classes, one of them with weights, %s", async (name) => {
    const transform = { post_transform: { string: name } };
    for (const weights of [[-1, 1], [0, 0.25]] as const) {
      await same("TreeEnsembleClassifier", classifier([0, 1], [0], transform, { weights }), 2);
      await same("TreeEnsembleClassifier", classifier([7, 3], [0], { ...transform, base_values: { floats: [0.25] } }, { weights }), 2);
    }
  });

  it("two classes, both with weights", async () => {
    for (const name of ["NONE", "SOFTMAX", "LOGISTIC"]) await same("TreeEnsembleClassifier", classifier([0, 1], [0, 1], { post_transform: { string: name } }), 2);
  });

  it("labels that are texts: the scores alone", async () => {
    const attributes = { ...unlabelled, classlabels_strings: { strings: ["a", "b", "c"] } };
    await refused("TreeEnsembleClassifier", attributes, "ONNX_UNSUPPORTED", "its labels are texts");
    const bytes = nodeModel("TreeEnsembleClassifier", { ...spec(attributes, 2), outputs: ["", "y"] });
    expect((await parseModel(bytes, "m")).outputs[0].shape).toEqual([BATCH, 3]);
  });

  it("before a ZipMap: the probabilities are the output", async () => {
    const attributes = { ...classifier([0, 1, 2], [0, 1, 2]), post_transform: { string: "SOFTMAX" } };
    const tree: NodeSpec = { op: "TreeEnsembleClassifier", domain: "ai.onnx.ml", inputs: ["x"], outputs: ["label", "probabilities"], attributes };
    const zip: NodeSpec = { op: "ZipMap", domain: "ai.onnx.ml", inputs: ["probabilities"], outputs: ["maps"], attributes: { classlabels_int64s: { ints: [0, 1, 2] } } };
    const given = { inputs: [{ name: "x", shape: [BATCH, FEATURES] }], outputs: [{ name: "label", type: null }, { name: "maps", type: null }], domains: { "ai.onnx.ml": 3 } };
    const bytes = buildModel({ ...given, nodes: [tree, zip] });
    const graph = await parseModel(bytes, "m");
    expect(graph.outputs.map(({ name, shape }) => [name, shape])).toEqual([["label", [BATCH]], ["probabilities", [BATCH, 3]]]);
    const sample = [Float32Array.from({ length: BATCH * FEATURES }, (_, i) => Math.sin(i))];
    const { outputs } = await evaluate(bytes, graph, quantizeGraph(graph, (await calibrate(bytes, graph, [sample])).ranges, WIDE_QUANTIZE).program, [sample], undefined);
    expect(Math.max(...outputs.map(({ errorOfRange }) => errorOfRange))).toBeLessThan(1);
  });

  it("refuses a class outside, no labels, and ZipMap with a hint", async () => {
    await refused("TreeEnsembleClassifier", classifier([0, 1, 2], [0, 1, 3]), "ONNX_MALFORMED", "output 3 of 3");
    await refused("TreeEnsembleClassifier", unlabelled, "ONNX_MALFORMED", "it needs labels");
    await refused("ZipMap", { classlabels_int64s: { ints: [0, 1] } }, "ONNX_UNSUPPORTED", "zipmap=False");
  });

  it.each(["int64", "int32", "double"] as const)("of %s", async (type) => {
    const attributes = classifier([0, 1, 2], [0, 1, 2], {}, { modes: ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_EQ"], integers: true });
    await expectSameAsRuntime(nodeModel("TreeEnsembleClassifier", spec(attributes, 2, type)), { range: [-2, 3] });
  });

  it("a model that imports no standard operators", async () => {
    const attributes = classifier([0, 1, 2], [0, 1, 2]);
    const nodes = [{ op: "TreeEnsembleClassifier", domain: "ai.onnx.ml", inputs: ["x"], outputs: ["l", "p"], attributes }];
    const bytes = buildModel({ inputs: [{ name: "x", shape: ["N", FEATURES] }], outputs: [{ name: "l", type: "int64" }, { name: "p" }], nodes, opset: null, domains: { "ai.onnx.ml": 1 } });
    const graph = await expectSameAsRuntime(bytes);
    expect(graph.outputs.map(({ shape, elementType }) => [shape, elementType])).toEqual([[[1], "int64"], [[1, 3], "float32"]]);
  });
});

describe("TreeEnsemble", () => {
  const doubles = (name: string, data: readonly number[], type: TypeName = "float"): AttributeSpec => ({ tensor: { name, dims: [data.length], data, type } });
  const attributes = (change: Attributes = {}): Attributes => ({
    n_targets: { int: 2 },
    tree_roots: { ints: [0, 2] },
    nodes_modes: doubles("m", [0, 3, 4], "uint8"),
    nodes_featureids: { ints: [0, 2, 1] },
    nodes_splits: doubles("s", [0.25, -0.5, 1]),
    nodes_truenodeids: { ints: [1, 0, 3] },
    nodes_trueleafs: { ints: [0, 1, 1] },
    nodes_falsenodeids: { ints: [1, 2, 4] },
    nodes_falseleafs: { ints: [1, 1, 1] },
    leaf_targetids: { ints: [0, 1, 0, 1, 0] },
    leaf_weights: doubles("w", [1.5, -2, 3, 0.25, 8]),
    ...change,
  });

  it.each([[0, 0], [1, 0], [1, 3]])("aggregate %i, transform %i", async (aggregate, transform) => {
    const bytes = nodeModel("TreeEnsemble", { ...spec(attributes({ aggregate_function: { int: aggregate }, post_transform: { int: transform } }), 1), domainVersion: 5 });
    await expectSameAsRuntime(bytes, HALVES);
  });

  it("refuses transforms that onnxruntime confuses, and malformed attributes", async () => {
    for (const transform of [1, 2]) await refused("TreeEnsemble", attributes({ post_transform: { int: transform } }), "ONNX_UNSUPPORTED", "each for the other");
    await refused("TreeEnsemble", attributes({ nodes_truenodeids: { ints: [0, 0, 3] } }), "ONNX_MALFORMED", "no tree");
    await refused("TreeEnsemble", attributes({ nodes_falsenodeids: { ints: [9, 2, 4] } }), "ONNX_MALFORMED", "does not exist");
    await refused("TreeEnsemble", attributes({ tree_roots: { ints: [-1] } }), "ONNX_MALFORMED", "does not exist");
    await refused("TreeEnsemble", attributes({ nodes_modes: doubles("m", [0, 9, 4], "uint8") }), "ONNX_MALFORMED", "number 9");
    await refused("TreeEnsemble", attributes({ aggregate_function: { int: -1 } }), "ONNX_MALFORMED", "unknown");
    await refused("TreeEnsemble", attributes({ leaf_targetids: { ints: [0, 1, 0, 1, 2] } }), "ONNX_MALFORMED", "output 2 of 2");
  });
});
