/** Long reductions as trees: the same integers as in one piece, and no element of a program depends on more than 4,608 operands. */
import { describe, expect, it } from "vitest";
import { MAX_TERMS, planSteps, termsOf } from "../../src/program/steps/index.js";
import type { OperationKind, Program } from "../../src/program/types.js";
import { cellsWithin, chunksOf, partition } from "../../src/quantize/reductions/limits.js";
import { CASES } from "../program/cases.js";
import { type Case, programOf, runCase } from "../program/oneOperation.js";
import { Draw } from "../program/seeded.js";
import { type AttributeSpec, buildModel, type NodeSpec, type TensorSpec } from "../support/onnxBuilder.js";
import { COARSE, compare, FINE } from "./compare.js";

function longest(program: Program): number {
  return Math.max(...planSteps(program).steps.map(({ core }) => termsOf(core)));
}

const UNLIMITED = 2 ** 30;

describe("equal parts", () => {
  it("hold the length, are no longer than asked for and as few as divide it", () => {
    for (let length = 2; length < 200; length++) {
      for (let most = 1; most < length; most++) {
        const { parts, size, padding } = partition(length, most);
        expect(parts * size - padding).toBe(length);
        expect(size).toBeLessThanOrEqual(most);
        expect(padding).toBeLessThan(size);
        expect(parts).toBeGreaterThan(1);
        expect(size > 1 || most === 1).toBe(true);
      }
    }
    expect(partition(6625, 4608)).toEqual({ parts: 5, size: 1325, padding: 0 });
    expect(partition(4621, 4608)).toEqual({ parts: 2, size: 2311, padding: 1 });
  });

  it("of cells lie in as many chunks as their bytes do, wherever the first begins", () => {
    for (const bytes of [1, 3, 96, 512, 700]) {
      for (let cells = 1; cells < 40; cells++) {
        const touched = (start: number): number => new Set(Array.from({ length: cells }, (_, i) => Math.floor((start + i * bytes) / 512))).size;
        const most = Math.max(...Array.from({ length: 512 }, (_, start) => touched(start)));
        expect(chunksOf(cells, bytes)).toBeGreaterThanOrEqual(most);
        expect(chunksOf(cellsWithin(cells, bytes), bytes)).toBeLessThanOrEqual(Math.max(2, cells));
      }
    }
  });
});

describe("a reduction in parts", () => {
  const kinds = ["conv", "linear", "matmul", "sumPool", "maxPool"] as const satisfies readonly OperationKind[];

  it.each(kinds)("%s: computes what it does in one piece", (kind) => {
    let split = 0;
    for (let seed = 0; seed < 400; seed++) {
      const draw = new Draw(41_000 + seed);
      const test: Case = CASES[kind](draw, "small");
      const limits = { terms: draw.integer(2, 6), chunks: draw.pick([UNLIMITED, 2, 3]) };
      const program = programOf(test, limits);
      expect(longest(program), `seed ${seed}`).toBeLessThanOrEqual(limits.terms);
      const whole = runCase(test);
      expect(runCase(test, program), `seed ${seed}, ${JSON.stringify(limits)}`).toEqual(whole);
      if (longest(programOf(test)) > limits.terms) split++;
    }
    expect(split).toBeGreaterThan(80);
  });

  it("keeps weights open that are to be open, and no other constants", () => {
    const open = (data: readonly number[], shape: readonly number[]) => ({ shape, type: "i8" as const, data: Float64Array.from(data), committed: true as const });
    const draft = { kind: "linear", node: "n", input: 0, weight: open([1, -2, 3, 4, -5, 6, 7, 8, -9, 10], [2, 5]), bias: open([7, 9], [2]) } as const;
    const test: Case = { draft, operands: [{ shape: [5], type: "u8", data: [1, 2, 3, 4, 5] }] };
    const program = programOf(test, { terms: 2, chunks: UNLIMITED });
    expect([...runCase(test, program).data]).toEqual([1 - 4 + 9 + 16 - 25 + 7, 6 + 14 + 24 - 36 + 50 + 9]);
    const committed = program.operations.flatMap((operation) =>
      "weight" in operation ? [operation.weight, operation.bias].flatMap((constant) => (constant.committed === true ? [constant.shape] : [])) : [],
    );
    expect(committed).toEqual([[6, 1, 2], [2]]);
  });
});

function node(op: string, inputs: readonly string[], output: string, attributes: Record<string, AttributeSpec> = {}): NodeSpec {
  return { op, name: output, inputs, outputs: [output], attributes };
}

function weights(name: string, dims: readonly number[], magnitude: number): TensorSpec {
  const draw = new Draw(5);
  return { name, dims, data: draw.list(dims.reduce((a, b) => a * b, 1), () => draw.real(-magnitude, magnitude)) };
}

const axes = (...ints: readonly number[]): TensorSpec => ({ name: "axes", dims: [ints.length], data: ints, type: "int64" });

const MODELS: readonly (readonly [name: string, shape: readonly number[], nodes: readonly NodeSpec[], initializers: readonly TensorSpec[]])[] = [
  ["a dense layer of 9,000 inputs", [1, 9000], [node("Gemm", ["x", "w", "b"], "g"), node("Relu", ["g"], "y")], [weights("w", [9000, 3], 0.02), weights("b", [3], 0.5)]],
  ["one whose length is prime", [2, 4621], [node("MatMul", ["x", "w"], "y")], [weights("w", [4621, 2], 0.02)]],
  ["a convolution of 5,400 terms with padding", [1, 600, 4, 4], [node("Conv", ["x", "w"], "y", { pads: { ints: [1, 1, 1, 1] } })], [weights("w", [2, 600, 3, 3], 0.02)]],
  ["a grouped one whose kernel is longer than that", [1, 4, 5200], [node("Conv", ["x", "w"], "y", { group: { int: 2 }, strides: { ints: [60] }, pads: { ints: [40, 0] } })], [weights("w", [2, 2, 5000], 0.02)]],
  ["a product of two tensors", [2, 5000], [node("Transpose", ["x"], "t", { perm: { ints: [1, 0] } }), node("MatMul", ["x", "t"], "y")], []],
  ["a global average", [1, 3, 100, 90], [node("GlobalAveragePool", ["x"], "y")], []],
  ["an average over a large window", [1, 2, 90, 100], [node("AveragePool", ["x"], "y", { kernel_shape: { ints: [80, 70] }, strides: { ints: [5, 9] } })], []],
  ["a maximum over a large window with padding", [1, 1, 90, 100], [node("MaxPool", ["x"], "y", { kernel_shape: { ints: [80, 70] }, pads: { ints: [9, 0, 3, 20] }, strides: { ints: [5, 9] } })], []],
  ["a softmax over 6,625 classes", [1, 2, 6625], [node("Softmax", ["x"], "y", { axis: { int: -1 } })], []],
  ["a sum", [1, 3, 5003], [node("ReduceSum", ["x", "axes"], "y", { keepdims: { int: 0 } })], [axes(2)]],
  ["the position of a maximum", [1, 9999], [node("ArgMax", ["x"], "y", { axis: { int: 1 } })], []],
];

describe("a model with reductions of more operands than an element may have", () => {
  it.each(MODELS)("%s", async (_, shape, nodes, initializers) => {
    // Of integers, many equal ones: the first of the greatest is exact.
    const isPosition = nodes.some(({ op }) => op === "ArgMax");
    const [input, output] = isPosition ? (["int32", "int64"] as const) : (["float", "float"] as const);
    const bytes = buildModel({ inputs: [{ name: "x", shape, type: input }], outputs: [{ name: "y", type: output }], nodes, initializers });
    for (const { program, worst } of await compare(bytes, [FINE, COARSE])) {
      expect(longest(program)).toBeLessThanOrEqual(MAX_TERMS);
      expect(longest(program)).toBeGreaterThan(40);
      expect(worst).toBeLessThan(isPosition ? 1e-12 : 2);
    }
  });
});
