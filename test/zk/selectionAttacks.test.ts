/**
 * Forgeries of what models select and compare: the largest elements and their positions, comparisons at ties and at the ends of
 * 32-bit integers, booleans that are none, functions beside their tables, products that make up for each other. Whole models where
 * the quantizer composes the operation, programs where it does not.
 */
import { describe, expect, it } from "vitest";
import { toField } from "../../src/math/field.js";
import type { Program, TensorData } from "../../src/program/types.js";
import { ProgramBuilder } from "../../src/quantize/builder.js";
import type { CircuitChoices } from "../../src/zk/circuit/circuit.js";
import { packElements } from "../../src/zk/packing.js";
import { buildModel } from "../support/onnxBuilder.js";
import { port } from "../support/operationPrograms.js";
import { attack, idleHints, inputSignals, sweep, type Target, targetOf } from "../support/sweep.js";
import { constant } from "../support/tinyModels.js";
import { plain, quantizedModel, referenceOutputs, twoRound } from "../support/zkRig.js";

const SYSTEMS: readonly (readonly [string, CircuitChoices])[] = [["groth16", plain()], ["two-round", twoRound()]];

type TypeName = "bool" | "int32" | "float" | "int64";

/** One operator over inputs of [1, n]. */
async function modelOf(op: string, inputs: readonly TypeName[], outputs: readonly TypeName[], samples: readonly (readonly number[])[], shape: readonly number[] = [1, 2]): Promise<Program> {
  const bytes = buildModel({
    inputs: inputs.map((type, i) => ({ name: `x${i}`, shape: [1, samples[i].length], type })),
    outputs: outputs.map((type, i) => ({ name: `y${i}`, shape, type })),
    initializers: op === "TopK" ? [{ name: "k", dims: [1], data: [2], type: "int64" }] : [],
    nodes: [{ op, name: op, inputs: [...inputs.map((_, i) => `x${i}`), ...(op === "TopK" ? ["k"] : [])], outputs: outputs.map((_, i) => `y${i}`) }],
  });
  return (await quantizedModel(bytes, [samples.map((sample) => Float32Array.from(sample))])).program;
}

/** The public signals that claim these outputs. */
function claim({ circuit: { layout } }: Target, outputs: readonly (readonly number[])[]): [number, bigint][] {
  return outputs.flatMap((values, i) => {
    const { type, firstSignal } = layout.outputs[i];
    return packElements(Float64Array.from(values), type).map((signal, s): [number, bigint] => [1 + firstSignal + s, signal]);
  });
}

function expectRefused(target: Target, outputs: readonly (readonly number[])[]): void {
  expect(attack(target, claim(target, outputs), inputSignals(target), 3).violated, JSON.stringify(outputs)).not.toEqual([]);
}

describe.each(SYSTEMS)("attacks ZK-04 and ZK-05 in %s: TopK", (_, choices) => {
  it.each([[[9, -4, 9, 3]], [[0, 0, 0, 0]], [[-128, 127, 126, 127]]])("of %j has one pair of values and positions", async (x) => {
    const program = await modelOf("TopK", ["float"], ["float", "int64"], [[1, -1, 0.5, 0.25]]);
    const inputs = [Float64Array.from(x)];
    const target = await targetOf(program, choices, inputs);
    const order = [...x.keys()].sort((a, b) => x[b] - x[a] || a - b).slice(0, 2);
    const honest = [order.map((i) => x[i]), order];
    expect(referenceOutputs(program, inputs).map((data) => [...data])).toEqual(honest);
    expect(attack(target, claim(target, honest), inputSignals(target)).violated).toEqual([]);
    const [[first, second], [i, j]] = honest;
    const others = [
      // One of them twice; equal ones in the other order; another element; no element; a position beyond the last.
      [[first, first], [i, i]], [[second, first], [j, i]], [[first, second], [j, i]],
      ...[0, 1, 2, 3].filter((at) => at !== i).map((at) => [[x[at], second], [at, j]]),
      ...[0, 1, 2, 3].filter((at) => at !== j).map((at) => [[first, x[at]], [i, at]]),
      [[first - 1, second], [i, j]], [[first, second - 1], [i, j]], [[first - 1, second], [i + 4, j]], [[first, second], [i, j + 1]],
    ].filter((outputs) => JSON.stringify(outputs) !== JSON.stringify(honest));
    for (const outputs of others) expectRefused(target, outputs);
  });
});

describe.each(SYSTEMS)("attack ZK-09 in %s: a comparison", (_, choices) => {
  const [LEAST, MOST] = [-(2 ** 31), 2 ** 31 - 1];
  const CASES = [[5, 5], [5, 4], [4, 5], [LEAST, MOST], [MOST, LEAST], [MOST, MOST], [LEAST, LEAST], [0, -1]];
  it.each([["Greater", (a: number, b: number) => a > b], ["LessOrEqual", (a: number, b: number) => a <= b], ["Equal", (a: number, b: number) => a === b]] as const)(
    "%s has one outcome, at ties and far beyond what calibration saw",
    async (op, holds) => {
      // Samples that 16 bits do not hold.
      const program = await modelOf(op, ["int32", "int32"], ["bool"], [[-100_000, 100_000], [100_000, -100_000]]);
      expect(program.inputs.map(({ tensor }) => program.tensors[tensor].type)).toEqual(["i32", "i32"]);
      for (const [a, b] of CASES) {
        const target = await targetOf(program, choices, [Float64Array.of(a, 1), Float64Array.of(b, 1)]);
        const outcome = [Number(holds(a, b)), Number(holds(1, 1))];
        expect(attack(target, claim(target, [outcome]), inputSignals(target)).violated).toEqual([]);
        for (const other of [[1 - outcome[0], outcome[1]], [outcome[0], 1 - outcome[1]], [2, outcome[1]], [255, outcome[1]]]) expectRefused(target, [other]);
      }
    },
  );
});

describe.each(SYSTEMS)("attack ZK-09 in %s: clamp(a − b, 0, 1) over all of 32 bits", (_, choices) => {
  it("is 1 where a is greater, and nothing else, wherever the difference lies", async () => {
    const builder = new ProgramBuilder();
    const [a, b] = ["a", "b"].map((name) => builder.input(name, [1, 1], "i32"));
    const difference = builder.push({ kind: "add", node: "difference", left: a, right: b, leftFactor: 1, rightFactor: -1 }, "difference");
    const step = builder.push({ kind: "requantize", node: "step", input: difference, shifts: [0], low: 0, high: 1 }, "step", "u8");
    const program = builder.finish([port("a", a), port("b", b)], [port("y", step)]);
    const [least, most] = [-(2 ** 31), 2 ** 31 - 1];
    for (const [left, right] of [[most, least], [least, most], [most, most - 1], [most, most], [least, least + 1], [0, -1], [-1, 0]]) {
      const target = await targetOf(program, choices, [Float64Array.of(left), Float64Array.of(right)]);
      const outcome = Number(left > right);
      expect(target.honest[1]).toBe(BigInt(outcome));
      for (const other of [1 - outcome, 2, 255]) expectRefused(target, [[other]]);
    }
    const target = await targetOf(program, choices, [Float64Array.of(most), Float64Array.of(least)]);
    expect(sweep(target, 2)).toEqual(idleHints(target));
  });
});

describe.each(SYSTEMS)("attack ZK-08 in %s: inputs that are not of their type", (_, choices) => {
  it("a boolean that is neither 0 nor 1 counts as 1, in the circuit as in the program", async () => {
    const program = await modelOf("And", ["bool", "bool"], ["bool"], [[1, 0, 1], [1, 1, 0]], [1, 3]);
    const inputs = [Float64Array.of(2, 255, 0), Float64Array.of(1, 7, 200)];
    const target = await targetOf(program, choices, inputs);
    expect([...referenceOutputs(program, inputs)[0]]).toEqual([1, 1, 0]);
    for (const other of [[2, 1, 0], [1, 1785, 0], [1, 7, 0], [0, 1, 0], [1, 1, 1]]) expectRefused(target, [other]);
    expect(sweep(target, 2)).toEqual(idleHints(target));
  });

  it("a 32-bit integer has one way to stand on wires", async () => {
    const program = await modelOf("Neg", ["int32"], ["int32"], [[-100_000, 100_000]]);
    const target = await targetOf(program, choices, [Float64Array.of(-77_777_777, 2 ** 30)]);
    const { circuit: { external, order }, honest } = target;
    const [{ firstWires, format }] = external.inputs;
    const wires = Array.from(firstWires, (wire) => order.position[wire]);
    // The second element makes up for the first in their common signal; with limbs, also a limb for the one before it.
    const swaps: [number, bigint][][] = [[[wires[0], honest[wires[0]] + (1n << 32n)], [wires[1], honest[wires[1]] - 1n]]];
    if (format.count > 1) swaps.push([[wires[0], honest[wires[0]] + 256n], [order.position[firstWires[0] + 1], honest[order.position[firstWires[0] + 1]] - 1n]]);
    for (const changes of swaps) expect(attack(target, changes, inputSignals(target)).violated).not.toEqual([]);
    expect(sweep(target, 2)).toEqual(idleHints(target));
  });
});

/** y = curve(sum of 4 elements clamped to 0..3), the table no longer than the sums reach: 13 entries. */
function oddTable(): Program {
  const builder = new ProgramBuilder();
  const x = builder.input("x", [1, 4], "u8");
  const small = builder.push({ kind: "requantize", node: "clamp", input: x, shifts: [0], low: 0, high: 3 }, "small");
  const sum = builder.push({ kind: "linear", node: "sum", input: small, weight: constant([1, 4], [1, 1, 1, 1]), bias: constant([1], [0]) }, "sum");
  const entries = constant([13], [50, 3, 77, -12, 4, 99, -63, 8, 15, -100, 2, 31, 64]);
  return builder.finish([port("x", x)], [port("y", builder.push({ kind: "table", node: "curve", input: sum, low: 0, entries }, "y"))]);
}

/** (x − 3)·(w·x + 7), both sides of either sign, the second too long for a factor. */
function signedProduct(): Program {
  const builder = new ProgramBuilder();
  const x = builder.input("x", [1, 3], "i8");
  const shifted = builder.push({ kind: "affine", node: "shift", input: x, weight: constant([1], [1]), bias: constant([1], [-3]) }, "shifted");
  const weight = constant([3, 3], [2, -5, 1, 7, 3, -4, -1, 1, 6]);
  const sums = builder.push({ kind: "linear", node: "sums", input: x, weight, bias: constant([3], [7, 7, 7]) }, "sums");
  const product = builder.push({ kind: "mul", node: "product", left: shifted, right: sums }, "product");
  const y = builder.push({ kind: "requantize", node: "rescale", input: product, shifts: [9], low: -128, high: 127 }, "y", "i8");
  return builder.finish([port("x", x)], [port("y", y)]);
}

describe.each(SYSTEMS)("every committed wire in %s is determined by the public signals:", (_, choices) => {
  const PROGRAMS: readonly (readonly [string, () => Program, readonly TensorData[]])[] = [
    ["a table whose length is no power of two, at its end", oddTable, [Float64Array.of(3, 200, 7, 3)]],
    ["the same at its beginning", oddTable, [Float64Array.of(0, 0, 0, 0)]],
    ["a product of signed elements, one of them a long sum", signedProduct, [Float64Array.of(-128, 127, 3)]],
  ];
  it.each(PROGRAMS)("%s", async (_name, make, inputs) => {
    const target = await targetOf(make(), choices, inputs);
    expect(sweep(target, 2)).toEqual(idleHints(target));
  });

  it("an index one beyond a table that is no power of two long has no value", async () => {
    const target = await targetOf(oddTable(), choices, [Float64Array.of(3, 3, 3, 3)]);
    const { circuit: { external, order }, honest } = target;
    // What the clamp makes of the inputs, one more than it can be; in the bits of a sum there would be room for it.
    const inputs = new Set(Array.from(external.inputs[0].firstWires, (wire) => order.position[wire]));
    const clamped = target.forger.steps.flatMap((step) => (step.kind === "gadget" && step.gadget.key.startsWith("Requantize") ? [step.wires[step.gadget.outputs[0]]] : []));
    expect(clamped).toHaveLength(4);
    for (const wire of clamped) {
      expect(inputs.has(wire)).toBe(false);
      expect(honest[wire]).toBe(3n);
      for (const output of [[50], [64], [3]]) expect(attack(target, [...claim(target, [output]), [wire, 4n]], inputSignals(target)).violated).not.toEqual([]);
    }
  });
});

describe("attack ZK-19: products that make up for each other under their common challenge", () => {
  /** x·yᵀ of two batches, and the product of the first batch's product with itself. */
  function chained(): Program {
    const builder = new ProgramBuilder();
    const x = builder.input("x", [2, 4, 4], "i8");
    const y = builder.input("y", [2, 4, 4], "u8");
    const first = builder.push({ kind: "matmul", node: "first", left: x, right: y }, "first");
    const second = builder.push({ kind: "matmul", node: "second", left: first, right: first }, "second");
    return builder.finish([port("x", x), port("y", y)], [port("z", second)]);
  }

  it("each product is compared by itself, and what it makes is what the next one takes", async () => {
    const inputs = [Float64Array.from({ length: 32 }, (_, i) => ((i * 37) % 256) - 128), Float64Array.from({ length: 32 }, (_, i) => (i * 91) % 256)];
    const target = await targetOf(chained(), twoRound(), inputs);
    const checks = target.forger.steps.filter((step) => step.kind === "matrixCheck");
    expect(checks).toHaveLength(4);
    const entry = (check: number, at: number): number => checks[check].product[at].wires[0];
    const shifted = (changes: readonly (readonly [check: number, at: number, by: bigint])[]): [number, bigint][] =>
      changes.map(([check, at, by]) => [entry(check, at), toField(target.honest[entry(check, at)] + by)]);
    // Those of the batches against each other; one against the next that takes it.
    for (const changes of [[[0, 0, 1n], [1, 0, -1n]], [[0, 5, 7n], [1, 5, -7n]], [[0, 15, 1n], [2, 15, -1n]], [[2, 3, 1n], [3, 3, -1n]]] as const) {
      const { violated } = attack(target, shifted(changes), inputSignals(target), 0);
      // A product's comparison is its row without factors that holds its sums.
      const broken = checks.map(({ products }) => violated.filter((row) => target.forger.rows[row].a.length === 0 && target.forger.rows[row].wires.includes(products[0])).length);
      for (const [check] of changes) expect(broken[check]).toBe(1);
    }
    // Whoever changes the first batch's product and goes on honestly is refused by its own check alone.
    const { where } = attack(target, shifted([[0, 6, 1n]]), inputSignals(target), 0);
    expect(where).toEqual(["node first"]);
  });
});
