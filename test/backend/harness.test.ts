/** The harness itself: which inputs become constants, and that a wrong output does not pass. */
import { describe, expect, it } from "vitest";
import { decodeMessage } from "../../src/onnx/schema.js";
import { buildModel, concat, integer, type ModelSpec, message, rawBytes, type TypeName, TYPES } from "../support/onnxBuilder.js";
import { bake } from "./bake.js";
import { outcomeOf } from "./runTest.js";
import { type BackendTest, graphOf } from "./suite.js";

function tensor(shape: readonly number[], values: readonly number[], type: TypeName = "float"): Uint8Array {
  return concat([...shape.map((dim) => integer(1, dim)), integer(2, TYPES[type]), message(9, rawBytes(values, type))]);
}

function backendTest(spec: ModelSpec, inputs: readonly Uint8Array[], outputs: readonly Uint8Array[]): BackendTest {
  return { model: decodeMessage(buildModel(spec)), inputs, outputs };
}

const RELU: ModelSpec = {
  inputs: [{ name: "x", shape: [1, 4] }],
  outputs: [{ name: "y", shape: [1, 4] }],
  nodes: [{ op: "Relu", inputs: ["x"], outputs: ["y"] }],
};

const VALUES = [-1, 0.25, 0.5, 1];

describe("baking", () => {
  const inputsLeft = (spec: ModelSpec): string[] => {
    const inputs = spec.inputs.map(({ type }) => tensor([1], [1], type ?? "float"));
    const baked = bake(backendTest(spec, inputs, spec.outputs.map(() => tensor([1], [1]))));
    const graph = graphOf(decodeMessage(baked.bytes));
    expect(graph.input.map(({ name }) => name)).toEqual([...baked.inputs.keys()]);
    expect(graph.initializer.map(({ name }) => name).sort()).toEqual(spec.inputs.map(({ name }) => name).filter((name) => !baked.inputs.has(name)).sort());
    return [...baked.inputs.keys()];
  };
  const int64 = (name: string): ModelSpec["inputs"][number] => ({ name, shape: [1], type: "int64" });
  const float = (name: string): ModelSpec["inputs"][number] => ({ name, shape: [1] });

  it("makes operands of the tables constant, and nothing else", () => {
    const node = (op: string, ...inputs: string[]): ModelSpec => ({ inputs: inputs.map(float), outputs: [{ name: "y" }], nodes: [{ op, inputs, outputs: ["y"] }] });
    expect(inputsLeft(node("Conv", "x", "w", "b"))).toEqual(["x"]);
    expect(inputsLeft(node("Gather", "x", "i"))).toEqual(["x", "i"]);
    expect(inputsLeft(node("Range", "a", "b", "c"))).toEqual([]);
  });

  it("follows shapes back to the inputs that they are computed from, but not through Shape", () => {
    const spec: ModelSpec = {
      inputs: [float("x"), float("like"), int64("n")],
      outputs: [{ name: "y" }],
      nodes: [
        { op: "Shape", inputs: ["like"], outputs: ["s"] },
        { op: "Mul", inputs: ["s", "n"], outputs: ["m"] },
        { op: "Reshape", inputs: ["x", "m"], outputs: ["r"] },
        { op: "Add", inputs: ["r", "like"], outputs: ["y"] },
      ],
    };
    expect(inputsLeft(spec)).toEqual(["x", "like"]);
  });

  it("does not follow scales: they may be computed from the input", () => {
    const nodes = [
      { op: "ReduceMax", inputs: ["x"], outputs: ["s"] },
      { op: "QuantizeLinear", inputs: ["x", "s", "z"], outputs: ["y"] },
    ];
    expect(inputsLeft({ inputs: [float("x"), { name: "z", shape: [1], type: "uint8" }], outputs: [{ name: "y" }], nodes })).toEqual(["x"]);
  });

  it("brings old models to operator set 7", () => {
    const spec: ModelSpec = {
      ...RELU,
      opset: 6,
      initializers: [{ name: "c", dims: [3], data: [1, 2, 3] }],
      inputs: [{ name: "x", shape: [2, 3, 4] }],
      nodes: [
        { op: "PRelu", inputs: ["x", "c"], outputs: ["p"] },
        { op: "Add", inputs: ["p", "p"], outputs: ["y"], attributes: { broadcast: { int: 1 }, axis: { int: 0 } } },
      ],
    };
    const model = decodeMessage(bake(backendTest(spec, [tensor([2, 3, 4], Array<number>(24).fill(1))], [tensor([1], [1])])).bytes);
    expect(model.opsetImport.map(({ version }) => Number(version.toString()))).toEqual([7]);
    expect(graphOf(model).node[1].attribute).toEqual([]);
    expect(graphOf(model).initializer[0].dims.map(String)).toEqual(["3", "1"]);
  });
});

describe("comparing", () => {
  const relu = (expected: readonly number[], shape: readonly number[] = [1, 4]): BackendTest => backendTest(RELU, [tensor([1, 4], VALUES)], [tensor(shape, expected)]);

  it("passes what lies within one step", async () => {
    const outcome = await outcomeOf(relu([0, 0.25, 0.5, 1]));
    expect(outcome).toMatchObject({ status: "pass" });
  });

  it.each([
    ["a value off by a fiftieth", relu([0, 0.27, 0.5, 1]), /element 1 .* instead of 0\.27/],
    ["another shape", relu([0, 0.25, 0.5, 1], [4, 1]), /is \[1,4\] instead of \[4,1\]/],
    ["a step too coarse for the values", relu([0, 1e-4, 0, 0]), /element 3/],
    ["another element type", backendTest(RELU, [tensor([1, 4], VALUES)], [tensor([1, 4], [0, 0, 0, 1], "int32")]), /ONNX|scale .* for integers/],
  ])("fails %s", async (_, test, reason) => {
    const outcome = await outcomeOf(test);
    expect(outcome).toMatchObject({ status: "fail", reason: expect.stringMatching(reason) as unknown });
  });

  it("tells an unsupported operator apart", async () => {
    const spec: ModelSpec = { ...RELU, nodes: [{ op: "NoSuchOperator", inputs: ["x"], outputs: ["y"] }] };
    expect(await outcomeOf(backendTest(spec, [tensor([1, 4], VALUES)], [tensor([1, 4], VALUES)]))).toMatchObject({ status: "unsupported" });
  });
});
