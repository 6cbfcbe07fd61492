/** Graphs that random ones seldom are: degenerate shapes, names, ranges and outputs. */
import { describe, expect, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import { execute, outputsOf } from "../../src/program/executor.js";
import { ProgramBuilder } from "../../src/quantize/builder.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { addDraft } from "../../src/quantize/heads/add.js";
import { identityFold } from "../../src/quantize/heads/draft.js";
import { chooseDomain } from "../../src/quantize/nodes/function.js";
import { WIDE_QUANTIZE } from "../../src/quantize/precision.js";
import { quantizeGraph } from "../../src/quantize/quantize.js";
import { Draw } from "../program/seeded.js";
import { buildModel, type AttributeSpec, type ModelSpec, type NodeSpec, type TensorSpec, type TypeName, TYPES } from "../support/onnxBuilder.js";
import { COARSE, compare, FINE } from "./compare.js";

function node(op: string, inputs: readonly string[], output: string, attributes: Record<string, AttributeSpec> = {}): NodeSpec {
  return { op, name: `/${output}/${op}`, inputs, outputs: [output], attributes };
}

function weights(name: string, dims: readonly number[], seed = 3, magnitude = 0.7): TensorSpec {
  const draw = new Draw(seed);
  return { name, dims, data: draw.list(dims.reduce((a, b) => a * b, 1), () => draw.real(-magnitude, magnitude)) };
}

function model(shape: readonly number[], nodes: readonly NodeSpec[], initializers: readonly TensorSpec[], outputs = ["y"]): ModelSpec {
  return { inputs: [{ name: "x", shape }], outputs: outputs.map((name) => ({ name })), nodes, initializers };
}

async function expectClose(spec: ModelSpec, limit = 2): Promise<void> {
  for (const seed of [1, 2]) {
    for (const { worst, errors } of await compare(buildModel(spec), [FINE, COARSE], seed)) {
      expect(worst, JSON.stringify([...errors])).toBeLessThan(limit);
    }
  }
}

describe("constants that widen a value", () => {
  it.each([
    ["one element, more axes", [1, 1, 1], [0.5]],
    ["one a channel, more axes", [1, 1, 3], [0.5, -0.2, 0.9]],
    ["the same everywhere, a longer axis", [2, 3], new Array<number>(6).fill(0.5)],
    ["the same everywhere, a longer new axis", [2, 1, 3], new Array<number>(6).fill(0.5)],
  ])("after a Gemm: %s", async (_, dims, data) => {
    for (const op of ["Mul", "Add"]) {
      await expectClose(model([1, 4], [node("Gemm", ["x", "w"], "g"), node(op, ["g", "c"], "y")], [weights("w", [4, 3]), { name: "c", dims, data }]));
    }
  });

  it("of an input, then used by what needs the new rank", async () => {
    const nodes = [node("Mul", ["x", "c"], "m"), node("Conv", ["m", "w"], "y")];
    await expectClose(model([3, 5], nodes, [{ name: "c", dims: [1, 1, 1], data: [-0.8] }, weights("w", [2, 3, 2])]));
  });

  it("of a batch of 1, by a constant that is the same everywhere, before a Flatten", async () => {
    const nodes = [node("Mul", ["x", "c"], "m"), node("Flatten", ["m"], "f"), node("Gemm", ["f", "w"], "y")];
    await expectClose(model([1, 2, 3], nodes, [{ name: "c", dims: [2, 1, 1], data: [0.5, 0.5] }, weights("w", [6, 2])]));
  });
});

describe("degenerate shapes", () => {
  it("adds, multiplies and rectifies scalars", async () => {
    const nodes = [node("Mul", ["x", "c"], "m"), node("Add", ["m", "c"], "a"), node("Relu", ["a"], "y")];
    await expectClose(model([], nodes, [{ name: "c", dims: [], data: [0.75] }]));
  });

  it("adds a scalar activation to a tensor", async () => {
    const spec: ModelSpec = {
      inputs: [{ name: "x", shape: [1, 2, 3] }, { name: "s", shape: [] }],
      outputs: [{ name: "y" }],
      nodes: [node("Add", ["s", "x"], "y")],
    };
    await expectClose(spec);
  });

  it("multiplies a vector by a matrix", async () => {
    await expectClose(model([5], [node("MatMul", ["x", "w"], "m"), node("Relu", ["m"], "y")], [weights("w", [5, 3])]));
  });

  it("adds activations of different rank after channels moved", async () => {
    const spec: ModelSpec = {
      inputs: [{ name: "x", shape: [1, 3, 4, 5] }, { name: "z", shape: [4, 1] }],
      outputs: [{ name: "y" }],
      nodes: [node("Conv", ["x", "w"], "c"), node("Add", ["z", "c"], "a"), node("Relu", ["a"], "y")],
      initializers: [weights("w", [2, 3, 1, 1])],
    };
    await expectClose(spec);
  });
});

describe("graph structure", () => {
  it("refuses two nodes of one name, as onnxruntime does, rather than mixing them up", async () => {
    const nodes = ["a", "b", "y"].map((output, i): NodeSpec => ({ op: i === 1 ? "Relu" : "Gemm", name: "same", inputs: [["x", "w"], ["a"], ["b", "v"]][i], outputs: [output] }));
    await expect(expectClose(model([1, 4], nodes, [weights("w", [4, 5]), weights("v", [5, 3], 4)]))).rejects.toMatchObject({ code: "ONNX_MALFORMED" });
  });

  it("gives the input itself as an output, and one value under two names", async () => {
    const nodes = [node("Identity", ["x"], "i"), node("Relu", ["x"], "r"), node("Identity", ["r"], "s")];
    await expectClose(model([1, 6], nodes, [], ["i", "r", "s"]));
  });

  it("does not fold past a value that is an output, or that two nodes read", async () => {
    const initializers = [weights("w", [3, 2, 3, 3]), { name: "c", dims: [3, 1, 1], data: [0.5, -2, 1] }];
    const nodes = [node("Conv", ["x", "w"], "c0"), node("Mul", ["c0", "c"], "m"), node("Relu", ["m"], "r"), node("Add", ["r", "c0"], "y")];
    await expectClose(model([1, 2, 6, 5], nodes, initializers, ["y", "m", "c0"]));
    await expectClose(model([1, 2, 6, 5], nodes, initializers));
  });

  it("takes maxima before a multiplication by negative numbers, not after it", async () => {
    const initializers = [weights("w", [3, 2, 3]), { name: "c", dims: [3, 1], data: [-1, -0.5, 2] }];
    const pool = { kernel_shape: { ints: [2] }, strides: { ints: [2] } };
    for (const first of [["Mul", "MaxPool", "Relu"], ["MaxPool", "Mul", "Relu"], ["Relu", "Mul", "MaxPool"], ["Relu", "MaxPool", "Mul"]]) {
      const names = ["c0", "p", "q", "y"];
      const nodes = first.map((op, i) => node(op, op === "Mul" ? [names[i], "c"] : [names[i]], names[i + 1], op === "MaxPool" ? pool : {}));
      await expectClose(model([1, 2, 9], [node("Conv", ["x", "w"], "c0"), ...nodes], initializers));
    }
  });

  it.each([0.5, 1.5, 2, 3, 4, 5])("adds a wide tensor to %d times itself without losing the wide one's factor", async (times) => {
    // z is an output, so 16 bits; n is not, so 8. Their scales differ by 2^8, but both count in the sum.
    const nodes = [node("Gemm", ["x", "w"], "z"), node("Gemm", ["z", "v"], "n"), node("Add", ["n", "z"], "a"), node("Gemm", ["a", "u"], "y")];
    const identity = (name: string, factor: number): TensorSpec => ({ name, dims: [6, 6], data: Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? factor : 0)) });
    await expectClose(model([1, 6], nodes, [weights("w", [6, 6]), identity("v", times), identity("u", 1)], ["y", "z"]), 0.8);
  });
});

describe("ranges", () => {
  it("takes activations and weights that are always 0", async () => {
    const zeros = { name: "w", dims: [4, 3], data: new Array<number>(12).fill(0) };
    await expectClose(model([1, 4], [node("Gemm", ["x", "w"], "g"), node("Relu", ["g"], "r"), node("Add", ["r", "c"], "y")], [zeros, weights("c", [3])]));
  });

  it.each([1e-30, 1e-6, 1e6, 1e30])("is indifferent to the scale of a model: weights of %d", async (magnitude) => {
    await expectClose(model([1, 6], [node("Gemm", ["x", "w"], "g"), node("Relu", ["g"], "r"), node("Gemm", ["r", "v"], "y")], [weights("w", [6, 5], 3, magnitude), weights("v", [5, 4], 5)]), 2.5);
  });

  it("is indifferent to channels of very different magnitude", async () => {
    const data = [0, 1, 2].flatMap((c) => weights("", [2, 3], 20 + c).data as number[]).map((value, i) => value * [1e-5, 1, 100][Math.floor(i / 6)]);
    const nodes = [node("Conv", ["x", "w"], "c0"), node("Mul", ["c0", "f"], "y")];
    await expectClose(model([1, 2, 8], nodes, [{ name: "w", dims: [3, 2, 3], data }, { name: "f", dims: [3, 1], data: [1e5, 1, 0.01] }]));
  });

  it.each([
    ["Infinity", [Float32Array.of(10, 1)]],
    // Infinity − Infinity within one sum: no activation shows the Infinity.
    ["NaN", [Float32Array.of(10, 10)]],
    ["NaN for one sample of several", [Float32Array.of(0, 1), Float32Array.of(10, 10), Float32Array.of(1, 0)]],
  ])("refuses a model whose activations become %s", async (_, inputs) => {
    const bytes = buildModel(model([1, 2], [node("MatMul", ["x", "w"], "y")], [{ name: "w", dims: [2, 1], data: [3e38, -3e38] }]));
    const graph = await parseModel(bytes, "m");
    const attempt = calibrate(bytes, graph, inputs.map((data) => [data])).then(({ ranges }) => quantizeGraph(graph, ranges));
    await expect(attempt).rejects.toMatchObject({ code: "QUANTIZE_RANGE", where: expect.stringContaining("y") as string });
  });

  it("refuses an accumulator beyond 53 bits by the ONNX node's name", async () => {
    // The range of the output was seen tiny, the weights are huge: nothing that a real calibration gives, but what a file may hold.
    const spec = model([1, 2], [node("MatMul", ["x", "w"], "y")], [{ name: "w", dims: [2, 1], data: [1e20, 1e20] }]);
    const graph = await parseModel(buildModel(spec), "m");
    const ranges = new Map([["x", { low: 0, high: 1 }], ["y", { low: 0, high: 1e-3 }]]);
    expect(() => quantizeGraph(graph, ranges)).toThrow(
      expect.objectContaining({ code: "QUANTIZE_RANGE", where: expect.stringContaining("/y/MatMul") as string }) as Error,
    );
  });
});

it("keeps a part of a sum that stands beside large integers", async () => {
  // A sign times a weight is thousands of steps of the sum's scale, a hidden state times one a fraction of a step.
  const gate = [node("Sign", ["x"], "s"), node("MatMul", ["s", "w"], "a"), node("Tanh", ["x"], "h"), node("MatMul", ["h", "r"], "b")];
  const spec = model([1, 4], [...gate, node("Add", ["a", "b"], "sum"), node("Tanh", ["sum"], "y")], [weights("w", [4, 3]), weights("r", [4, 3], 5)]);
  for (const { worst } of await compare(buildModel(spec), [WIDE_QUANTIZE])) expect(worst).toBeLessThan(0.05);
});

describe("exact where a table or a coarse step would not be", () => {
  async function expectExact(nodes: readonly NodeSpec[], initializers: readonly TensorSpec[], { type = "float" }: { type?: TypeName } = {}): Promise<void> {
    const spec = { inputs: [{ name: "x", shape: [1, 64], type }], outputs: [{ name: "y", type: null }], nodes, initializers };
    for (const seed of [1, 2]) for (const { worst } of await compare(buildModel(spec), [WIDE_QUANTIZE], seed)) expect(worst).toBeLessThan(0.01);
  }
  const scalar = (name: string, value: number, type: TypeName = "float"): TensorSpec => ({ name, dims: [], data: [value], type });

  it("a fraction added to integers", async () => {
    await expectExact([node("Sign", ["x"], "s"), node("Add", ["s", "c"], "y")], [scalar("c", 0.3)]);
  });

  it("a wide integer that wraps around, and a root of integers cut to one", async () => {
    await expectExact([node("Sub", ["x", "c"], "d"), node("Cast", ["d"], "y", { to: { int: TYPES.uint8 } })], [scalar("c", 500, "int32")], { type: "int32" });
    await expectExact([node("Pow", ["x", "p"], "y")], [scalar("p", 0.5)], { type: "int32" });
  });

  it("a choice between a fraction and an integer", async () => {
    const nodes = [node("Sign", ["x"], "s"), node("Greater", ["x", "t"], "g"), node("Where", ["g", "f", "s"], "y")];
    await expectExact(nodes, [weights("f", [1, 64]), scalar("t", 0.2)]);
  });

  it("a quotient of integers whose bounds are just beyond 16 bits", async () => {
    const operands = [node("Sub", ["x", "c"], "d"), node("Mod", ["x", "seven"], "m"), node("Add", ["m", "one"], "e")];
    await expectExact([...operands, node("Div", ["d", "e"], "y")], [scalar("c", 500, "int32"), scalar("seven", 7, "int32"), scalar("one", 1, "int32")], { type: "int32" });
  });

  it("jumps of ThresholdedRelu and Shrink", async () => {
    await expectExact([node("ThresholdedRelu", ["x"], "y", { alpha: { float: 0.3 } })], []);
    for (const bias of [0, 0.1, 0.3]) await expectExact([node("Shrink", ["x"], "y", { lambd: { float: 0.3 }, bias: { float: bias } })], []);
  });

  it("the bend of a function at 0: a segment begins there", () => {
    const fidelity = { wide: true, tolerance: 1e-9, grain: 0, magnitude: 2 ** 16 };
    const { low, step, segmentBits } = chooseDomain({ name: "abs", apply: Math.abs }, { low: -0.7, high: 1 }, fidelity);
    expect((-low / (step * 2 ** segmentBits)) % 1).toBeCloseTo(0, 9);
  });

  it("a sum of a value in small steps and one in large steps keeps the bits of both", () => {
    const builder = new ProgramBuilder();
    const [left, right] = [0.0039, 1].map((scale, i) => ({ tensor: builder.input(`x${i}`, [4], "u16"), layout: [0], scale }));
    const add = { operator: "Add", name: "a", output: "y", left: "x0", right: "x1", leftFactor: 1, rightFactor: 1 } as const;
    addDraft(builder, add, left, right, 32767).emit(builder, 1, identityFold(0));
    const [operation] = builder.finish([], []).operations;
    if (operation.kind !== "add") throw new Error(operation.kind);
    expect(operation.leftFactor / operation.rightFactor / 0.0039).toBeCloseTo(1, 3);
  });
});

it("cuts sums of coarse values to integers, chooses between wide integers and ranks them", async () => {
  await expectClose(model([4, 5], [node("Add", ["x", "x"], "s"), node("Floor", ["s"], "y")], []));
  const bits = [node("BitwiseXor", ["x", "c"], "b"), node("Greater", ["x", "c"], "g"), node("Where", ["g", "b", "x"], "y")];
  const c = { name: "c", dims: [], data: [300], type: "int64" } as const;
  const rank = { op: "TopK", name: "t", inputs: ["b", "k"], outputs: ["t", "i"], attributes: { largest: { int: 0 } } };
  const k = { name: "k", dims: [1], data: [2], type: "int64" } as const;
  const outputs = ["y", "t", "i"].map((name) => ({ name, type: null }));
  const spec = { inputs: [{ name: "x", shape: [1, 40], type: "int64" }], outputs, nodes: [...bits, rank], initializers: [c, k], opset: 18 } as const;
  for (const { worst } of await compare(buildModel(spec), [FINE, COARSE])) expect(worst).toBe(0);
});

it("tabulates a function of what is always 0", async () => {
  const spec = model([2, 1], [node("Softmax", ["x"], "p"), node("Sub", ["x", "x"], "z"), node("Atanh", ["z"], "y")], [], ["p", "y"]);
  await expectClose(spec, 0.1);
});

it("executes a quantized program of several inputs and outputs in the graph's order", async () => {
  const spec: ModelSpec = {
    inputs: [{ name: "b", shape: [2] }, { name: "a", shape: [3] }],
    outputs: [{ name: "z" }, { name: "y" }],
    nodes: [node("Relu", ["a"], "y"), node("Relu", ["b"], "z")],
  };
  const graph = await parseModel(buildModel(spec), "m");
  const ranges = new Map(["a", "b", "y", "z"].map((name) => [name, { low: -1, high: 1 }]));
  const { program } = quantizeGraph(graph, ranges);
  expect([program.inputs, program.outputs].map((ports) => ports.map((port) => port.name))).toEqual([["b", "a"], ["z", "y"]]);
  const outputs = outputsOf(program, execute(program, [Float64Array.of(-5, 7), Float64Array.of(1, -2, 3)]));
  expect(outputs.map((data) => [...data])).toEqual([[0, 7], [1, 0, 3]]);
});
