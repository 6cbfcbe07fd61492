/** Each operator's meaning against onnxruntime, and what it refuses. */
import { describe, expect, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import { buildModel, oneNode, rawBytes, type AttributeSpec, type NodeSpec, type TensorSpec } from "../support/onnxBuilder.js";
import { expectSameAsRuntime, seededRandom } from "./differential.js";

function tensor(name: string, dims: readonly number[], seed = 7): TensorSpec {
  const random = seededRandom(seed);
  return { name, dims, data: Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => 2 * random() - 1) };
}

const target = (values: readonly number[]): TensorSpec => ({ name: "shape", dims: [values.length], data: values, type: "int64" });

describe("Gemm and MatMul", () => {
  it.each([
    ["plain", { transB: { int: 0 } }, [5, 4], [4]],
    ["transB, alpha and beta", { transB: { int: 1 }, alpha: { float: 0.5 }, beta: { float: -2 } }, [4, 5], [1, 4]],
    ["alpha alone", { alpha: { float: 3 } }, [5, 4], []],
    ["beta of zero", { beta: { float: 0 } }, [5, 4], [3, 4]],
  ] as [string, Record<string, AttributeSpec>, number[], number[]][])("Gemm, %s", async (_, attributes, weight, bias) => {
    const graph = await expectSameAsRuntime(oneNode("Gemm", [3, 5], attributes, [tensor("w", weight), tensor("c", bias)]));
    expect(graph.nodes[0].operator).toBe("Linear");
  });

  it("Gemm without addend", async () => {
    await expectSameAsRuntime(oneNode("Gemm", [1, 5], {}, [tensor("w", [5, 2])]));
  });

  it("Gemm of two activations, and with the constant on the left", async () => {
    const inputs = [{ name: "x", shape: [4, 2] }, { name: "z", shape: [3, 4] }];
    const attributes: Record<string, AttributeSpec> = { transA: { int: 1 }, transB: { int: 1 }, alpha: { float: 0.5 }, beta: { float: 2 } };
    const model = (names: string[], initializers: TensorSpec[]): Uint8Array => {
      const given = inputs.filter(({ name }) => !initializers.some((constant) => constant.name === name));
      return buildModel({ inputs: given, outputs: [{ name: "y" }], initializers, nodes: [{ op: "Gemm", inputs: names, outputs: ["y"], attributes }] });
    };
    await expectSameAsRuntime(model(["x", "z", "c"], [tensor("c", [3])]));
    await expectSameAsRuntime(model(["x", "z"], [tensor("x", [4, 2])]));
  });

  it.each([
    [[4], [4, 3]],
    [[2, 4], [4, 3]],
    [[2, 3, 4], [4, 3]],
    [[2, 3, 4], [1, 4, 5]],
    [[2, 4], [4]],
    [[2, 3, 4], [2, 4, 3]],
    [[3, 4], [2, 4, 3]],
    [[2, 1, 3, 4], [3, 4, 2]],
  ])("MatMul of %j by a constant %j", async (input, weight) => {
    await expectSameAsRuntime(oneNode("MatMul", input, {}, [tensor("w", weight)]));
    const bytes = (inputs: readonly string[], shape: readonly number[]): Uint8Array =>
      buildModel({ inputs: [{ name: "x", shape: input }, { name: "z", shape }], outputs: [{ name: "y" }], nodes: [{ op: "MatMul", inputs, outputs: ["y"] }] });
    await expectSameAsRuntime(bytes(["x", "z"], weight));
  });

  it.each([
    ["MatMul", [2, 4], [5, 3], {}, "ONNX_SHAPE"],
    ["MatMul", [2, 4], [], {}, "ONNX_SHAPE"],
    ["MatMul", [2, 3, 4], [3, 4, 3], {}, "ONNX_SHAPE"],
    ["Gemm", [2, 4], [4, 3], { transA: { int: 1 } }, "ONNX_SHAPE"],
    ["Gemm", [2, 4], [5, 3], {}, "ONNX_SHAPE"],
    ["Gemm", [2, 4, 1], [4, 3], {}, "ONNX_SHAPE"],
  ] as [string, number[], number[], Record<string, AttributeSpec>, string][])("%s of %j by %j %j: %s", async (op, input, weight, attributes, code) => {
    await expect(parseModel(oneNode(op, input, attributes, [tensor("w", weight)]), "m")).rejects.toMatchObject({ code });
  });
});

describe("elementwise and normalisation", () => {
  it.each([[[3, 1, 2]], [[]], [[2]], [[1, 3, 4, 2]]])("Add and Mul with a constant of %j", async (dims) => {
    expect((await expectSameAsRuntime(oneNode("Add", [1, 3, 4, 2], {}, [tensor("c", dims)]))).nodes[0].operator).toBe("AddConstant");
    expect((await expectSameAsRuntime(oneNode("Mul", [1, 3, 4, 2], {}, [tensor("c", dims)]))).nodes[0].operator).toBe("MulConstant");
  });

  it("takes the constant on the left, and two activations that broadcast", async () => {
    const nodes: NodeSpec[] = [
      { op: "Mul", inputs: ["c", "x"], outputs: ["a"] },
      { op: "Add", inputs: ["a", "z"], outputs: ["b"] },
      { op: "Add", inputs: ["b", "b"], outputs: ["y"] },
    ];
    const inputs = [{ name: "x", shape: [1, 3, 1] }, { name: "z", shape: ["N", 1, 4] }];
    const bytes = buildModel({ inputs, outputs: [{ name: "y" }], initializers: [tensor("c", [3, 1])], nodes });
    expect((await expectSameAsRuntime(bytes)).outputs[0].shape).toEqual([1, 3, 4]);
  });

  it.each([7, 9, 14, 17])("BatchNormalization, opset %i", async (opset) => {
    const statistics = [tensor("scale", [3], 1), tensor("b", [3], 2), tensor("mean", [3], 3), { name: "var", dims: [3], data: [0.5, 2, 1e-3] }];
    const attributes = { epsilon: { float: 1e-3 }, momentum: { float: 0.9 } };
    const graph = await expectSameAsRuntime(oneNode("BatchNormalization", [2, 3, 4, 4], attributes, statistics, opset));
    expect(graph.nodes[0].operator).toBe("ChannelAffine");
    expect([...graph.constants.values()].map((constant) => constant.shape)).toEqual([[3], [3]]);
  });

  it("GlobalAveragePool and Relu", async () => {
    await expectSameAsRuntime(oneNode("GlobalAveragePool", [1, 3, 5, 4]));
    await expectSameAsRuntime(oneNode("Relu", [1, 3, 5, 4]));
  });
});

describe("ReduceMean", () => {
  const axesOf = (axes: readonly number[]): TensorSpec => ({ name: "axes", dims: [axes.length], data: axes, type: "int64" });

  const AXES = [[1], [-1], [0, 2], [2, 3], [-2, 1], [0, 1, 2, 3]];

  it.each([0, 1])("with keepdims %i and axes as an attribute, up to opset 17", async (keepdims) => {
    for (const axes of AXES) {
      const graph = await expectSameAsRuntime(oneNode("ReduceMean", [2, 3, 4, 5], { axes: { ints: axes }, keepdims: { int: keepdims } }, [], 13));
      expect(graph.nodes[0].operator).toBe("ReduceSum");
    }
  });

  it.each([0, 1])("with keepdims %i and axes as an operand, from opset 18 on", async (keepdims) => {
    for (const axes of AXES) {
      const graph = await expectSameAsRuntime(oneNode("ReduceMean", [2, 3, 4, 5], { keepdims: { int: keepdims } }, [axesOf(axes)], 18));
      expect(graph.nodes[0].operator).toBe("ReduceSum");
    }
  });

  it("over all axes when none is named", async () => {
    await expectSameAsRuntime(oneNode("ReduceMean", [2, 3, 4], {}, [], 13));
    await expectSameAsRuntime(oneNode("ReduceMean", [2, 3, 4], { keepdims: { int: 0 } }, [], 18));
  });

  it("over all axes or over none where the list is empty", async () => {
    await expectSameAsRuntime(oneNode("ReduceMean", [2, 3, 4], {}, [axesOf([])], 18));
    const graph = await expectSameAsRuntime(oneNode("ReduceMean", [2, 3, 4], { noop_with_empty_axes: { int: 1 } }, [axesOf([])], 18));
    expect(graph.nodes[0].operator).toBe("Identity");
  });

  it.each([
    [[3], "ONNX_SHAPE"],
    [[-4], "ONNX_SHAPE"],
    [[1, 1], "ONNX_MALFORMED"],
    [[0, -3], "ONNX_MALFORMED"],
  ] as [number[], string][])("refuses axes %j of three: %s", async (axes, code) => {
    await expect(parseModel(oneNode("ReduceMean", [2, 3, 4], { axes: { ints: axes } }, [], 13), "m")).rejects.toMatchObject({ code, where: 'node "n"' });
    await expect(parseModel(oneNode("ReduceMean", [2, 3, 4], {}, [axesOf(axes)], 18), "m")).rejects.toMatchObject({ code, where: 'node "n"' });
  });
});

describe("layout", () => {
  it.each([0, 1, 2, 3, -1])("Flatten at axis %i", async (axis) => {
    await expectSameAsRuntime(oneNode("Flatten", [2, 3, 4], { axis: { int: axis } }));
  });

  it.each([[[0, -1]], [[6, 4]], [[2, 0, 2, 2]], [[-1]]])("Reshape to %j", async (shape) => {
    await expectSameAsRuntime(oneNode("Reshape", [2, 3, 4], {}, [target(shape)]));
  });

  it.each([[[5, 5]], [[-1, -1]], [[-1, 7]], [[0, 0, 0, 0]], [[2, -2, 3]], [[0, -1], 1]])("refuses to reshape to %j", async (shape, allowzero = 0) => {
    const bytes = oneNode("Reshape", [2, 3, 4], { allowzero: { int: allowzero } }, [target(shape)]);
    await expect(parseModel(bytes, "m")).rejects.toMatchObject({ code: "ONNX_SHAPE", where: 'node "n"' });
  });

  it("Transpose, with and without perm", async () => {
    await expectSameAsRuntime(oneNode("Transpose", [2, 3, 4]));
    await expectSameAsRuntime(oneNode("Transpose", [2, 3, 4], { perm: { ints: [2, 0, 1] } }));
    const bytes = oneNode("Transpose", [2, 3, 4], { perm: { ints: [0, 0, 1] } });
    await expect(parseModel(bytes, "m")).rejects.toMatchObject({ code: "ONNX_SHAPE" });
  });

  it("Identity and Dropout", async () => {
    await expectSameAsRuntime(oneNode("Identity", [2, 3]));
    const graph = await expectSameAsRuntime(oneNode("Dropout", [2, 3], {}, [{ name: "ratio", dims: [], data: [0.5] }]));
    expect(graph.nodes[0].operator).toBe("Identity");
  });
});

describe("constants", () => {
  const VALUES = [1, 2, 100];
  it.each(["float", "double", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"] as const)("of type %s, raw and typed", async (type) => {
    for (const form of ["raw", "typed"] as const) {
      const c: TensorSpec = { name: "c", dims: [3], data: VALUES, type, form };
      const nodes: NodeSpec[] = [
        { op: "Cast", inputs: ["c"], outputs: ["f"], attributes: { to: { int: 1 } } },
        { op: "Add", inputs: ["x", "f"], outputs: ["y"] },
      ];
      const bytes = buildModel({ inputs: [{ name: "x", shape: [1, 3] }], outputs: [{ name: "y" }], initializers: [c], nodes });
      const graph = await expectSameAsRuntime(bytes);
      expect(Array.from(graph.constants.get("f")?.data ?? [])).toEqual(VALUES);
    }
  });

  it("of float16, subnormal and normal", async () => {
    const c: TensorSpec = { name: "c", dims: [5], data: [0x3c00, 0xc000, 0x0001, 0x7bff, 0x8000], type: "float16" };
    const nodes: NodeSpec[] = [{ op: "Add", inputs: ["x", "c"], outputs: ["y"] }];
    const inputs = [{ name: "x", shape: [1, 5], type: "float16" as const }];
    const graph = await parseModel(buildModel({ inputs, outputs: [{ name: "y", type: "float16" }], initializers: [c], nodes }), "m");
    expect(Array.from(graph.constants.get("c")?.data ?? [])).toEqual([1, -2, 2 ** -24, 65504, -0]);
  });

  it("of bfloat16, folded to float", async () => {
    const c: TensorSpec = { name: "c", dims: [2], data: [0x3f80, 0xc040], type: "bfloat16", form: "typed" };
    const nodes: NodeSpec[] = [
      { op: "Cast", inputs: ["c"], outputs: ["f"], attributes: { to: { int: 1 } } },
      { op: "Add", inputs: ["x", "f"], outputs: ["y"] },
    ];
    const bytes = buildModel({ inputs: [{ name: "x", shape: [1, 2] }], outputs: [{ name: "y" }], initializers: [c], nodes });
    expect(Array.from((await parseModel(bytes, "m")).constants.get("f")?.data ?? [])).toEqual([1, -3]);
  });

  it.each([
    ["value", { tensor: { name: "", dims: [2], data: [1, 2] } }, [1, 2]],
    ["value_float", { float: 1.5 }, [1.5]],
    ["value_floats", { floats: [1.5, -2] }, [1.5, -2]],
  ] as [string, AttributeSpec, number[]][])("by a Constant's %s", async (name, value, expected) => {
    const nodes: NodeSpec[] = [
      { op: "Constant", inputs: [], outputs: ["c"], attributes: { [name]: value } },
      { op: "Add", inputs: ["x", "c"], outputs: ["y"] },
    ];
    const bytes = buildModel({ inputs: [{ name: "x", shape: [1, 2] }], outputs: [{ name: "y" }], nodes });
    const graph = await expectSameAsRuntime(bytes);
    expect(Array.from(graph.constants.get("c")?.data ?? [])).toEqual(expected);
  });

  it.each([
    ["value_int", { int: -1 }, "unsqueezed"],
    ["value_ints", { ints: [3, -1] }, "plain"],
  ] as [string, AttributeSpec, string][])("by a Constant's %s, as a target shape", async (name, value, form) => {
    const nodes: NodeSpec[] = [
      { op: "Constant", inputs: [], outputs: ["c"], attributes: { [name]: value } },
      ...(form === "plain" ? [] : [{ op: "Unsqueeze", inputs: ["c", "axes"], outputs: ["v"] }]),
      { op: "Reshape", inputs: ["x", form === "plain" ? "c" : "v"], outputs: ["y"] },
    ];
    const axes: TensorSpec = { name: "axes", dims: [1], data: [0], type: "int64" };
    await expectSameAsRuntime(buildModel({ inputs: [{ name: "x", shape: [1, 6] }], outputs: [{ name: "y" }], initializers: [axes], nodes }));
  });

  it.each([NaN, Infinity, -Infinity])("refuses %s in a weight, by name", async (value) => {
    const bytes = oneNode("Add", [1, 2], {}, [{ name: "weight", dims: [2], data: rawBytes([1, value], "float") }]);
    await expect(parseModel(bytes, "m")).rejects.toMatchObject({ code: "ONNX_MALFORMED", where: 'tensor "weight"' });
  });
});
