/** Committed weights in the circuit: one constraint a multiply-accumulate, any weights of the types, and the attacks on them. */
import { beforeAll, describe, expect, it } from "vitest";
import { R, toField } from "../../src/math/field.js";
import { elementCount } from "../../src/math/shape.js";
import { committedConstants } from "../../src/program/constants.js";
import { elementRange } from "../../src/program/elementType.js";
import { encodeProgram } from "../../src/program/encoding.js";
import { modelIdOf } from "../../src/program/steps/index.js";
import type { Constant, ElementType, Program } from "../../src/program/types.js";
import { validateProgram } from "../../src/program/validate.js";
import type { Circuit, CircuitChoices } from "../../src/zk/circuit/circuit.js";
import { planCircuit } from "../../src/zk/circuit/circuit.js";
import { commitmentOf, freshSalt, saltedWeightsCommitment, weightsCommitmentOf } from "../../src/zk/commitment.js";
import { labelOf } from "../../src/zk/constraintValues.js";
import { packElements } from "../../src/zk/packing.js";
import { checkR1cs } from "../../src/zk/r1csFile.js";
import { publicSignals } from "../../src/zk/witness.js";
import { finalSteps } from "../support/finalOrder.js";
import { Forger } from "../support/forge.js";
import { buildModel } from "../support/onnxBuilder.js";
import { drawn, expectAgreement, inputsOf, withWeights } from "../support/openWeights.js";
import { SeededRandom } from "../support/random.js";
import { valuesOf } from "../support/rowAlgebra.js";
import { constant, images, program, tinyConvolution } from "../support/tinyModels.js";
import { circuitOf, firstViolation, givenFor, honestWitness, plain, quantizedModel, twoRound, witnessOf } from "../support/zkRig.js";

const CHALLENGE = new SeededRandom(77).field();
const SYSTEMS: readonly (readonly [string, CircuitChoices])[] = [["groth16", plain()], ["two-round", twoRound(10)]];

/** 6 → 5 → 3 with a ReLU between. */
function perceptron(seed: number): Uint8Array {
  const random = new SeededRandom(seed);
  const weights = (count: number): number[] => Array.from({ length: count }, () => random.uniform() * 2 - 1);
  return buildModel({
    inputs: [{ name: "x", shape: [1, 6] }],
    outputs: [{ name: "y", shape: [1, 3] }],
    initializers: [
      { name: "w1", dims: [6, 5], data: weights(30) }, { name: "b1", dims: [5], data: weights(5) },
      { name: "w2", dims: [5, 3], data: weights(15) }, { name: "b2", dims: [3], data: weights(3) },
    ],
    nodes: [
      { op: "Gemm", name: "first", inputs: ["x", "w1", "b1"], outputs: ["h"] },
      { op: "Relu", name: "relu", inputs: ["h"], outputs: ["r"] },
      { op: "Gemm", name: "second", inputs: ["r", "w2", "b2"], outputs: ["y"] },
    ],
  });
}

const MODELS: Readonly<Record<string, () => Promise<Program>>> = {
  "a convolution": async () => (await quantizedModel(tinyConvolution(1), images(16, 16, 2), "committed")).program,
  "a perceptron": async () => (await quantizedModel(perceptron(3), images(16, 6, 4), "committed")).program,
};

describe.each(Object.entries(MODELS))("%s with committed weights", (name, make) => {
  let base: Program;
  beforeAll(async () => {
    base = await make();
  });

  it.each(SYSTEMS)("proves in %s what the reference computes, for its own weights and any others of their types", async (_, choices) => {
    const circuit = await circuitOf(base, choices);
    const random = new SeededRandom(11);
    const extreme = (pick: "low" | "high") => ({ type }: Constant): number => elementRange(type)[pick];
    const variants = [base, withWeights(base, drawn(random)), withWeights(base, extreme("low")), withWeights(base, extreme("high"))];
    for (const weights of variants) {
      for (const value of [(low: number, high: number) => low + random.below(high - low + 1), (low: number) => low, (_low: number, high: number) => high]) {
        expectAgreement(circuit, weights, inputsOf(base, value));
      }
    }
  });

  it.each(SYSTEMS)("has one circuit in %s and one model id, whatever the weights", async (_, choices) => {
    const other = withWeights(base, drawn(new SeededRandom(12)));
    const [first, second] = [await circuitOf(base, choices), await circuitOf(other, choices)];
    expect(second.r1cs).toEqual(first.r1cs);
    expect(second.order).toEqual(first.order);
    expect(modelIdOf(other)).toBe(modelIdOf(base));
    const [ours, theirs] = [base, other].map(encodeProgram);
    expect(theirs.structure).toEqual(ours.structure);
    expect(theirs.weights).toEqual(ours.weights);
    expect(theirs.committed).not.toEqual(ours.committed);
  });

  it.each(SYSTEMS)("has as many constraints in %s as planned, one a multiply-accumulate", async (_, choices) => {
    const plan = planCircuit(base, validateProgram(base), choices);
    const { r1cs } = await circuitOf(base, choices);
    checkR1cs(r1cs);
    expect(r1cs.constraintCount).toBe(plan.constraints);
    // Two channels of 2×2 windows over 9 pixels, then 2×2; and 6×5 + 5×3.
    const accumulates = name === "a convolution" ? 2 * 4 * 9 + 4 : 30 + 15;
    expect(plan.byKind.get("products")).toBe(accumulates);
    const bytes = committedConstants(base).map(({ shape, type }) => [elementCount(shape), Math.log2(elementRange(type).high - elementRange(type).low + 1)] as const);
    const ranges = bytes.reduce((sum, [count, bits]) => sum + count * (choices.protocol === "groth16" ? bits + 1 : bits / 8), 0);
    // A row for each packed element, three permutations at most, and the public signal's.
    const rest = (plan.byKind.get("committed weights") ?? 0) - ranges;
    const packed = committedConstants(base).reduce((sum, { shape, type }) => sum + packElements(new Float64Array(elementCount(shape)), type).length, 0);
    expect((rest - packed - 1) % 609).toBe(0);
    expect((rest - packed - 1) / 609).toBe(Math.ceil((2 + 2 * bytes.length + packed + 1 - 1) / 15));
  });
});

describe("a part of the weights", () => {
  it.each(SYSTEMS)("committed by name of a node or of a tensor leaves the rest constants: %s", async (_, choices) => {
    const [byNode, byTensor] = await Promise.all(
      ["second", "w2"].map(async (name) => (await quantizedModel(perceptron(3), images(16, 6, 4), { committed: [name] })).program),
    );
    expect(byTensor).toEqual(byNode);
    expect(byNode.operations.map((operation) => "weight" in operation && operation.weight.committed === true)).toEqual([false, false, true, false]);
    expect(planCircuit(byNode, validateProgram(byNode), choices).byKind.get("products")).toBe(15);
    const circuit = await circuitOf(byNode, choices);
    expectAgreement(circuit, byNode, inputsOf(byNode, (low, high) => Math.floor((low + high) / 3)));
  });

  it("a name that nothing has is refused, as is a node without weights", async () => {
    await expect(quantizedModel(perceptron(3), images(16, 6, 4), { committed: ["third"] })).rejects.toMatchObject({ code: "BAD_USAGE", where: expect.stringContaining("third") as string });
    await expect(quantizedModel(perceptron(3), images(16, 6, 4), { committed: ["relu"] })).rejects.toMatchObject({ code: "BAD_USAGE", where: "node relu" });
  });
});

/** y = requantize(x·W + b), two by two, all committed. */
function twoByTwo(weight: readonly number[], bias: readonly number[], type: ElementType = "i8", accumulator: ElementType = "i32"): Program {
  const open = (shape: readonly number[], data: readonly number[]): Constant => ({ ...constant(shape, data, type), committed: true });
  return program(
    [{ shape: [1, 2], type: "u8" }, { shape: [1, 2], type: accumulator }, { shape: [1, 2], type: "i8" }],
    [
      { kind: "linear", node: "matrix", input: 0, output: 1, weight: open([2, 2], weight), bias: open([2], bias) },
      { kind: "requantize", node: "rescale", input: 1, output: 2, shifts: [6], low: -128, high: 127 },
    ],
  );
}

const SMALL = twoByTwo([3, -5, 7, 2], [-100, 9]);
const PIXELS = [Float64Array.of(200, 77)];

interface Target {
  readonly circuit: Circuit;
  readonly forger: Forger;
  readonly honest: bigint[];
  /** Final wires of the committed constants' elements: matrix, then bias. */
  readonly weights: readonly number[];
  readonly publicWires: readonly number[];
}

async function targetOf(small: Program, choices: CircuitChoices): Promise<Target> {
  const circuit = await circuitOf(small, choices);
  const { layout, external, order } = circuit;
  const challengeWire = layout.signalCount > layout.boundSignals ? layout.signalCount : undefined;
  const witness = honestWitness(circuit, PIXELS, CHALLENGE);
  expect(firstViolation(circuit.r1cs, witness)).toBeUndefined();
  return {
    circuit,
    forger: new Forger(circuit, { challengeWire }),
    honest: valuesOf(witness),
    weights: external.weights.tensors.flatMap(({ firstWires }) => Array.from(firstWires, (wire) => order.position[wire])),
    publicWires: Array.from({ length: layout.boundSignals }, (_, i) => i + 1),
  };
}

describe("attack ZK-08: committed weights without a range", () => {
  // Lane by lane the packed words stay the same, so the commitment does.
  const shifts: readonly (readonly [string, readonly (readonly [number, number])[]])[] = [
    ["256 too much in a weight, taken from the next", [[0, 256], [1, -1]]],
    ["−1 in a weight, given to the next", [[1, -256], [2, 1]]],
    ["256 too much in a bias, taken from the next", [[4, 256], [5, -1]]],
    ["a third weight's value in the first", [[0, 65536], [2, -1]]],
  ];

  describe.each(SYSTEMS)("%s", (_, choices) => {
    let target: Target;
    beforeAll(async () => {
      target = await targetOf(SMALL, choices);
    });

    it.each(shifts)("%s: the same commitment, no witness", (_name, deltas) => {
      const { forger, honest, weights, publicWires, circuit } = target;
      const changes = new Map(deltas.map(([element, delta]): [number, bigint] => [weights[element], toField(honest[weights[element]] + BigInt(delta))]));
      const { layout } = circuit;
      const pinned = publicWires.filter((wire) => wire > layout.contextSignal);
      const { values, violated } = forger.forge(honest, changes, { pinned, random: new SeededRandom(8), attempts: 3 });
      expect(values[1 + (layout.weightsSignal ?? 0)]).toBe(honest[1 + (layout.weightsSignal ?? 0)]);
      const where = new Set(violated.map((row) => labelOf(circuit.labels, row)));
      expect([...where].some((label) => label === "weights matrix" || label.startsWith("table range")), [...where].join()).toBe(true);
    });
  });

  it("were the range checks forgotten, the forgery would hold: it is real", async () => {
    const { forger, honest, weights, publicWires, circuit } = await targetOf(SMALL, plain());
    const changes = new Map([[weights[0], toField(honest[weights[0]] + 256n)], [weights[1], toField(honest[weights[1]] - 1n)]]);
    const pinned = publicWires.filter((wire) => wire > circuit.layout.contextSignal);
    const strict = forger.forge(honest, changes, { pinned, random: new SeededRandom(8), attempts: 3 });
    const forgotten = new Set(forger.rows.flatMap((_row, i) => (labelOf(circuit.labels, i) === "weights matrix" ? [i] : [])));
    const weak = new Forger(circuit, { forgotten }).forge(honest, changes, { pinned, random: new SeededRandom(8), attempts: 3 });
    expect(strict.violated).not.toEqual([]);
    expect(weak.violated).toEqual([]);
    expect(weak.values[1]).not.toBe(honest[1]);
  });
});

describe("attack ZK-12: a model that is not bound to the proof", () => {
  it.each(SYSTEMS)("no other weight, salt or product fits a commitment that stands: %s", async (_, choices) => {
    const { forger, honest, weights, circuit, publicWires } = await targetOf(SMALL, choices);
    const { layout, external, order } = circuit;
    const commitment = 1 + (layout.weightsSignal ?? 0);
    const salt = order.position[external.weights.salt ?? 0];
    for (const wire of [...weights, salt]) {
      for (const value of [honest[wire] + 1n, honest[wire] - 1n, 0n]) {
        if (toField(value) === honest[wire]) continue;
        const { violated } = forger.forge(honest, new Map([[wire, toField(value)]]), { pinned: [commitment], random: new SeededRandom(9), attempts: 2 });
        expect(violated, `wire ${wire}`).not.toEqual([]);
      }
    }
    // And outputs cannot be chosen: each wire of the model, and some of the permutations', with all that is public standing.
    const random = new SeededRandom(10);
    const first = layout.signalCount + 1;
    const roundOne = order.segments.find(({ round }) => round === 1)?.firstWire ?? honest.length;
    const inside = new Set(
      finalSteps(circuit).flatMap((step) => (step.kind === "gadget" && step.gadget.key.startsWith("Absorb") ? step.gadget.ownWires.map((own) => step.wires[own]) : [])),
    );
    expect(inside.size).toBeGreaterThan(600);
    for (let wire = first; wire < roundOne; wire++) {
      if (inside.has(wire) && wire % 40 !== 0) continue;
      const { values, violated } = forger.forge(honest, new Map([[wire, toField(honest[wire] + 1n)]]), { pinned: publicWires, random, attempts: 0 });
      if (violated.length > 0) continue;
      // A hint that is multiplied by 0: nothing else changes before the challenge.
      expect(values.slice(1, roundOne).filter((value, i) => value !== honest[1 + i])).toHaveLength(1);
    }
  });
});

describe("attack ZK-14: a commitment to weights without a length domain", () => {
  const weights = (lengths: readonly number[], type: ElementType = "i8"): Constant[] => {
    let next = 0;
    return lengths.map((length) => constant([length], Array.from({ length }, () => (next++ % 100) + 1), type));
  };

  it("the same elements in other tensors, types or numbers have other commitments", () => {
    const families = [weights([6]), weights([3, 3]), weights([2, 4]), weights([6, 0]), weights([0, 6]), weights([7]), weights([6], "u8"), weights([6], "i16")];
    const padded = [[1, 2, 0], [1, 2], [1, 2, 0, 0]].map((data) => [constant([data.length], data)]);
    const shifted = [[constant([2], [1, 2]), constant([1], [0])], [constant([2], [1, 2]), constant([2], [0, 0])]];
    const commitments = [...families, ...padded, ...shifted].map((constants) => weightsCommitmentOf(constants, 5n));
    expect(new Set(commitments).size).toBe(commitments.length);
  });

  it("is no tensor's commitment, whatever its role", () => {
    const data = [constant([2], [1, 2])];
    const tensors = (["input", "output"] as const).map((role) => commitmentOf({ role, index: 0, type: "i8", elements: 2 }, packElements(data[0].data, "i8"), 5n));
    expect(tensors).not.toContain(weightsCommitmentOf(data, 5n));
  });

  it.each([1, 11, 31, 32, 200, 420])("the circuit commits to %i weights as the library does", async (length) => {
    const open: Constant = { ...constant([1, length], Array.from({ length }, (_, i) => ((i * 37) % 256) - 128)), committed: true };
    const sum = program(
      [{ shape: [1, length], type: "u8" }, { shape: [1, 1], type: "i32" }, { shape: [1, 1], type: "i16" }],
      [
        { kind: "linear", node: "sum", input: 0, output: 1, weight: open, bias: { ...constant([1], [-3]), committed: true } },
        { kind: "requantize", node: "rescale", input: 1, output: 2, shifts: [9], low: -32768, high: 32767 },
      ],
    );
    expectAgreement(await circuitOf(sum), sum, [Float64Array.from({ length }, (_, i) => (i * 31) % 256)]);
  });
});

describe("attack ZK-15: an unsalted commitment to weights", () => {
  it("the same weights have another commitment every time", () => {
    const constants = committedConstants(SMALL);
    const commitments = Array.from({ length: 6 }, () => saltedWeightsCommitment(constants));
    expect(new Set(commitments.map(({ commitment }) => commitment)).size).toBe(6);
    for (const { salt, commitment } of commitments) {
      expect(salt).toBeLessThan(1n << 248n);
      expect(weightsCommitmentOf(constants, salt)).toBe(commitment);
      expect(commitment).toBeLessThan(R);
    }
    expect(weightsCommitmentOf(constants, freshSalt())).not.toBe(weightsCommitmentOf(constants, freshSalt()));
  });

  it("neither the structure nor the model id nor a public signal tells a weight", async () => {
    const zeros = withWeights(SMALL, () => 0);
    expect(encodeProgram(zeros).structure).toEqual(encodeProgram(SMALL).structure);
    const circuit = await circuitOf(SMALL);
    const [first, second] = [3n, 4n].map((salt) => {
      const values = committedConstants(SMALL).map(({ data }) => data);
      return publicSignals(circuit, witnessOf(circuit, { ...givenFor(circuit, PIXELS), weights: { values, salt } }));
    });
    expect(first.flatMap((signal, i) => (signal === second[i] ? [] : [i]))).toEqual([circuit.layout.weightsSignal]);
  });
});

describe("a committed constant that is moved into a tensor", () => {
  const token: Constant = { ...constant([3], [7, -8, 127]), committed: true };
  const joined = program(
    [{ shape: [1, 2], type: "u8" }, { shape: [1, 5], type: "i16" }, { shape: [1, 5], type: "i16" }],
    [
      { kind: "gather", node: "join", output: 1, inputs: [0], index: constant([1, 5], [4, 0, 3, 1, 2], "i32"), constant: token },
      { kind: "requantize", node: "rescale", input: 1, output: 2, shifts: [1], low: -32768, high: 32767 },
    ],
  );

  it.each(SYSTEMS)("is range-checked and bound like a weight, and costs no products: %s", async (_, choices) => {
    const circuit = await circuitOf(joined, choices);
    expect([...validateProgram(joined)[1].low]).toEqual([-128, 0, -128, 0, -128]);
    expect(planCircuit(joined, validateProgram(joined), choices).byKind.has("products")).toBe(false);
    for (const weights of [joined, withWeights(joined, ({ data }, i) => -data[i] - 1)]) expectAgreement(circuit, weights, [Float64Array.of(255, 3)]);
  });

  it("indices, shifts and tables cannot be left open", () => {
    const [join, rescale] = joined.operations;
    if (join.kind !== "gather") throw new Error("no gather");
    const open = { ...joined, operations: [{ ...join, index: { ...join.index, committed: true as const } }, rescale] };
    expect(() => validateProgram(open)).toThrow(/\(index\) cannot be committed/);
  });
});

describe("attack ZK-18: overflow with extreme weights", () => {
  const wide = (type: ElementType, accumulator: ElementType): Program => twoByTwo([1, 1, 1, 1], [0, 0], type, accumulator);

  it("accumulators have room for every weight of the type, whatever the weights are", () => {
    const [, interval] = validateProgram(wide("i16", "i32"));
    expect([...interval.low]).toEqual([0, 0].fill(2 * 255 * -32768 - 32768));
    expect([...interval.high]).toEqual([0, 0].fill(2 * 255 * 32767 + 32767));
    // Two weights of 32 bits do not fit where the values 1 and 0 would.
    expect(() => validateProgram(wide("i32", "i32"))).toThrow(/do not fit i32/);
    expect(() => validateProgram(wide("i32", "i64"))).not.toThrow();
  });

  it("a program that some weights of the types would take beyond 2^53 is refused by node", () => {
    const open = (shape: readonly number[]): Constant => ({ ...constant(shape, new Array<number>(elementCount(shape)).fill(0), "i32"), committed: true });
    const long = program(
      [{ shape: [1, 8192], type: "u16" }, { shape: [1, 1], type: "i64" }, { shape: [1, 1], type: "i8" }],
      [
        { kind: "linear", node: "long", input: 0, output: 1, weight: open([1, 8192]), bias: open([1]) },
        { kind: "requantize", node: "rescale", input: 1, output: 2, shifts: [20], low: -128, high: 127 },
      ],
    );
    expect(() => validateProgram(long)).toThrow(/beyond 2\^53/);
  });

  it.each(SYSTEMS)("extreme weights and inputs end exactly where the interval does: %s", async (_, choices) => {
    for (const type of ["i8", "i16", "i32"] as const) {
      const base = wide(type, type === "i32" ? "i64" : "i32");
      const circuit = await circuitOf(base, choices);
      const { low, high } = elementRange(type);
      for (const [weight, bias] of [[low, low], [high, high], [low, high], [high, low]]) {
        for (const pixel of [0, 255]) expectAgreement(circuit, withWeights(base, ({ shape }) => (shape.length === 2 ? weight : bias)), [Float64Array.of(pixel, pixel)]);
      }
    }
  });

  it("a committed constant that no range check describes is refused", () => {
    expect(() => validateProgram(wide("i64", "i64"))).toThrow(/i64/);
  });
});
