/** Constant folding and what is dropped. */
import { describe, expect, it } from "vitest";
import { AssayError } from "../../src/errors.js";
import { parseModel } from "../../src/onnx/read.js";
import { buildModel, type NodeSpec, type TensorSpec } from "../support/onnxBuilder.js";
import { expectSameAsRuntime } from "./differential.js";

const ints = (name: string, values: readonly (number | bigint)[], dims = [values.length]): TensorSpec => ({ name, dims, data: values, type: "int64" });

function chain(nodes: readonly NodeSpec[], initializers: readonly TensorSpec[], shape: readonly (number | string)[] = ["N", 3, 4, 4], opset = 17): Uint8Array {
  return buildModel({ inputs: [{ name: "x", shape }], outputs: [{ name: "y" }], initializers, nodes, opset });
}

describe("folding", () => {
  it("resolves an exporter's shape arithmetic", async () => {
    const nodes: NodeSpec[] = [
      { op: "Relu", inputs: ["x"], outputs: ["r"] },
      { op: "Shape", inputs: ["r"], outputs: ["s"] },
      { op: "Gather", inputs: ["s", "zero"], outputs: ["n"], attributes: { axis: { int: 0 } } },
      { op: "Unsqueeze", inputs: ["n", "axes"], outputs: ["n1"] },
      { op: "Slice", inputs: ["s", "two", "end"], outputs: ["hw"] },
      { op: "ReduceProd", inputs: ["hw"], outputs: ["p"], attributes: { keepdims: { int: 1 } } },
      { op: "Concat", inputs: ["n1", "minus", "p"], outputs: ["t"], attributes: { axis: { int: 0 } } },
      { op: "Reshape", inputs: ["r", "t"], outputs: ["y"] },
    ];
    const initializers = [ints("zero", [0], []), ints("axes", [0]), ints("two", [2]), ints("end", [2n ** 63n - 1n]), ints("minus", [-1])];
    const graph = await expectSameAsRuntime(chain(nodes, initializers, [1, 3, 4, 4]));
    expect(graph.outputs[0].shape).toEqual([1, 3, 16]);
    expect(graph.nodes.map((node) => node.operator)).toEqual(["Relu", "Reshape"]);
    expect(graph.constants.size).toBe(0);
  });

  it("takes Shape's start and end as the standard clamps them", async () => {
    const nodes: NodeSpec[] = [
      { op: "Shape", inputs: ["x"], outputs: ["a"], attributes: { start: { int: -2 }, end: { int: 99 } } },
      { op: "Concat", inputs: ["minus", "a"], outputs: ["t"], attributes: { axis: { int: 0 } } },
      { op: "Reshape", inputs: ["x", "t"], outputs: ["y"] },
    ];
    expect((await parseModel(chain(nodes, [ints("minus", [-1])]), "m")).outputs[0].shape).toEqual([3, 4, 4]);
  });

  it("evaluates arithmetic on weights", async () => {
    const weight: TensorSpec = { name: "w", dims: [2, 4], data: [1, 2, 3, 4, 5, 6, 7, 8] };
    const nodes: NodeSpec[] = [
      { op: "Transpose", inputs: ["w"], outputs: ["wt"] },
      { op: "Mul", inputs: ["wt", "half"], outputs: ["v"] },
      { op: "MatMul", inputs: ["x", "v"], outputs: ["y"] },
    ];
    const graph = await expectSameAsRuntime(chain(nodes, [weight, { name: "half", dims: [], data: [0.5] }], [1, 4]));
    expect(Array.from(graph.constants.get("v")?.data ?? [])).toEqual([0.5, 2.5, 1, 3, 1.5, 3.5, 2, 4]);
    expect(graph.constants.size).toBe(1);
  });

  it("uses a node with several outputs", async () => {
    const w: TensorSpec = { name: "w", dims: [4], data: [1, 2, 3, 4] };
    const nodes: NodeSpec[] = [
      { op: "Split", inputs: ["w"], outputs: ["a", "b"], attributes: { axis: { int: 0 } } },
      { op: "Add", inputs: ["x", "a"], outputs: ["s"] },
      { op: "Mul", inputs: ["s", "b"], outputs: ["y"] },
    ];
    await expectSameAsRuntime(chain(nodes, [w], [1, 2], 11));
  });

  const float = (name: string, data: number[], dims = [data.length]): TensorSpec => ({ name, dims, data });
  it.each([
    ["HannWindow", [ints("n", [4], [])]], ["HammingWindow", [ints("n", [4], [])]], ["BlackmanWindow", [ints("n", [4], [])]],
    ["Range", [float("a", [1], []), float("b", [3], []), float("d", [0.5], [])]], ["ConstantOfShape", [ints("s", [1, 4])]],
    ["Softmax", [float("c", [1, 2, 3, 4])]], ["Elu", [float("c", [1, -2, 3, -4])]], ["TopK", [float("c", [1, -2, 3, -4, 5]), ints("k", [4])]],
    ["Einsum", [float("c", [1, 2, 3, 4, 5, 6, 7, 8], [2, 4]), float("d", [2, 3])], { equation: { string: "ij,i->j" } }],
    ["Trilu", [float("c", [1, 2, 3, 4], [1, 4]), ints("k", [2], [])]], ["CumSum", [float("c", [1, 2, 3, 4]), ints("axis", [0], [])]],
    ["MelWeightMatrix", [ints("bins", [4], []), ints("length", [16], []), ints("rate", [8000], []), float("low", [0], []), float("high", [4000], [])]],
  ] as [string, TensorSpec[], NodeSpec["attributes"]?][])("evaluates %s over constants", async (op, initializers, attributes) => {
    const nodes: NodeSpec[] = [
      { op, inputs: initializers.map(({ name }) => name), outputs: op === "TopK" ? ["c0", "c1"] : ["c0"], attributes },
      { op: "Add", inputs: ["x", "c0"], outputs: ["y"] },
    ];
    const graph = await expectSameAsRuntime(chain(nodes, initializers, op === "MelWeightMatrix" ? [9, 4] : [1, 4], 18));
    expect(graph.nodes.map((node) => node.operator)).toEqual(["AddConstant"]);
  });

  it("evaluates quantized weights", async () => {
    const nodes: NodeSpec[] = [
      { op: "QuantizeLinear", inputs: ["w", "scale", "zero"], outputs: ["q"] },
      { op: "DequantizeLinear", inputs: ["q", "scale", "zero"], outputs: ["d"] },
      { op: "Mul", inputs: ["x", "d"], outputs: ["y"] },
    ];
    const zero: TensorSpec = { name: "zero", dims: [], data: [3], type: "uint8" };
    const graph = await expectSameAsRuntime(chain(nodes, [float("w", [1, -0.2, 0.33, 4]), float("scale", [0.25], []), zero], [1, 4]));
    expect(Array.from(graph.constants.get("d")?.data ?? [])).toEqual([1, -0.25, 0.25, 4]);
  });

  it("knows where constants are not 0", async () => {
    const nodes: NodeSpec[] = [
      { op: "NonZero", inputs: ["c"], outputs: ["places"] },
      { op: "Gather", inputs: ["x", "places"], outputs: ["y"], attributes: { axis: { int: 1 } } },
    ];
    expect((await expectSameAsRuntime(chain(nodes, [float("c", [0, 1, 0, 2])], [1, 4]))).outputs[0].shape).toEqual([1, 1, 2]);
  });

  it("drops dead nodes, unsupported ones too, and what only fed a Shape", async () => {
    const nodes: NodeSpec[] = [
      { op: "NoSuchOperator", inputs: ["x"], outputs: ["dead"] },
      { op: "Add", inputs: ["x", "c"], outputs: ["a"] },
      { op: "Shape", inputs: ["a"], outputs: ["s"] },
      { op: "Reshape", inputs: ["x", "s"], outputs: ["y"] },
    ];
    const graph = await parseModel(chain(nodes, [{ name: "c", dims: [1], data: [1] }]), "m");
    expect(graph.nodes.map((node) => node.operator)).toEqual(["Identity"]);
    expect([graph.constants.size, ...graph.values.keys()]).toEqual([0, "x", "y"]);
  });

  it("takes an initializer that is listed as an input for a constant", async () => {
    const bytes = buildModel({
      inputs: [{ name: "x", shape: [1, 2] }, { name: "c", shape: [2] }],
      outputs: [{ name: "y" }],
      initializers: [{ name: "c", dims: [2], data: [1, 2] }],
      nodes: [{ op: "Add", inputs: ["x", "c"], outputs: ["y"] }],
      irVersion: 3,
      opset: 8,
    });
    expect((await parseModel(bytes, "m")).inputs.map((input) => input.name)).toEqual(["x"]);
  });

  it("keeps outputs that no input reaches", async () => {
    const nodes: NodeSpec[] = [
      { op: "Neg", inputs: ["c"], outputs: ["y"] },
      { op: "Shape", inputs: ["x"], outputs: ["s"] },
      { op: "Relu", inputs: ["x"], outputs: ["r"] },
    ];
    const outputs = ["y", "c", "s", "r"].map((name) => ({ name, type: null }));
    const initializers: TensorSpec[] = [{ name: "c", dims: [2], data: [1, -2] }];
    const graph = await expectSameAsRuntime(buildModel({ inputs: [{ name: "x", shape: [1, 2] }], outputs, initializers, nodes }));
    expect(graph.outputs.map(({ name }) => name)).toEqual(["y", "c", "s", "r"]);
    await expectSameAsRuntime(buildModel({ inputs: [], outputs: [{ name: "y" }], initializers, nodes: [nodes[0]] }));
  });

  it("refuses a constant output without elements", async () => {
    const bytes = chain([{ op: "Identity", inputs: ["c"], outputs: ["y"] }], [{ name: "c", dims: [0], data: [] }]);
    await expect(parseModel(bytes, "m")).rejects.toMatchObject({ code: "ONNX_SHAPE", where: 'output "y"' });
  });

  // What is quadratic takes minutes.
  it("stays linear on long chains", { timeout: 20_000 }, async () => {
    const nodes: NodeSpec[] = Array.from({ length: 20_000 }, (_, i) => ({ op: "Relu", inputs: [i === 0 ? "x" : `v${i}`], outputs: [`v${i + 1}`] }));
    nodes.push({ op: "Identity", inputs: ["v20000"], outputs: ["y"] });
    expect((await parseModel(chain(nodes, []), "m")).nodes.length).toBe(20_001);
  });
});

describe("hostile folding", () => {
  const huge = 2n ** 40n;
  it.each([
    ["ConstantOfShape", ["big"], {}],
    ["Expand", ["one", "big"], {}],
    ["Tile", ["one", "big"], {}],
    ["Range", ["zero", "limit", "step"], {}],
    ["HannWindow", ["limit"], {}],
    ["MelWeightMatrix", ["limit", "limit", "limit", "one", "one"], {}],
  ] as [string, string[], NodeSpec["attributes"]][])("%s to 2^40 elements is refused before it runs", async (op, inputs, attributes) => {
    const initializers = [ints("big", [huge]), { name: "one", dims: [1], data: [1] }, ints("zero", [0], []), ints("limit", [huge], []), ints("step", [1], [])];
    const nodes: NodeSpec[] = [
      { op, inputs, outputs: ["c"], attributes },
      { op: "Add", inputs: ["x", "c"], outputs: ["y"] },
    ];
    await expect(parseModel(chain(nodes, initializers), "m")).rejects.toMatchObject({ code: "MODEL_TOO_LARGE" });
  });

  it.each([0, -1])("an integer division by %i does not end the process", async (divisor) => {
    const nodes: NodeSpec[] = [
      { op: "Div", inputs: ["least", "d"], outputs: ["t"] },
      { op: "Reshape", inputs: ["x", "t"], outputs: ["y"] },
    ];
    const bytes = chain(nodes, [ints("least", [-(2n ** 63n)]), ints("d", [divisor])]);
    await expect(parseModel(bytes, "m")).rejects.toMatchObject({ code: "ONNX_MALFORMED" });
  });

  it.each([
    ["a Split whose parts are not its outputs, on which onnxruntime aborts", { op: "Split", attributes: { num_outputs: { int: 1 } } }, ["t", "u"]],
    ["the greatest of nothing, on which onnxruntime aborts", { op: "TopK" }, ["t", "u"]],
    ["a mean over nothing", { op: "ReduceMean" }, ["t"]],
    ["a cast to text", { op: "Cast", attributes: { to: { int: 8 } } }, ["t"]],
  ] as [string, Pick<NodeSpec, "op" | "attributes">, string[]][])("%s", async (_, node, outputs) => {
    const nodes: NodeSpec[] = [
      { ...node, inputs: ["none"], outputs },
      { op: "Reshape", inputs: ["x", "t"], outputs: ["y"] },
    ];
    const error: unknown = await parseModel(chain(nodes, [ints("none", [], [0])], undefined, 18), "m").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AssayError);
  });

  it.each(["Sum", "Max", "Concat"])("%s with an operand left out does not end the process", async (op) => {
    const nodes: NodeSpec[] = [
      { op, inputs: ["c", ""], outputs: ["d"], attributes: op === "Concat" ? { axis: { int: 0 } } : {} },
      { op: "Add", inputs: ["x", "d"], outputs: ["y"] },
    ];
    await expect(parseModel(chain(nodes, [{ name: "c", dims: [1], data: [1] }]), "m")).rejects.toMatchObject({ code: "ONNX_MALFORMED" });
  });

  it("reports what onnxruntime cannot evaluate, and random operators", async () => {
    const nodes: NodeSpec[] = [
      { op: "Gather", inputs: ["c", "far"], outputs: ["g"], name: "gather" },
      { op: "RandomNormalLike", inputs: ["c"], outputs: ["r"], name: "random" },
      { op: "Add", inputs: ["x", "g"], outputs: ["a"] },
      { op: "Add", inputs: ["a", "r"], outputs: ["y"] },
    ];
    const bytes = chain(nodes, [{ name: "c", dims: [1], data: [1] }, ints("far", [7])]);
    await expect(parseModel(bytes, "m")).rejects.toThrow(/node "gather" \(Gather\): onnxruntime does not evaluate it(.|\n)*node "random"/);
  });
});
