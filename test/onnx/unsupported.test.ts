/** Valid ONNX that Assay does not take: every reason at once, by node name; and `inspectModel`. */
import { describe, expect, it } from "vitest";
import { inspectModel } from "../../src/onnx/inspect.js";
import { parseModel } from "../../src/onnx/read.js";
import { buildModel, oneNode, type ModelSpec } from "../support/onnxBuilder.js";

const MIXED: ModelSpec = {
  inputs: [{ name: "x", shape: ["N", 4] }],
  outputs: [{ name: "y", shape: ["N", 2] }],
  initializers: [{ name: "w", dims: [4, 2], data: [1, 2, 3, 4, 5, 6, 7, 8] }, { name: "c", dims: [2], data: [1, 2] }],
  nodes: [
    { op: "Unknowable", name: "first", inputs: ["x"], outputs: ["a"] },
    { op: "Relu", name: "fine", inputs: ["a"], outputs: ["b"] },
    { op: "NonZero", name: "places", inputs: ["b"], outputs: ["s"] },
    { op: "Fancy", name: "custom", domain: "com.example", inputs: ["s"], outputs: ["f"] },
    { op: "MatMul", inputs: ["f", "w"], outputs: ["m"] },
    { op: "If", name: "branch", inputs: ["m"], outputs: ["i"], attributes: { then_branch: { graph: true } } },
    { op: "Add", inputs: ["i", "c"], outputs: ["y"] },
  ],
};

describe("unsupported nodes", () => {
  it("are all listed at once", async () => {
    await expect(parseModel(buildModel(MIXED), "m.onnx")).rejects.toMatchObject({
      code: "ONNX_UNSUPPORTED",
      where: "m.onnx",
      message: [
        "4 parts of the model are not supported:",
        '  - node "first" (Unknowable): the operator is not supported',
        '  - node "places" (NonZero): the shape of its output depends on values computed from an input',
        '  - node "custom" (Fancy): custom operators (domain "com.example") are unknown',
        '  - node "branch" (If): its condition is computed from an input; what runs must be constant',
      ].join("\n"),
    });
  });

  it("do not stop inspection", async () => {
    const inspection = await inspectModel(buildModel(MIXED));
    expect(inspection).toMatchObject({
      opset: 17,
      producer: "onnxBuilder",
      inputs: [{ name: "x", shape: [1, 4], type: "float32" }],
      outputs: [{ name: "y", shape: undefined, type: "float32" }],
      parameters: 10,
      graph: undefined,
    });
    expect(inspection.nodes.map((node) => [node.name, node.operator, node.supported])).toEqual([
      ["first", "Unknowable", false],
      ["fine", "Relu", true],
      ["places", "NonZero", false],
      ["custom", "Fancy", false],
      ["MatMul_4", "MatMul", true],
      ["branch", "If", false],
      ["Add_6", "Add", true],
    ]);
    expect(inspection.nodes[0].reason).toBe("the operator is not supported");
    expect(inspection.problems).toHaveLength(4);
  });

  it("inspection of a supported model holds its graph", async () => {
    const inspection = await inspectModel(oneNode("MatMul", [1, 4], {}, [{ name: "w", dims: [4, 2], data: new Array<number>(8).fill(1) }]));
    expect(inspection.graph?.nodes).toHaveLength(1);
    expect(inspection.nodes).toEqual([
      { name: "n", operator: "MatMul", outputShape: [1, 2], parameters: 8, supported: true, folded: false },
    ]);
  });

  it.each([
    ["a computed weight", { op: "ConvTranspose", inputs: ["x", "x"] }, "its weight is computed from an input; it must be constant"],
    ["random numbers", { op: "RandomNormalLike", inputs: ["x"] }, "its output is random: a model must mean one thing"],
    ["a sequence", { op: "SequenceConstruct", inputs: ["x", "w"] }, "sequences and optional values are not supported"],
    ["a computed target shape", { op: "Reshape", inputs: ["x", "x"] }, "its target shape is computed from an input; it must be constant"],
  ])("%s", async (_, node, reason) => {
    const bytes = buildModel({
      inputs: [{ name: "x", shape: [4, 4] }],
      outputs: [{ name: "y" }],
      initializers: [{ name: "w", dims: [4, 4], data: new Array<number>(16).fill(1) }],
      nodes: [{ ...node, name: "n", outputs: ["y"] }],
    });
    await expect(parseModel(bytes, "m")).rejects.toThrow(`node "n" (${node.op}): ${reason}`);
  });
});

describe("unsupported files", () => {
  const relu = { op: "Relu", inputs: ["x"], outputs: ["y"] };
  const withInput = (input: ModelSpec["inputs"][number]): Uint8Array => buildModel({ inputs: [input], outputs: [{ name: "y" }], nodes: [relu] });
  it.each([
    ["a dynamic height", withInput({ name: "x", shape: ["N", 1, "height", 28] }), 'dim 2 ("height") has no fixed size'],
    ["a missing dim", withInput({ name: "x", shape: ["N", null] }), "dim 1 has no fixed size"],
    ["a dim of -1 beside the batch", withInput({ name: "x", shape: [1, -1] }), "dim 1 has no fixed size"],
    ["an unknown rank", withInput({ name: "x" }), "its shape is not declared"],
    ["strings", withInput({ name: "x", shape: [1], type: "string" }), "elements of string"],
    ["an input that is no tensor", withInput({ name: "x", type: null }), "its type is no tensor"],
    ["opset 6", oneNode("Relu", [1, 2], {}, [], 6), "opset 6; known are 7 to 26"],
    ["opset 27", oneNode("Relu", [1, 2], {}, [], 27), "opset 27; known are 7 to 26"],
    ["external data", oneNode("Add", [1, 2], {}, [{ name: "w", dims: [2], data: [], external: true }]), 'tensor "w": its data lie in another file'],
    ["string constants", oneNode("Add", [1, 2], {}, [{ name: "w", dims: [2], data: new Uint8Array(), type: "string" }]), 'tensor "w": elements of string'],
  ])("%s", async (_, bytes, text) => {
    const error: unknown = await parseModel(bytes, "m").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "ONNX_UNSUPPORTED" });
    expect(String(error)).toContain(text);
  });

  it.each([[["N", 4]], [[-1, 4]], [[0, 4]], [[null, 4]]])("a dynamic batch %j becomes 1", async (shape) => {
    expect((await parseModel(withInput({ name: "x", shape }), "m")).inputs[0].shape).toEqual([1, 4]);
  });

  it("a fixed batch stays", async () => {
    expect((await parseModel(withInput({ name: "x", shape: [3, 4] }), "m")).outputs[0].shape).toEqual([3, 4]);
  });
});
