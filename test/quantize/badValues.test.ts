/** Values that operators do not take, or take in a way that a quantized model must keep: poles, ties, rounding, overflow. */
import { describe, expect, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import { FloatModel } from "../../src/onnx/runtime.js";
import { execute, outputsOf } from "../../src/program/executor.js";
import { validateProgram } from "../../src/program/validate.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { quantizePrecisely } from "../../src/quantize/choosePrecision.js";
import { DEFAULT_PRECISION } from "../../src/quantize/precision.js";
import { dequantize, quantizeSample } from "../../src/quantize/sampleValues.js";
import { PROTOCOLS } from "../../src/zk/protocol.js";
import { buildModel, type AttributeSpec, type NodeSpec, type TensorSpec, type TypeName } from "../support/onnxBuilder.js";
import { assertSatisfied, circuitOf, honestWitness, plain, twoRound } from "../support/zkRig.js";

interface Case {
  readonly nodes: readonly NodeSpec[];
  readonly constants?: readonly TensorSpec[];
  readonly type?: TypeName;
}

function model(length: number, { nodes, constants = [], type = "float" }: Case): Uint8Array {
  return buildModel({ inputs: [{ name: "x", shape: [1, length], type }], outputs: [{ name: "y", type: null }], initializers: constants, nodes });
}

const op = (name: string, inputs: readonly string[] = ["x"], attributes: Record<string, AttributeSpec> = {}, output = "y"): NodeSpec => ({
  op: name, name: `/${name}`, inputs, outputs: [output], attributes,
});

/** Quantized on `seen`; what program and onnxruntime give for `given`. */
async function both(bytes: Uint8Array, seen: readonly number[], given: readonly number[] = seen) {
  const graph = await parseModel(bytes, "model");
  const sample = (values: readonly number[]) => [Float64Array.from(values)];
  const { program } = await quantizePrecisely(graph, await calibrate(bytes, graph, [sample(seen)]), DEFAULT_PRECISION);
  validateProgram(program);
  const { inputs } = quantizeSample(program, sample(given));
  const [integers] = outputsOf(program, execute(program, inputs));
  const float = await FloatModel.load(bytes, graph.inputs, ["y"]);
  const [{ data }] = await float.run(sample(given));
  await float.close();
  return { program, inputs, quantized: [...dequantize(program.outputs[0], integers)], float: [...data] };
}

async function exactly(bytes: Uint8Array, seen: readonly number[]): Promise<void> {
  const { quantized, float } = await both(bytes, seen);
  expect(quantized).toEqual(float.map((value) => value + 0));
}

describe("functions where they are not defined", () => {
  it.each([
    ["Log", [1, -2, 3]],
    ["Log", [1, 0, 3]],
    ["Sqrt", [4, -1, 2]],
    ["Reciprocal", [1, 0, 2]],
    ["Acos", [0.5, 1.5, 0]],
  ])("%s of %j is refused by the value's name", async (name, seen) => {
    await expect(both(model(3, { nodes: [op(name)] }), seen)).rejects.toMatchObject({ code: "QUANTIZE_RANGE", where: "value y" });
  });

  it("a divisor of 0 is refused, a negative one divides", async () => {
    const constants = [{ name: "one", dims: [], data: [1] }];
    const quotient = model(3, { nodes: [op("Div", ["one", "x"])], constants });
    await expect(both(quotient, [1, 0, 2])).rejects.toMatchObject({ code: "QUANTIZE_RANGE" });
    const { quantized, float } = await both(quotient, [-1, -4, -2]);
    quantized.forEach((value, i) => { expect(value).toBeCloseTo(float[i], 3); });
  });

  it.each(PROTOCOLS)("arguments outside the table saturate, and %s proves what the reference says", async (protocol) => {
    // 100 lies far beyond the calibrated range, 0 where the function has a pole.
    const { program, inputs, quantized } = await both(model(3, { nodes: [op("Log")] }), [1, 2, 3], [100, 0, 1.5]);
    expect(quantized.every(Number.isFinite)).toBe(true);
    // The table reaches half a span beyond what was seen.
    expect(quantized[0]).toBeCloseTo(Math.log(4), 1);
    const circuit = await circuitOf(program, protocol === "groth16" ? plain() : twoRound());
    assertSatisfied(circuit, honestWitness(circuit, inputs, 12345n));
  });
});

describe("attack ZK-05: ties", () => {
  it.each([
    ["ArgMax", {}], ["ArgMin", {}], ["ArgMax", { select_last_index: { int: 1 } }],
  ])("%s %j takes the element that ONNX takes", async (name, attributes) => {
    await exactly(model(6, { nodes: [op(name, ["x"], { axis: { int: 1 }, ...attributes })] }), [3, -1, 3, -1, 3, -1]);
  });

  it("TopK keeps equal elements in their order", async () => {
    const k = { name: "k", dims: [1], data: [4n], type: "int64" } as const;
    const nodes: NodeSpec[] = [{ op: "TopK", inputs: ["x", "k"], outputs: ["v", "y"] }];
    await exactly(model(6, { nodes, constants: [k] }), [2, 5, 2, 5, 2, 5]);
  });
});

describe("attack ZK-16: rounding as ONNX has it", () => {
  const halves = [-2.5, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 3];

  it.each(["Round", "Floor", "Ceil", "Sign"])("%s of halves and integers", async (name) => {
    await exactly(model(8, { nodes: [op(name)] }), halves);
  });

  it("Cast to an integer truncates towards zero", async () => {
    await exactly(model(8, { nodes: [op("Cast", ["x"], { to: { int: 7 } })] }), halves);
  });

  it.each([3n, -4n])("integers divided by %d truncate", async (divisor) => {
    const constants = [{ name: "d", dims: [], data: [divisor], type: "int64" }] as const;
    await exactly(model(6, { nodes: [op("Div", ["x", "d"])], constants, type: "int64" }), [-7, -6, -1, 0, 5, 8]);
  });

  it.each([0, 1])("Mod of negative integers, fmod = %d", async (fmod) => {
    const constants = [{ name: "d", dims: [], data: [3n], type: "int64" }] as const;
    await exactly(model(6, { nodes: [op("Mod", ["x", "d"], { fmod: { int: fmod } })], constants, type: "int64" }), [-7, -6, -1, 0, 5, 8]);
  });

  it("QuantizeLinear rounds and saturates", async () => {
    const constants = [{ name: "s", dims: [], data: [1] }, { name: "z", dims: [], data: Uint8Array.of(3), type: "uint8" }] as const;
    await exactly(model(8, { nodes: [op("QuantizeLinear", ["x", "s", "z"])], constants }), [-9, -1.4, -0.6, 0.4, 1.5, 2.6, 100, 300]);
  });
});

describe("attack ZK-18: overflow over a long chain", () => {
  it("is refused by the name of the node that leaves 53 bits", async () => {
    const squares = Array.from({ length: 6 }, (_, i) => op("Mul", [i === 0 ? "x" : `v${i}`, i === 0 ? "x" : `v${i}`], {}, i === 5 ? "y" : `v${i + 1}`));
    const nodes = squares.map((node, i) => ({ ...node, name: `/square${i}` }));
    // Calibration sees ones and zeros alone; the type holds much more.
    const attempt = both(model(2, { nodes, type: "int64" }), [1, 0]);
    await expect(attempt).rejects.toMatchObject({ code: "QUANTIZE_RANGE", where: expect.stringContaining("/square") as string });
  });
});

describe("indices computed by the model", () => {
  it("gather what they point to", async () => {
    const constants = [{ name: "t", dims: [5], data: [10, 20, 30, 40, 50] }];
    const { quantized, float } = await both(model(3, { nodes: [op("Gather", ["t", "x"])], constants, type: "int64" }), [0, 4, -2]);
    quantized.forEach((value, i) => { expect(value).toBeCloseTo(float[i], 2); });
  });

  it("beyond the end find 0, which the circuit proves like anything else", async () => {
    const constants = [{ name: "t", dims: [5], data: [10, 20, 30, 40, 50] }];
    const bytes = model(1, { nodes: [op("Gather", ["t", "x"])], constants, type: "int64" });
    const graph = await parseModel(bytes, "model");
    const { program } = await quantizePrecisely(graph, await calibrate(bytes, graph, [[Float64Array.of(4)]]), DEFAULT_PRECISION);
    const inputs = [Float64Array.of(7)];
    expect([...outputsOf(program, execute(program, inputs))[0]]).toEqual([0]);
    const circuit = await circuitOf(program, twoRound());
    assertSatisfied(circuit, honestWitness(circuit, inputs, 999n));
  });
});

describe("masks before a softmax", () => {
  it("do not take the bits of the scores", async () => {
    // (1 − m)·(−10,000) is computed from an input, as transformers have it.
    const bytes = buildModel({
      inputs: [{ name: "x", shape: [1, 6] }, { name: "m", shape: [1, 6] }],
      outputs: [{ name: "y" }],
      initializers: [{ name: "one", dims: [], data: [1] }, { name: "far", dims: [], data: [-10_000] }],
      nodes: [
        op("Sub", ["one", "m"], {}, "n"), op("Mul", ["n", "far"], {}, "mask"), op("Add", ["x", "mask"], {}, "scores"), op("Softmax", ["scores"], { axis: { int: 1 } }),
      ],
    });
    const graph = await parseModel(bytes, "model");
    const sample = [Float32Array.of(0.1, 0.9, -1.5, 2, 0.3, 1.2), Float32Array.of(1, 1, 0, 1, 1, 0)];
    const { fidelity } = await quantizePrecisely(graph, await calibrate(bytes, graph, [sample]), { target: "accuracy", bits: 8 });
    expect(fidelity.outputs[0].max).toBeLessThan(0.02);
  });
});
