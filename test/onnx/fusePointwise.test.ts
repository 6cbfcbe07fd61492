/** Chains that exporters write for one function, and what must not be fused. */
import { describe, expect, it } from "vitest";
import type { Graph } from "../../src/onnx/graph.js";
import { buildModel, type NodeSpec, type TensorSpec } from "../support/onnxBuilder.js";
import { expectSameAsRuntime } from "./differential.js";

const SHAPE = [2, 3, 4];

const number = (name: string, value: number): TensorSpec => ({ name, dims: [], data: [value] });
const CONSTANTS = [number("half", 0.5), number("one", 1), number("two", 2), number("three", 3), number("root2", Math.SQRT2), number("six", 6), number("zero", 0), number("k", 0.044715), number("c", Math.sqrt(2 / Math.PI)), number("eps", 1e-3)];
const VECTOR: TensorSpec = { name: "v", dims: [4], data: [1, 2, 3, 4] };
const AXES: TensorSpec = { name: "axes", dims: [1], data: [-1], type: "int64" };

/** Nodes as `output = Op(input, ...)`; outputs of the model are those named y*. */
function chain(...lines: readonly string[]): Uint8Array {
  const nodes = lines.map((line): NodeSpec => {
    const [, output, op, inputs] = /^(\w+) = (\w+)\((.*)\)$/.exec(line) ?? [];
    return { op, inputs: inputs.split(", "), outputs: [output] };
  });
  const outputs = nodes.flatMap((node) => node.outputs).filter((name) => name.startsWith("y")).map((name) => ({ name, type: null }));
  return buildModel({ inputs: [{ name: "x", shape: SHAPE }], outputs, initializers: [...CONSTANTS, VECTOR, AXES], nodes, opset: 18 });
}

async function operators(...lines: readonly string[]): Promise<string[]> {
  return (await graphOf(...lines)).nodes.map((node) => node.operator);
}

function graphOf(...lines: readonly string[]): Promise<Graph> {
  return expectSameAsRuntime(chain(...lines), { range: [-3, 3] });
}

describe("one function", () => {
  it.each([
    ["GELU by erf", ["d = Div(x, root2)", "e = Erf(d)", "p = Add(e, one)", "m = Mul(x, p)", "y = Mul(m, half)"]],
    ["GELU by tanh", ["q = Pow(x, three)", "k1 = Mul(q, k)", "s = Add(x, k1)", "t = Mul(s, c)", "h = Tanh(t)", "p = Add(h, one)", "m = Mul(x, half)", "y = Mul(m, p)"]],
    ["GELU by tanh of products", ["x2 = Mul(x, x)", "q = Mul(x2, x)", "k1 = Mul(q, k)", "s = Add(x, k1)", "t = Mul(s, c)", "h = Tanh(t)", "p = Add(h, one)", "m = Mul(x, half)", "y = Mul(m, p)"]],
    ["SiLU", ["s = Sigmoid(x)", "y = Mul(x, s)"]],
    ["Mish", ["s = Softplus(x)", "t = Tanh(s)", "y = Mul(x, t)"]],
    ["hard swish", ["a = Add(x, three)", "c1 = Clip(a, zero, six)", "m = Mul(x, c1)", "y = Div(m, six)"]],
    ["a difference from a constant", ["s = Sigmoid(x)", "y = Sub(one, s)"]],
    ["ReLU and a root", ["r = Relu(x)", "e = Add(r, eps)", "y = Sqrt(e)"]],
  ] as [string, string[]][])("%s", async (_, lines) => {
    expect(await operators(...lines)).toEqual(["Function"]);
  });

  it("keeps the name of the last node and the value, and names its functions", async () => {
    const { nodes, constants } = await graphOf("s = Softplus(x)", "t = Tanh(s)", "y = Mul(x, t)");
    expect(nodes).toMatchObject([{ name: "Mul_2", output: "y", input: "x", function: { name: "softplus and tanh" } }]);
    expect(constants.size).toBe(0);
  });

  it("of a value inside the model", async () => {
    expect(await operators("a = Add(x, v)", "s = Sigmoid(a)", "m = Mul(a, s)", "y = Mul(m, v)")).toEqual(["AddConstant", "Function", "MulConstant"]);
  });

  it("1/sqrt(variance + epsilon) in a LayerNormalization that is written out, with precise sums", async () => {
    const graph = await graphOf("m = ReduceMean(x, axes)", "d = Sub(x, m)", "q = Pow(d, two)", "w = ReduceMean(q, axes)", "e = Add(w, eps)", "r = Sqrt(e)", "y = Div(d, r)");
    expect(graph.nodes.map(({ operator, precise }) => [operator, precise ?? false])).toEqual([
      ["ReduceSum", true], ["Add", false], ["Mul", false], ["ReduceSum", true], ["Function", true], ["Mul", false],
    ]);
  });

  it("a softmax that is written out has precise sums", async () => {
    const graph = await graphOf("e = Exp(x)", "s = ReduceSum(e, axes)", "y = Div(e, s)");
    expect(graph.nodes.map(({ operator, precise }) => [operator, precise ?? false])).toEqual([
      ["Function", true], ["ReduceSum", true], ["Function", true], ["Mul", false],
    ]);
  });
});

describe("several nodes", () => {
  it("polynomials", async () => {
    expect(await operators("q = Mul(x, x)", "a = Add(q, x)", "y = Mul(a, two)")).toEqual(["Mul", "Add", "MulConstant"]);
  });

  it("functions of two values", async () => {
    expect(await operators("a = Mul(x, v)", "s = Sigmoid(a)", "y = Mul(x, s)")).toEqual(["MulConstant", "Function", "Mul"]);
  });

  it("a value that stays anyway saves nothing", async () => {
    expect(await operators("y1 = Sigmoid(x)", "y2 = Tanh(y1)")).toEqual(["Function", "Function"]);
    expect(await operators("s = Sigmoid(x)", "t = Tanh(s)", "a = Mul(s, v)", "y1 = Mul(t, v)", "y2 = Mul(a, v)")).toEqual(["Function", "Function", "MulConstant", "MulConstant", "MulConstant"]);
  });

  it("an intermediate output stays beside the function", async () => {
    const { nodes } = await graphOf("y1 = Add(x, one)", "s = Sigmoid(y1)", "y2 = Mul(s, two)");
    expect(nodes).toMatchObject([{ operator: "AddConstant" }, { operator: "Function", input: "x", output: "y2" }]);
  });

  it("steps keep their own argument", async () => {
    const { nodes } = await graphOf("a = Mul(x, two)", "f = Floor(a)", "y = Mul(f, half)");
    expect(nodes).toMatchObject([{ operator: "MulConstant" }, { operator: "Function", function: { snap: true } }]);
  });

  it("chains longer than one function holds", async () => {
    const length = 200;
    const lines = Array.from({ length }, (_, i) => `${i === length - 1 ? "y" : `a${i}`} = ${i % 2 === 0 ? "Tanh" : "Sin"}(${i === 0 ? "x" : `a${i - 1}`})`);
    const count = (await operators(...lines)).length;
    expect(count).toBeGreaterThan(2);
    expect(count).toBeLessThan(6);
  });
});
