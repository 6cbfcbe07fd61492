/** If, Loop and Scan whose course is constant, against onnxruntime; others are refused by name. */
import { describe, expect, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import { buildModel, type AttributeSpec, type GraphSpec, type NodeSpec, type TensorSpec, type ValueSpec } from "../support/onnxBuilder.js";
import { expectSameAsRuntime } from "./differential.js";

const flag = (name: string, value: number): TensorSpec => ({ name, dims: [], data: [value], type: "bool" });
const whole = (name: string, value: number): TensorSpec => ({ name, dims: [], data: [value], type: "int64" });
const real = (name: string, value: number): TensorSpec => ({ name, dims: [], data: [value] });
const x: ValueSpec = { name: "x", shape: [2, 3] };
const untyped = (...names: string[]): ValueSpec[] => names.map((name) => ({ name, type: null }));
const relu = (from: string, to: string): NodeSpec => ({ op: "Relu", inputs: [from], outputs: [to] });

function model(node: NodeSpec, initializers: readonly TensorSpec[] = [], before: readonly NodeSpec[] = [], inputs: readonly ValueSpec[] = [x]): Uint8Array {
  return buildModel({ inputs, outputs: untyped(...node.outputs), initializers, nodes: [...before, { name: "flow", ...node }], opset: 16 });
}

/** Reads x from around it; both branches use the same names inside. */
const branch = (op: string, constant: number): { readonly graph: GraphSpec } => ({
  graph: {
    inputs: [],
    outputs: untyped("out"),
    initializers: [real("c", constant)],
    nodes: [{ op, name: "inner", inputs: ["x", "c"], outputs: ["sum"] }, relu("sum", "out"), { op: "NoSuchOperator", inputs: ["x"], outputs: ["dead"] }],
  },
});

describe("If", () => {
  const attributes = { then_branch: branch("Add", 0.5), else_branch: branch("Mul", -2) };
  const choose: NodeSpec = { op: "If", inputs: ["c"], outputs: ["y"], attributes };

  it.each([0, 1])("takes the branch of a constant %i", async (value) => {
    // onnxruntime knows no operator of that name, even where nothing reads it.
    const runs = Object.fromEntries(Object.entries(attributes).map(([name, { graph }]) => [name, { graph: { ...graph, nodes: graph.nodes.slice(0, 2) } }]));
    await expectSameAsRuntime(model({ ...choose, attributes: runs }, [flag("c", value)]));
    expect((await parseModel(model(choose, [flag("c", value)]), "m")).outputs[0].shape).toEqual([2, 3]);
  });

  it("decides by shapes, one inside another", async () => {
    const inner: AttributeSpec = { graph: { inputs: [], outputs: untyped("r"), nodes: [relu("x", "r")] } };
    const outer: AttributeSpec = { graph: { inputs: [], outputs: untyped("o"), nodes: [{ op: "If", inputs: ["c"], outputs: ["o"], attributes: { then_branch: inner, else_branch: inner } }] } };
    const before: NodeSpec[] = [
      { op: "Size", inputs: ["x"], outputs: ["n"] },
      { op: "Equal", inputs: ["n", "six"], outputs: ["c"] },
    ];
    const same: NodeSpec = { op: "If", inputs: ["c"], outputs: ["y"], attributes: { then_branch: outer, else_branch: inner } };
    await expectSameAsRuntime(model(same, [whole("six", 6)], before));
  });

  it("gives several outputs, constants and outer values among them", async () => {
    const both: AttributeSpec = { graph: { inputs: [], outputs: untyped("k", "x2"), initializers: [real("k", 3)], nodes: [relu("x", "x2")] } };
    await expectSameAsRuntime(model({ op: "If", inputs: ["c"], outputs: ["a", "b"], attributes: { then_branch: both, else_branch: both } }, [flag("c", 1)]));
  });
});

describe("Loop and Scan", () => {
  /** s ← s·0.5 + iteration; scans s. */
  const body = (condition: NodeSpec): AttributeSpec => ({
    graph: {
      inputs: [{ name: "i", shape: [], type: "int64" }, { name: "go", shape: [], type: "bool" }, { name: "s", shape: [2, 3] }],
      outputs: untyped("on", "next", "scanned"),
      initializers: [real("half", 0.5), whole("two", 2)],
      nodes: [
        { op: "Cast", inputs: ["i"], outputs: ["f"], attributes: { to: { int: 1 } } },
        { op: "Mul", inputs: ["s", "half"], outputs: ["h"] },
        { op: "Add", inputs: ["h", "f"], outputs: ["next"] },
        relu("next", "scanned"),
        condition,
      ],
    },
  });
  const forever: NodeSpec = { op: "Identity", inputs: ["go"], outputs: ["on"] };

  it.each([
    ["a trip count", ["m", ""], forever],
    ["a trip count and a condition", ["m", "c"], { op: "Less", inputs: ["i", "two"], outputs: ["on"] }],
    ["a condition", ["", "c"], { op: "Less", inputs: ["i", "two"], outputs: ["on"] }],
  ] as [string, string[], NodeSpec][])("Loop with %s", async (_, given, condition) => {
    const loop: NodeSpec = { op: "Loop", inputs: [...given, "x"], outputs: ["y", "rows"], attributes: { body: body(condition) } };
    const graph = await expectSameAsRuntime(model(loop, [whole("m", 4), flag("c", 1)]));
    expect(graph.outputs[1].shape).toEqual([condition === forever ? 4 : 3, 2, 3]);
  });

  it("Loop over constants alone", async () => {
    const loop: NodeSpec = { op: "Loop", inputs: ["m", "", "start"], outputs: ["t", "rows"], attributes: { body: body(forever) } };
    const start: TensorSpec = { name: "start", dims: [2, 3], data: [1, 2, 3, 4, 5, 6] };
    const bytes = buildModel({ inputs: [x], outputs: untyped("y"), initializers: [whole("m", 3), start], nodes: [loop, { op: "Add", inputs: ["x", "t"], outputs: ["y"] }] });
    expect((await expectSameAsRuntime(bytes)).nodes.map((node) => node.operator)).toContain("AddConstant");
  });

  it.each([[{}], [{ scan_input_axes: { ints: [1] }, scan_input_directions: { ints: [1] }, scan_output_axes: { ints: [-1] }, scan_output_directions: { ints: [1] } }]])("Scan, %j", async (attributes) => {
    const width = "scan_input_axes" in attributes ? 2 : 3;
    const scanned: AttributeSpec = {
      graph: {
        inputs: [{ name: "s", shape: [width] }, { name: "row", shape: [width] }],
        outputs: untyped("sum", "copy"),
        nodes: [{ op: "Add", inputs: ["s", "row"], outputs: ["sum"] }, relu("sum", "copy")],
      },
    };
    const scan: NodeSpec = { op: "Scan", inputs: ["z", "x"], outputs: ["y", "rows"], attributes: { body: scanned, num_scan_inputs: { int: 1 }, ...attributes } };
    await expectSameAsRuntime(model(scan, [], [], [x, { name: "z", shape: [width] }]));
  });

  const empty: AttributeSpec = { graph: { inputs: [], outputs: [], nodes: [] } };
  const loop = (inputs: string[], attributes: NodeSpec["attributes"] = { body: body(forever) }): NodeSpec => ({ op: "Loop", inputs, outputs: ["y"], attributes });
  const count: ValueSpec = { name: "n", shape: [], type: "int64" };
  it.each([
    ["a computed trip count", loop(["n", "", "x"]), "ONNX_UNSUPPORTED", /trip count is computed from an input/],
    ["a computed condition", { op: "If", inputs: ["b"], outputs: ["y"], attributes: { then_branch: branch("Add", 1), else_branch: branch("Add", 2) } }, "ONNX_UNSUPPORTED", /condition is computed from an input/],
    ["a condition that becomes computed", loop(["m", "", "x"], { body: body({ op: "Greater", inputs: ["n", "i"], outputs: ["on"] }) }), "ONNX_UNSUPPORTED", /condition is computed/],
    ["no branch", { op: "If", inputs: ["c"], outputs: ["y"], attributes: { else_branch: branch("Add", 1) } }, "ONNX_MALFORMED", /then_branch is missing/],
    ["no body", loop(["m", "", "x"], {}), "ONNX_UNSUPPORTED", /body is missing/],
    ["a body of other inputs", loop(["m", ""]), "ONNX_MALFORMED", /takes 3 values, not 2/],
    ["an empty body", loop(["m", "", "x"], { body: empty }), "ONNX_MALFORMED", /takes 0 values/],
    ["no iteration but rows", { ...loop(["zero", "", "x"]), outputs: ["y", "rows"] }, "ONNX_UNSUPPORTED", /output 1 is not supported/],
    ["two million iterations", loop(["million", "", "x"]), "MODEL_TOO_LARGE", /more than 1024 iterations/],
    ["a condition of several elements", { op: "If", inputs: ["cc"], outputs: ["y"], attributes: { then_branch: branch("Add", 1), else_branch: branch("Add", 2) } }, "ONNX_MALFORMED", /no scalar/],
    ["an attribute from nowhere", loop(["m", "", "x"], { body: body(forever), bogus: { int: 1 } }), "ONNX_UNSUPPORTED", /bogus/],
    ["a name that nothing defines", { op: "If", inputs: ["c"], outputs: ["y"], attributes: { then_branch: { graph: { inputs: [], outputs: untyped("r"), nodes: [relu("gone", "r")] } }, else_branch: empty } }, "ONNX_MALFORMED", /reads "gone"/],
    ["a name defined twice", { op: "If", inputs: ["c"], outputs: ["y"], attributes: { then_branch: { graph: { inputs: [], outputs: untyped("r"), nodes: [relu("x", "r"), relu("x", "r")] } } } }, "ONNX_MALFORMED", /defined twice/],
    ["a node that reads itself", { op: "If", inputs: ["c"], outputs: ["y"], attributes: { then_branch: { graph: { inputs: [], outputs: untyped("r"), nodes: [relu("r", "r")] } } } }, "ONNX_MALFORMED", /nothing defines it/],
    ["a scan of nothing", { op: "Scan", inputs: ["x"], outputs: ["y"], attributes: { body: empty, num_scan_inputs: { int: 0 } } }, "ONNX_MALFORMED", /0 scanned inputs/],
  ] as [string, NodeSpec, string, RegExp][])("refuses %s", async (_, node, code, text) => {
    const initializers = [whole("m", 2), whole("zero", 0), whole("million", 2e6), flag("c", 1), { name: "cc", dims: [2], data: [1, 1], type: "bool" as const }];
    const bytes = model(node, initializers, [], [x, count, { name: "b", shape: [], type: "bool" }]);
    const error: unknown = await parseModel(bytes, "m").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "AssayError", code });
    expect((error as Error).message).toMatch(text);
  });

  it("refuses subgraphs nested too deep, and what cannot be decoded", async () => {
    let nested: AttributeSpec = empty;
    for (let depth = 0; depth < 12; depth++) {
      nested = { graph: { inputs: [], outputs: untyped("r"), nodes: [{ op: "If", inputs: ["c"], outputs: ["r"], attributes: { then_branch: nested } }] } };
    }
    const deep = model({ op: "If", inputs: ["c"], outputs: ["y"], attributes: { then_branch: nested } }, [flag("c", 1)]);
    await expect(parseModel(deep, "m")).rejects.toMatchObject({ code: "MODEL_TOO_LARGE" });
    const broken: AttributeSpec = { graph: { inputs: [], outputs: [], nodes: [], extraGraph: Uint8Array.from([0x0a, 0x7f]) } };
    await expect(parseModel(model({ op: "If", inputs: ["c"], outputs: ["y"], attributes: { then_branch: broken } }, [flag("c", 1)]), "m")).rejects.toMatchObject({ code: "ONNX_MALFORMED" });
  });
});
