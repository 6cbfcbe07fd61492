/** Committed weights with many columns under Freivalds' check: exact, cheaper where it is chosen, and no other product passes. */
import { describe, expect, it } from "vitest";
import { R, toField } from "../../src/math/field.js";
import { elementCount } from "../../src/math/shape.js";
import { elementRange } from "../../src/program/elementType.js";
import type { Constant, ConvOperation, ElementType, Program } from "../../src/program/types.js";
import { validateProgram } from "../../src/program/validate.js";
import { windowOutput } from "../../src/program/window.js";
import { planCircuit } from "../../src/zk/circuit/circuit.js";
import { powerChain } from "../../src/zk/circuit/matrixCheck.js";
import { drawn, expectAgreement, inputsOf, withWeights } from "../support/openWeights.js";
import { SeededRandom } from "../support/random.js";
import { attack, idleHints, inputSignals, sweep, targetOf } from "../support/sweep.js";
import { constant, program } from "../support/tinyModels.js";
import { circuitOf, plain, twoRound } from "../support/zkRig.js";

interface Convolution {
  readonly image: readonly number[];
  readonly channels: number;
  readonly outputs: number;
  readonly kernel: readonly number[];
  readonly group?: number;
  readonly stride?: number;
  readonly pad?: number;
  readonly type?: ElementType;
}

function open(shape: readonly number[], type: ElementType, random: SeededRandom): Constant {
  const { low, high } = elementRange(type);
  return { ...constant(shape, Array.from({ length: elementCount(shape) }, () => low + random.below(high - low + 1)), type), committed: true };
}

/** A convolution, channels last, with everything committed. */
function convolution({ image, channels, outputs, kernel, group = 1, stride = 1, pad = 0, type = "i8" }: Convolution): Program {
  const random = new SeededRandom(31);
  const each = (value: number): number[] => kernel.map(() => value);
  const window: ConvOperation["window"] = { kernel, strides: each(stride), dilations: each(1), padsBegin: each(pad), padsEnd: each(pad) };
  const shape = [1, ...windowOutput(image, window), outputs];
  const weights = { weight: open([outputs, ...kernel, channels / group], type, random), bias: open([outputs], "i16", random) };
  return program(
    [{ shape: [1, ...image, channels], type: "u8" }, { shape, type: "i64" }, { shape, type: "i16" }],
    [
      { kind: "conv", node: "conv", input: 0, output: 1, window, group, ...weights },
      { kind: "requantize", node: "rescale", input: 1, output: 2, shifts: [5], low: -32768, high: 32767 },
    ],
  );
}

/** A matrix over a sequence. */
function sequence(steps: number, length: number, outputs: number): Program {
  const random = new SeededRandom(32);
  const shape = [1, steps, outputs];
  return program(
    [{ shape: [1, steps, length], type: "i8" }, { shape, type: "i32" }, { shape, type: "i8" }],
    [
      { kind: "linear", node: "sequence", input: 0, output: 1, weight: open([outputs, length], "i8", random), bias: open([outputs], "i8", random) },
      { kind: "requantize", node: "rescale", input: 1, output: 2, shifts: [8], low: -128, high: 127 },
    ],
  );
}

const CASES: readonly (readonly [string, Program, number])[] = [
  ["a convolution", convolution({ image: [7, 7], channels: 1, outputs: 4, kernel: [3, 3] }), 1],
  ["a padded convolution with a stride", convolution({ image: [8, 6], channels: 3, outputs: 5, kernel: [3, 2], stride: 2, pad: 1 }), 1],
  ["groups", convolution({ image: [9], channels: 4, outputs: 8, kernel: [3], group: 2, pad: 1 }), 2],
  ["16-bit weights", convolution({ image: [6, 6], channels: 2, outputs: 4, kernel: [2, 2], type: "i16" }), 1],
  ["a sequence", sequence(9, 6, 7), 1],
];

const nodeCost = (made: Program, choices = twoRound()): number | undefined => {
  const { byLabel } = planCircuit(made, validateProgram(made), choices);
  return byLabel.get("node conv") ?? byLabel.get("node sequence");
};

describe("a matrix product with committed weights", () => {
  it.each(CASES)("%s is what the reference computes, for any weights", async (_, made, checks) => {
    const circuit = await circuitOf(made, twoRound(10));
    expect(circuit.steps.filter(({ kind }) => kind === "matrixCheck")).toHaveLength(checks);
    expect(circuit.r1cs.constraintCount).toBe(planCircuit(made, validateProgram(made), twoRound(10)).constraints);
    const random = new SeededRandom(33);
    const extreme = ({ type }: Constant): number => elementRange(type).low;
    for (const weights of [made, withWeights(made, drawn(random)), withWeights(made, extreme)]) {
      for (const value of [(low: number, high: number) => low + random.below(high - low + 1), (low: number) => low, (_low: number, high: number) => high]) {
        expectAgreement(circuit, weights, inputsOf(made, value));
      }
    }
  });

  it("costs nk + km + nm, and a constraint a multiply-accumulate in plain Groth16", () => {
    // 25 positions, 9 terms, 4 outputs.
    const [[, made]] = CASES;
    expect(nodeCost(made)).toBe(9 * (25 + 4 + 1) + 25 * 4 + 1 + powerChain(4).length);
    expect(nodeCost(made, plain())).toBe(25 * 9 * 4);
    // Cells in the padding are no multiply-accumulates.
    const padded = convolution({ image: [4], channels: 1, outputs: 3, kernel: [3], pad: 1 });
    expect(nodeCost(padded, plain())).toBe(3 * (2 + 3 + 3 + 2));
  });

  it("is computed directly where one column uses each weight: a dense layer, a depthwise convolution", () => {
    expect(nodeCost(sequence(1, 16, 10))).toBe(160);
    expect(nodeCost(convolution({ image: [6, 6], channels: 4, outputs: 4, kernel: [3, 3], group: 4 }))).toBe(16 * 9 * 4);
  });
});

describe("attack ZK-12: a product that is not that of the committed weights", () => {
  const small = sequence(3, 4, 5);
  const inputs = inputsOf(small, (low, high) => Math.floor((low + 2 * high) / 3));

  it("one entry, entries that add up, or a fraction: the check refuses each", async () => {
    const target = await targetOf(small, twoRound(), inputs);
    const [check] = target.forger.steps.filter((step) => step.kind === "matrixCheck");
    const deltas: (readonly [number, bigint])[][] = [
      ...Array.from({ length: 15 }, (_, entry) => [[entry, 1n] as const]), [[2, -1n]], [[0, R / 2n]], [[0, 1n], [1, -1n]], [[0, 1n], [5, -1n]],
    ];
    for (const changes of deltas) {
      const wires = changes.map(([entry, delta]): [number, bigint] => [check.product[entry].wires[0], toField(target.honest[check.product[entry].wires[0]] + delta)]);
      expect(attack(target, wires, inputSignals(target), 0).where).toContain("node sequence");
    }
  });

  it("a weight cannot change between its commitment and the product", async () => {
    const target = await targetOf(small, twoRound(), inputs);
    const { external, order } = target.circuit;
    for (const { firstWires } of external.weights.tensors) {
      for (const wire of Array.from(firstWires, (laid) => order.position[laid])) {
        expect(attack(target, [[wire, target.honest[wire] + 1n]], inputSignals(target), 1).violated).not.toEqual([]);
      }
    }
  });
});

describe("every committed wire of a small model", () => {
  it("is determined by the public signals", async () => {
    const tiny = sequence(3, 3, 3);
    const target = await targetOf(tiny, twoRound(), inputsOf(tiny, (low, high) => Math.floor((2 * low + high) / 3)));
    // The permutation's wires have a test of their own.
    const permutation = new Set(
      target.forger.steps.flatMap((step) => (step.kind === "gadget" && step.gadget.key.startsWith("Absorb") ? step.gadget.ownWires.map((own) => step.wires[own]) : [])),
    );
    expect(permutation.size).toBeGreaterThan(600);
    expect(sweep(target, 1, (wire) => !permutation.has(wire) || wire % 60 === 0)).toEqual(idleHints(target));
  });
});
