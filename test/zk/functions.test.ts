/** Functions of an index: decisions over its bits by themselves, what is free, and what each operation costs. */
import { describe, expect, it } from "vitest";
import type { Program } from "../../src/program/types.js";
import { validateProgram } from "../../src/program/validate.js";
import { ProgramBuilder } from "../../src/quantize/builder.js";
import { planCircuit } from "../../src/zk/circuit/circuit.js";
import { cheapestDecision, type Decision } from "../../src/zk/circuit/decision.js";
import { packElements } from "../../src/zk/packing.js";
import { publicSignals } from "../../src/zk/witness.js";
import { ONE } from "../program/oneOperation.js";
import { Draw } from "../program/seeded.js";
import { port, tableProgram } from "../support/operationPrograms.js";
import { SeededRandom } from "../support/random.js";
import { constant } from "../support/tinyModels.js";
import { assertSatisfied, circuitOf, firstViolation, honestWitness, plain, referenceOutputs, twoRound } from "../support/zkRig.js";

function decided({ lowBits, root }: Decision, index: number): number {
  let node = root;
  while (node.kind === "choice") node = ((index >> (lowBits + node.bit)) & 1) === 1 ? node.one : node.zero;
  const { monomials, weights } = node;
  return monomials.reduce((sum, monomial, i) => sum + ((index & (monomial + 1)) === monomial + 1 ? weights[i] : 0), node.constant);
}

describe("a decision", () => {
  it.each([2, 3, 7, 16, 100, 256, 777, 1024])("over %i entries is the function", (count) => {
    const draw = new Draw(count);
    for (const most of [1, 255, 2 ** 32 - 1]) {
      const entries = Float64Array.from({ length: count }, () => draw.integer(0, most));
      const decision = cheapestDecision(entries);
      expect(Array.from(entries, (_, index) => decided(decision, index))).toEqual([...entries]);
    }
  });

  it("does not ask bits that make no difference", () => {
    const decision = cheapestDecision(Float64Array.from({ length: 64 }, (_, i) => [3, 1, 4, 1][i % 4]));
    const deepest = (node: Decision["root"]): number => (node.kind === "leaf" ? 0 : 1 + Math.max(deepest(node.zero), deepest(node.one)));
    expect(decision.highBits).toBeGreaterThan(1);
    expect(deepest(decision.root)).toBeLessThanOrEqual(1);
  });
});

/** Constraints of the operations alone, by proof system; the tables of the two-round system are counted apart. */
function cost(make: (builder: ProgramBuilder) => void, program = built(make)): { groth16: number; twoRound: number; tables: number } {
  const intervals = validateProgram(program);
  const count = (choices = plain(), of = "node n"): number =>
    [...planCircuit(program, intervals, choices).byLabel].filter(([name]) => name.startsWith(of)).reduce((sum, [, constraints]) => sum + constraints, 0);
  return { groth16: count(), twoRound: count(twoRound()), tables: count(twoRound(), "table pairs") };
}

/** The last tensor is the output. */
function built(make: (builder: ProgramBuilder) => void): Program {
  const builder = new ProgramBuilder();
  make(builder);
  const { tensors, operations } = builder.finish([], []);
  const made = new Set(operations.map(({ output }) => output));
  const inputs = tensors.flatMap((_, tensor) => (made.has(tensor) ? [] : [{ name: `x${tensor}`, tensor, scale: ONE }]));
  return builder.finish(inputs, [{ name: "y", tensor: tensors.length - 1, scale: ONE }]);
}

const random = (count: number, most: number, seed = 3): Float64Array => {
  const draw = new Draw(seed);
  return Float64Array.from({ length: count }, () => draw.integer(0, most));
};

it("a line far from zero is exact", async () => {
  const builder = new ProgramBuilder();
  const x = builder.input("x", [1, 2], "u8");
  const bias = { shape: [1], type: "i64", data: Float64Array.of(2 ** 53 - 300) } as const;
  const far = builder.push({ kind: "affine", node: "far", input: x, weight: constant([1], [1]), bias }, "far");
  const entries = Float64Array.from({ length: 256 }, (_, i) => 2 ** 22 * i + 3);
  const line = builder.push({ kind: "table", node: "line", input: far, low: 2 ** 53 - 300, entries: { shape: [256], type: "i32", data: entries } }, "line");
  const back = builder.push({ kind: "affine", node: "back", input: line, weight: constant([1], [3]), bias: constant([1], [-1], "i32") }, "back");
  const program = builder.finish([{ name: "x", tensor: x, scale: ONE }], [{ name: "y", tensor: back, scale: ONE }]);
  for (const choices of [plain(), twoRound()]) {
    const circuit = await circuitOf(program, choices);
    const witness = honestWitness(circuit, [Float64Array.of(255, 7)], 99n ** 20n);
    expect(firstViolation(circuit.r1cs, witness)).toBeUndefined();
    expect(publicSignals(circuit, witness)[0]).toBe(packElements([3 * (2 ** 22 * 255 + 3) - 1, 3 * (2 ** 22 * 7 + 3) - 1], circuit.layout.outputs[0].type)[0]);
  }
});

describe("constraints", () => {
  it("of a gather: none", () => {
    const index = constant([2, 2], [0, 3, 1, 4], "i32");
    expect(cost((b) => void b.push({ kind: "gather", node: "n", inputs: [b.input("x", [4], "i8")], index, constant: constant([1], [5]) }, "y"))).toEqual({ groth16: 0, twoRound: 0, tables: 0 });
  });

  it.each(["u8", "i8", "i16"] as const)("of a product of two %s: one an element", (type) => {
    expect(cost((b) => void b.push({ kind: "mul", node: "n", left: b.input("x", [3, 5], type), right: b.input("y", [5], type) }, "z"))).toEqual({ groth16: 15, twoRound: 15, tables: 0 });
  });

  it("of a square: one an element, and one more where the element is a long sum, once for all its products", () => {
    const make = (b: ProgramBuilder): void => {
      const weight = constant([2, 6], [1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1]);
      const sum = b.push({ kind: "linear", node: "sum", input: b.input("x", [1, 6], "i8"), weight, bias: constant([2], [0, 0]) }, "sum");
      const square = b.push({ kind: "mul", node: "n", left: sum, right: sum }, "square");
      b.push({ kind: "mul", node: "n2", left: sum, right: square }, "cube");
    };
    expect(cost(make).groth16).toBe(2 + 2 + 2 + 2);
  });

  it("of a matrix product in plain Groth16: one a multiplication", () => {
    expect(cost((b) => void b.push({ kind: "matmul", node: "n", left: b.input("x", [2, 3, 4], "i8"), right: b.input("y", [2, 5, 4], "i8") }, "z")).groth16).toBe(2 * 3 * 4 * 5);
  });

  it.each([
    [16, 255, 11, 2, 17],
    [256, 255, 43, 2, 257],
    [256, 65535, 43, 3, 257],
    [1024, 255, 84, 2, 1025],
  ])("of a function of %i entries up to %i", (count, most, bits, lookups, tables) => {
    const entries = [...random(count, most)];
    const type = count > 256 ? "u16" : "u8";
    const elements = 64;
    const clamped = tableProgram(entries, 0, type, elements);
    const byLabel = (choices = plain()): ReadonlyMap<string, number> => planCircuit(clamped, validateProgram(clamped), choices).byLabel;
    expect(byLabel().get("node curve")).toBe(bits * elements);
    expect(byLabel(twoRound()).get("node curve")).toBe(lookups * elements);
    const [table] = [...byLabel(twoRound())].filter(([name]) => name.startsWith("table pairs"));
    expect(table[1]).toBe(tables);
  });

  it("of a function of few elements in the two-round system: over bits, until a table of rows is worth it or there is one", () => {
    const entries = [...random(256, 255)];
    const curve = (elements: number): number | undefined => {
      const made = tableProgram(entries, 0, "u8", elements);
      return planCircuit(made, validateProgram(made), twoRound()).byLabel.get("node curve");
    };
    // 43·6 = 258 < 257 + 2·6; 43·7 = 301 > 257 + 2·7
    expect([1, 6, 7].map(curve)).toEqual([43, 6 * 43, 7 * 2]);
    const shared = (b: ProgramBuilder): void => {
      const table = constant([256], entries, "i32");
      b.push({ kind: "table", node: "many", input: b.input("x", [1, 7], "u8"), low: 0, entries: table }, "many");
      b.push({ kind: "table", node: "n", input: b.input("y", [1, 1], "u8"), low: 0, entries: constant([256], entries, "i32") }, "one");
    };
    expect(cost(shared).twoRound).toBe(2);
  });

  it("of a function that is a line where it is reached: none", () => {
    const make = (entries: number[]): Program => tableProgram(entries, -2);
    for (const entries of [[7, 7, 7, 7], [3, -1, -5, -9]]) {
      expect(planCircuit(make(entries), validateProgram(make(entries)), plain()).byLabel.get("node curve")).toBeUndefined();
      expect(planCircuit(make(entries), validateProgram(make(entries)), twoRound()).byLabel.get("node curve")).toBeUndefined();
    }
    expect(planCircuit(make([3, -1, -5, -8]), validateProgram(make([3, -1, -5, -8])), plain()).byLabel.get("node curve")).toBeGreaterThan(0);
  });
});

/** (table(s) + x0)², s a sum of 8 elements and the table constant where s reaches. */
function constantStretch(): Program {
  const builder = new ProgramBuilder();
  const x = builder.input("x", [1, 8], "u8");
  const small = builder.push({ kind: "requantize", node: "clamp", input: x, shifts: [5], low: 0, high: 7 }, "small");
  const sum = builder.push({ kind: "linear", node: "sum", input: small, weight: constant([1, 8], new Array<number>(8).fill(1)), bias: constant([1], [0]) }, "sum");
  const curve = builder.push({ kind: "table", node: "curve", input: sum, low: -1, entries: constant([58], [9, ...new Array<number>(57).fill(5)]) }, "curve");
  const first = builder.push({ kind: "gather", node: "first", inputs: [small], index: constant([1, 1], [0], "i32"), constant: constant([0], []) }, "first");
  const shifted = builder.push({ kind: "add", node: "shift", left: curve, right: first, leftFactor: 3, rightFactor: 1 }, "shifted");
  const y = builder.push({ kind: "mul", node: "square", left: shifted, right: shifted }, "y");
  return builder.finish([port("x", x)], [port("y", y)]);
}

it.each([["groth16", plain()], ["two-round", twoRound()]] as const)("a function that is constant where it is reached leaves no trace of its argument, in %s", async (_, choices) => {
  const program = constantStretch();
  const circuit = await circuitOf(program, choices);
  expect(planCircuit(program, validateProgram(program), choices).constraints).toBe(circuit.r1cs.constraintCount);
  const inputs = [Float64Array.of(100, 0, 255, 3, 4, 5, 6, 7)];
  const witness = honestWitness(circuit, inputs, new SeededRandom(8).field());
  assertSatisfied(circuit, witness);
  expect(publicSignals(circuit, witness)[0]).toBe(packElements(referenceOutputs(program, inputs)[0], circuit.layout.outputs[0].type)[0]);
});
