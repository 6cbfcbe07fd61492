/** Linear models, support vector machines and preprocessing of ai.onnx.ml, against onnxruntime. */
import { describe, expect, it } from "vitest";
import { AssayError } from "../../src/errors.js";
import { parseModel } from "../../src/onnx/read.js";
import { buildModel, type AttributeSpec } from "../support/onnxBuilder.js";
import { type Comparison, expectSameAsRuntime, seededRandom } from "./differential.js";
import { constant, nodeModel, type NodeModelSpec } from "./nodeModel.js";

type Attributes = Record<string, AttributeSpec>;
const SHAPE = [6, 4];

function spec(attributes: Attributes, outputs = 1, operands: NodeModelSpec["operands"] = [SHAPE]): NodeModelSpec {
  return { operands, attributes, outputs, domain: "ai.onnx.ml", domainVersion: 2 };
}

async function same(op: string, node: NodeModelSpec, comparison: Comparison = { range: [-2, 2] }): Promise<void> {
  await expectSameAsRuntime(nodeModel(op, node), comparison);
}

async function refused(op: string, node: NodeModelSpec, code: string, message = ""): Promise<void> {
  const error: unknown = await parseModel(nodeModel(op, node), "m").catch((reason: unknown) => reason);
  if (!(error instanceof AssayError)) throw new Error("no AssayError");
  expect(error.code).toBe(code);
  expect(error.format()).toContain('node "n"');
  expect(error.message).toContain(message);
}

function floats(count: number, seed = 1): AttributeSpec {
  const random = seededRandom(seed);
  return { floats: Array.from({ length: count }, () => 2 * random() - 1) };
}

describe("linear models", () => {
  it("LinearRegressor", async () => {
    await same("LinearRegressor", spec({ coefficients: floats(4), intercepts: floats(1, 2) }));
    await same("LinearRegressor", spec({ coefficients: floats(12), intercepts: floats(3, 2), targets: { int: 3 } }));
    await same("LinearRegressor", spec({ coefficients: floats(12), targets: { int: 3 } }));
    await refused("LinearRegressor", spec({ coefficients: floats(5) }), "ONNX_SHAPE", "5 coefficients");
    await refused("LinearRegressor", spec({ coefficients: floats(4), targets: { int: -1 } }), "ONNX_MALFORMED");
  });

  it("LinearRegressor of a constant", async () => {
    const nodes = [
      { op: "EyeLike", inputs: ["x"], outputs: ["e"] },
      { op: "LinearRegressor", domain: "ai.onnx.ml", inputs: ["e"], outputs: ["y"], attributes: { coefficients: floats(4), intercepts: floats(1, 2) } },
    ];
    const bytes = buildModel({ inputs: [{ name: "x", shape: SHAPE }], outputs: [{ name: "y" }], nodes, domains: { "ai.onnx.ml": 2 } });
    await expectSameAsRuntime(bytes);
  });

  it.each(["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"])("LinearClassifier, %s", async (name) => {
    const post_transform = { string: name };
    await same("LinearClassifier", spec({ coefficients: floats(12), intercepts: floats(3, 2), classlabels_ints: { ints: [4, 0, 9] }, post_transform, multi_class: { int: 1 } }, 2));
    await same("LinearClassifier", spec({ coefficients: floats(8), intercepts: floats(2, 2), classlabels_ints: { ints: [0, 1] }, post_transform }, 2));
    if (name !== "SOFTMAX" && name !== "SOFTMAX_ZERO") await same("LinearClassifier", spec({ coefficients: floats(4), intercepts: floats(1, 2), classlabels_ints: { ints: [0, 1] }, post_transform }, 2));
  });

  it("LinearClassifier refuses texts for labels and counts that differ", async () => {
    await refused("LinearClassifier", spec({ coefficients: floats(8), intercepts: floats(2), classlabels_strings: { strings: ["a", "b"] } }, 2), "ONNX_UNSUPPORTED", "texts");
    await refused("LinearClassifier", spec({ coefficients: floats(8), intercepts: floats(2), classlabels_ints: { ints: [0, 1, 2] } }, 2), "ONNX_SHAPE");
  });
});

describe("support vector machines", () => {
  const KERNELS: [string, number[]][] = [["LINEAR", [0, 0, 0]], ["POLY", [0.5, 1, 2]], ["POLY", [0.3, 0.2, 3]], ["RBF", [0.4, 0, 0]], ["SIGMOID", [0.3, 0.1, 0]]];

  it.each(KERNELS)("SVMRegressor, %s %j", async (kernel, parameters) => {
    const common = { kernel_type: { string: kernel }, kernel_params: { floats: parameters }, rho: floats(1, 9) };
    await same("SVMRegressor", spec({ ...common, n_supports: { int: 3 }, support_vectors: floats(12), coefficients: floats(3, 4) }));
    await same("SVMRegressor", spec({ ...common, n_supports: { int: 3 }, support_vectors: floats(12), coefficients: floats(3, 4), one_class: { int: 1 } }));
  });

  it("SVMRegressor without support vectors", async () => {
    await same("SVMRegressor", spec({ kernel_type: { string: "LINEAR" }, kernel_params: { floats: [0, 0, 0] }, rho: floats(1, 9), n_supports: { int: 0 }, coefficients: floats(4, 4) }));
  });

  it.each(KERNELS)("SVMClassifier, %s %j", async (kernel, parameters) => {
    const common = { kernel_type: { string: kernel }, kernel_params: { floats: parameters } };
    await same("SVMClassifier", spec({ ...common, vectors_per_class: { ints: [2, 3] }, support_vectors: floats(20), coefficients: floats(5, 4), rho: floats(1, 9), classlabels_ints: { ints: [0, 1] } }, 2));
    await same("SVMClassifier", spec({ ...common, vectors_per_class: { ints: [2, 1, 3] }, support_vectors: floats(24), coefficients: floats(12, 4), rho: floats(3, 9), classlabels_ints: { ints: [3, 1, 7] } }, 2));
  });

  it("SVMClassifier with probabilities of two classes", async () => {
    const common = { kernel_type: { string: "RBF" }, kernel_params: { floats: [0.4, 0, 0] }, support_vectors: floats(20), rho: floats(1, 9), classlabels_ints: { ints: [2, 5] } };
    const attributes = { ...common, vectors_per_class: { ints: [2, 3] }, coefficients: floats(5, 4), prob_a: { floats: [-1.3] }, prob_b: { floats: [0.2] } };
    // onnxruntime iterates to within 0.0025.
    await same("SVMClassifier", spec(attributes, 2), { range: [-2, 2], tolerance: 0.0025 });
  });

  it("refuse what they cannot take", async () => {
    const common = { vectors_per_class: { ints: [2, 3] }, support_vectors: floats(20), coefficients: floats(5, 4), rho: floats(1, 9), classlabels_ints: { ints: [0, 1] } };
    const three = { ...common, vectors_per_class: { ints: [2, 2, 1] }, coefficients: floats(10), rho: floats(3), classlabels_ints: { ints: [0, 1, 2] } };
    await refused("SVMClassifier", spec({ ...three, prob_a: floats(3), prob_b: floats(3) }, 2), "ONNX_UNSUPPORTED", "probabilities");
    await refused("SVMClassifier", spec({ ...common, prob_a: floats(1) }, 2), "ONNX_SHAPE");
    await refused("SVMClassifier", spec({ ...common, rho: floats(2) }, 2), "ONNX_SHAPE");
    await refused("SVMClassifier", spec({ ...common, support_vectors: floats(19) }, 2), "ONNX_SHAPE");
    await refused("SVMClassifier", spec({ ...common, kernel_type: { string: "CUBE" } }, 2), "ONNX_MALFORMED");
    await refused("SVMRegressor", spec({ rho: floats(2), n_supports: { int: 0 }, coefficients: floats(4) }), "ONNX_SHAPE");
  });
});

describe("preprocessing", () => {
  it("Scaler", async () => {
    await same("Scaler", spec({ offset: floats(4), scale: floats(4, 2) }));
    await same("Scaler", spec({ offset: floats(1), scale: floats(1, 2) }));
    await same("Scaler", spec({ offset: floats(4), scale: floats(4, 2) }, 1, [{ shape: SHAPE, type: "int64" }]));
    await refused("Scaler", spec({ offset: floats(3), scale: floats(4) }), "ONNX_SHAPE");
  });

  it.each(["MAX", "L1", "L2"])("Normalizer, %s", async (norm) => {
    await same("Normalizer", spec({ norm: { string: norm } }), { range: norm === "MAX" ? [0.1, 2] : [-2, 2] });
  });

  it("Binarizer and Imputer", async () => {
    await same("Binarizer", spec({ threshold: { float: 0.25 } }));
    await same("Binarizer", spec({ threshold: { float: 0 } }, 1, [[3]]), { inputs: { x0: [-1, 0, 1] } });
    const inputs = { x0: Array.from({ length: 24 }, (_, i) => (i % 5) - 1) };
    await same("Imputer", spec({ imputed_value_floats: floats(4), replaced_value_float: { float: -1 } }), { inputs });
    await same("Imputer", spec({ imputed_value_floats: floats(1), replaced_value_float: { float: NaN } }), { inputs });
    await same("Imputer", spec({ imputed_value_int64s: { ints: [7] }, replaced_value_int64: { int: 2 } }, 1, [{ shape: SHAPE, type: "int64" }]), { inputs });
    await refused("Normalizer", spec({ norm: { string: "L3" } }), "ONNX_MALFORMED");
    await refused("Imputer", spec({ imputed_value_floats: floats(3) }), "ONNX_SHAPE");
  });

  it("LabelEncoder", async () => {
    const integers = { shape: [7], type: "int64" } as const;
    const inputs = { x0: [0, 1, 2, 3, 4, 5, 9] };
    await same("LabelEncoder", spec({ keys_int64s: { ints: [1, 3, 9] }, values_int64s: { ints: [10, -5, 7] }, default_int64: { int: 2 } }, 1, [integers]), { inputs });
    await same("LabelEncoder", spec({ keys_int64s: { ints: [1, 3, 9] }, values_floats: { floats: [10, -5, 7.5] }, default_float: { float: 0.5 } }, 1, [integers]), { inputs });
    await same("LabelEncoder", spec({ keys_floats: { floats: [1, 3, 9] }, values_floats: { floats: [1, -5, 7.5] } }, 1, [[7]]), { inputs });
    await refused("LabelEncoder", spec({ keys_strings: { strings: ["a"] }, values_int64s: { ints: [1] } }), "ONNX_UNSUPPORTED", "texts");
    await refused("LabelEncoder", spec({ keys_int64s: { ints: [1, 2] }, values_int64s: { ints: [1] } }), "ONNX_MALFORMED");
  });

  it("OneHotEncoder, ArrayFeatureExtractor, FeatureVectorizer", async () => {
    await same("OneHotEncoder", spec({ cats_int64s: { ints: [3, 0, 1] } }, 1, [{ shape: [2, 5], type: "int64" }]), { range: [-1, 5] });
    await same("ArrayFeatureExtractor", spec({}, 1, [SHAPE, constant([2, 0, 2], [3], "int64")]));
    await same("ArrayFeatureExtractor", spec({}, 1, [[4], constant([2], [1], "int64")]));
    await same("FeatureVectorizer", spec({ inputdimensions: { ints: [4, 2] } }, 1, [SHAPE, [6, 2]]));
    await refused("ArrayFeatureExtractor", spec({}, 1, [SHAPE, constant([4], [1], "int64")]), "ONNX_SHAPE");
    await refused("FeatureVectorizer", spec({ inputdimensions: { ints: [4, 3] } }, 1, [SHAPE, [6, 2]]), "ONNX_SHAPE");
    await refused("OneHotEncoder", spec({ cats_strings: { strings: ["a"] } }), "ONNX_UNSUPPORTED");
  });
});
