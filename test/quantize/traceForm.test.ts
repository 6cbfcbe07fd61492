/** Programs made for traces: few and narrow committed tensors, and the same model. */
import { describe, expect, it } from "vitest";
import { planSteps, type Step } from "../../src/program/steps/index.js";
import { validateProgram } from "../../src/program/validate.js";
import { DEFAULT_QUANTIZE, type QuantizeOptions } from "../../src/quantize/precision.js";
import { Draw } from "../program/seeded.js";
import { type AttributeSpec, buildModel, type NodeSpec, type TensorSpec } from "../support/onnxBuilder.js";
import { COARSE, compare, FINE } from "./compare.js";

const TRACE: readonly QuantizeOptions[] = [{ ...FINE, form: "trace" }, { ...COARSE, form: "trace" }];

function node(op: string, inputs: readonly string[], output: string, attributes: Record<string, AttributeSpec> = {}): NodeSpec {
  return { op, name: output, inputs, outputs: [output], attributes };
}

function weights(name: string, dims: readonly number[], magnitude = 0.6): TensorSpec {
  const draw = new Draw(name.length + dims.length);
  return { name, dims, data: draw.list(dims.reduce((a, b) => a * b, 1), () => draw.real(-magnitude, magnitude)) };
}

/** Channels of very different size, so that their shifts differ too. */
function uneven(name: string, [outputs, ...rest]: readonly number[]): TensorSpec {
  const draw = new Draw(17);
  const row = rest.reduce((a, b) => a * b, 1);
  return { name, dims: [outputs, ...rest], data: draw.list(outputs * row, (i) => draw.real(-1, 1) * 2 ** -(Math.floor(i / row) % 5)) };
}

/** @returns the steps of the 8-bit program */
async function stepsOf(shape: readonly number[], nodes: readonly NodeSpec[], initializers: readonly TensorSpec[], limit = 1.5): Promise<readonly Step[]> {
  const bytes = buildModel({ inputs: [{ name: "x", shape }], outputs: [{ name: "y" }], nodes, initializers });
  const made = await compare(bytes, TRACE);
  for (const { program, worst } of made) {
    expect(worst).toBeLessThan(limit);
    validateProgram(program);
  }
  return planSteps(made[1].program).steps;
}

const tails = (steps: readonly Step[]): string[] => steps.map(({ core, tail }) => [core.kind, ...tail.map(({ kind }) => kind)].join(" "));
const pads = { pads: { ints: [1, 1, 1, 1] } };
const block = [node("Conv", ["x", "w1"], "a", pads), node("Relu", ["a"], "b"), node("Conv", ["b", "w2"], "c", pads)];
const blockWeights = [weights("w1", [6, 6, 3, 3], 0.3), weights("w2", [6, 6, 3, 3], 0.3)];

describe("a sum", () => {
  it("is part of the convolution before it", async () => {
    const steps = await stepsOf([1, 6, 5, 5], [...block, node("Add", ["c", "x"], "d"), node("Relu", ["d"], "e"), node("Conv", ["e", "w1"], "y", pads)], blockWeights);
    expect(tails(steps)).toEqual(["copy", "dot requantize", "dot add requantize", "dot requantize", "copy"]);
    expect(steps.slice(0, 3).map(({ type }) => type)).toEqual(["u8", "u8", "u8"]);
  });

  it("subtracts, on either side", async () => {
    for (const [left, right] of [["c", "x"], ["x", "c"]]) await stepsOf([1, 6, 5, 5], [...block, node("Sub", [left, right], "y")], blockWeights);
  });

  it("aligns channels of different shifts first", async () => {
    const nodes = [node("Conv", ["x", "w"], "a"), node("Add", ["x", "a"], "b"), node("Relu", ["b"], "r"), node("Conv", ["r", "w"], "y")];
    expect(tails(await stepsOf([1, 5, 3, 3], nodes, [uneven("w", [5, 5, 1, 1])]))[1]).toBe("dot affine add requantize");
  });

  it("of two convolutions rescales one of them to a byte", async () => {
    const nodes = [...block, node("Conv", ["x", "w3"], "s"), node("Add", ["c", "s"], "d"), node("Relu", ["d"], "r"), node("Conv", ["r", "w3"], "y")];
    const steps = await stepsOf([1, 6, 5, 5], nodes, [...blockWeights, weights("w3", [6, 6, 1, 1])]);
    expect(steps.filter(({ type }) => type === "i32")).toEqual([]);
    expect(tails(steps).filter((tail) => tail.includes("add"))).toEqual(["dot add requantize"]);
  });

  it("takes per-channel constants that follow it", async () => {
    const normalization = [weights("scale", [6]), weights("shift", [6]), weights("mean", [6]), { name: "variance", dims: [6], data: [0.5, 1, 2, 0.7, 1.5, 3] }];
    const nodes = [...block, node("Add", ["c", "x"], "d"), node("BatchNormalization", ["d", "scale", "shift", "mean", "variance"], "y")];
    await stepsOf([1, 6, 5, 5], nodes, [...blockWeights, ...normalization], 2);
  });

  it("of dense layers in a row", async () => {
    const nodes = [node("MatMul", ["x", "w"], "a"), node("Add", ["a", "x"], "b"), node("MatMul", ["b", "w"], "c"), node("Add", ["b", "c"], "y")];
    const steps = await stepsOf([1, 4, 8], nodes, [weights("w", [8, 8])]);
    expect(steps.map(({ core, tail }) => [core.kind, tail.some(({ kind }) => kind === "add")])).toEqual([["dot", true], ["dot", true]]);
  });
});

describe("other tensors", () => {
  it("are rescaled before maxima are taken", async () => {
    const pool = node("MaxPool", ["b"], "p", { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } });
    const steps = await stepsOf([1, 6, 6, 6], [...block.slice(0, 2), pool, node("Conv", ["p", "w2"], "y", pads)], blockWeights);
    expect(tails(steps).slice(1, 3)).toEqual(["dot requantize", "maxPool"]);
    expect(steps.slice(0, 3).map(({ type }) => type)).toEqual(["u8", "u8", "u8"]);
  });

  it("are transposed once for all that read them so", async () => {
    const nodes = [node("Conv", ["x", "w1"], "a", pads), node("Conv", ["x", "w2"], "b", pads), node("Mul", ["a", "b"], "y")];
    const steps = await stepsOf([1, 6, 5, 5], nodes, blockWeights, 2);
    expect(steps.filter(({ operands }) => operands.some(({ slot }) => slot === 0))).toHaveLength(1);
  });

  it("hold products in as few bytes as they take", async () => {
    const steps = await stepsOf([1, 4, 8], [node("Mul", ["x", "x"], "s"), node("MatMul", ["s", "w"], "y")], [weights("w", [8, 8])]);
    expect(steps.map(({ type }) => type)).not.toContain("i32");
  });

  it("of a function of 16 bits take two tables and one tensor beside them", async () => {
    const bytes = buildModel({ inputs: [{ name: "x", shape: [1, 8, 64] }], outputs: [{ name: "y" }], nodes: [node("MatMul", ["x", "w"], "a"), node("Tanh", ["a"], "t"), node("MatMul", ["t", "w"], "y")], initializers: [weights("w", [64, 64], 0.2)] });
    const wide = { ...FINE, weightBits: 16 } as const;
    const [trace, circuit] = await compare(bytes, [{ ...wide, form: "trace" }, { ...wide, form: "circuit" }]);
    expect(trace.worst).toBeLessThan(0.02);
    expect(trace.worst).toBeLessThan(1.5 * circuit.worst + 1e-3);
    expect(tails(planSteps(trace.program).steps)).toEqual([
      "dot affine requantize", "affine requantize table", "affine requantize table mul add requantize", "dot requantize",
    ]);
    expect(planSteps(circuit.program).steps.length).toBeGreaterThan(4);
  });

  it("of thousands of classes that are far below the likeliest do not add up", async () => {
    // Logits near 20 and near 0: every share but one is 2e-9.
    const classes = 5000;
    const bias = { name: "b", dims: [classes], data: Array.from({ length: classes }, (_, i) => (i === 77 ? 20 : 0)) };
    const nodes = [node("MatMul", ["x", "w"], "a"), node("Add", ["a", "b"], "l"), node("Softmax", ["l"], "y", { axis: { int: -1 } })];
    const bytes = buildModel({ inputs: [{ name: "x", shape: [1, 4] }], outputs: [{ name: "y" }], nodes, initializers: [weights("w", [4, classes], 0.2), bias] });
    const [{ worst }] = await compare(bytes, [{ ...COARSE, form: "trace" }]);
    // Percent of the likeliest one's share, mean over all classes: half of that share would be 0.01.
    expect(worst).toBeLessThan(1e-4);
  });

  it("have the form that a circuit wants where the model is small", async () => {
    const bytes = buildModel({ inputs: [{ name: "x", shape: [1, 6, 5, 5] }], outputs: [{ name: "y" }], nodes: [...block, node("Add", ["c", "x"], "y")], initializers: blockWeights });
    const [chosen, circuit] = await compare(bytes, [DEFAULT_QUANTIZE, { ...DEFAULT_QUANTIZE, form: "circuit" }]);
    expect(chosen.program).toEqual(circuit.program);
  });
});
