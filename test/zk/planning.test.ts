/** Counting a circuit's constraints: exact where elements differ in what they cost, and done once for those that do not. */
import { describe, expect, it, vi } from "vitest";
import type { Program, WindowAttributes } from "../../src/program/types.js";
import { validateProgram } from "../../src/program/validate.js";
import { ProgramBuilder } from "../../src/quantize/builder.js";
import { chooseCircuit } from "../../src/zk/circuit/choose.js";
import { type Circuit, type CircuitChoices, planCircuit } from "../../src/zk/circuit/circuit.js";
import { ConstraintPlan } from "../../src/zk/circuit/plan.js";
import { gadgetKey } from "../../src/zk/gadgets/spec.js";
import { packElements } from "../../src/zk/packing.js";
import { publicSignals } from "../../src/zk/witness.js";
import { Draw } from "../program/seeded.js";
import { port } from "../support/operationPrograms.js";
import { SeededRandom } from "../support/random.js";
import { constant } from "../support/tinyModels.js";
import { assertSatisfied, circuitOf, honestWitness, plain, PUBLIC, referenceOutputs, twoRound } from "../support/zkRig.js";

const SYSTEMS: readonly (readonly [string, CircuitChoices])[] = [["groth16", plain()], ["two-round", twoRound()], ["two-round with a wider table", twoRound(11)]];

/** Padded, so that windows at the edge have fewer cells. */
const WINDOW: WindowAttributes = { kernel: [3, 2], strides: [2, 2], dilations: [1, 1], padsBegin: [1, 0], padsEnd: [1, 1] };

/** Every operation on x of [1, size, size, 4] whose elements are unlike each other: by channel, by window, constant, short and long. */
function mixedProgram(size: number): Program {
  const draw = new Draw(11);
  const builder = new ProgramBuilder();
  const x = builder.input("x", [1, size, size, 4], "i8");
  const small = builder.push({ kind: "requantize", node: "narrow", input: x, shifts: [0, 3, 0, 1], low: -128, high: 127 }, "small");
  const pooled = builder.push({ kind: "maxPool", node: "pool", input: small, window: WINDOW }, "pooled");
  const [, height, width] = builder.descriptor(pooled).shape;
  const length = height * width * 4;
  const sums = builder.push({ kind: "linear", node: "sums", input: pooled, weight: constant([4, 4], draw.list(16, () => draw.integer(-9, 9))), bias: constant([4], [1, 2, 3, 4]) }, "sums");
  // Elements of the input, of sums and constants in turn.
  const index = draw.list(length, (e) => [e, length + e, 2 * length + (e % 2)][e % 3]);
  const shape = [1, height, width, 4];
  const mixed = builder.push({ kind: "gather", node: "mix", inputs: [pooled, sums], index: constant(shape, index, "i32"), constant: constant([2], [5, -3]) }, "mixed");
  const product = builder.push({ kind: "mul", node: "product", left: mixed, right: sums }, "product");
  const square = builder.push({ kind: "mul", node: "square", left: mixed, right: mixed }, "square");
  const flat = [product, square, mixed].map((tensor, i) => builder.push({ kind: "reshape", node: "flat", input: tensor }, `flat${i}`, undefined, [height * width, 4]));
  const scores = builder.push({ kind: "matmul", node: "scores", left: flat[2], right: flat[2] }, "scores");
  const scaled = builder.push({ kind: "requantize", node: "scale", input: scores, shifts: [9], low: -32, high: 31 }, "scaled");
  const entries = constant([64], draw.list(64, (i) => (i < 30 ? draw.integer(-100, 100) : 2 * i)), "i16");
  const curve = builder.push({ kind: "table", node: "curve", input: scaled, low: -32, entries }, "curve");
  const again = builder.push({ kind: "mul", node: "again", left: curve, right: curve }, "again");
  return builder.finish([port("x", x)], [flat[0], flat[1], again].map((tensor, i) => port(`y${i}`, tensor)));
}

/** The gadgets that a circuit is laid out with; those after the challenge are always the same. */
const gadgetsOf = ({ steps }: Circuit): string[] => [...new Set(steps.flatMap((step) => (step.kind === "gadget" ? [step.gadget.key] : [])))].sort();

/** One tensor as a factor under two ranges: channel by channel, and reshaped, where its channels are one. */
function reshapedFactors(of: "wide" | "sums"): Program {
  const builder = new ProgramBuilder();
  const x = builder.input("x", [2, 4], "i8");
  const narrow = builder.push({ kind: "requantize", node: "narrow", input: x, shifts: [4], low: -8, high: 7 }, "narrow");
  // Products of 8, of 16 and of 32 bits: 15·15, 15·3750, 3750·3750.
  const wide = builder.push({ kind: "affine", node: "widen", input: narrow, weight: constant([4], [1, 100_000, -250, 90_000], "i32"), bias: constant([4], [0, 7, 0, 0]) }, "wide");
  const weights = constant([4, 4], [1, 1, 1, 0, 2, -1, 0, 3, 900, 800, 700, 0, 0, 1, 1, 1], "i16");
  const sums = builder.push({ kind: "linear", node: "sum", input: narrow, weight: weights, bias: constant([4], [0, 9, 0, 0]) }, "sums");
  const small = builder.push({ kind: "reshape", node: "turn", input: narrow }, "small", undefined, [4, 2]);
  const tensor = { wide, sums }[of];
  const square = builder.push({ kind: "mul", node: "square", left: tensor, right: tensor }, "square");
  const turned = builder.push({ kind: "reshape", node: "turn", input: tensor }, "turned", undefined, [4, 2]);
  const matmul = builder.push({ kind: "matmul", node: "matmul", left: turned, right: turned }, "matmul");
  const outputs = [square, matmul, builder.push({ kind: "mul", node: "again", left: turned, right: small }, "again")];
  return builder.finish([port("x", x)], outputs.map((tensor, i) => port(`y${i}`, tensor)));
}

describe.each(SYSTEMS)("a plan in %s", (_, choices) => {
  it.each(["wide", "sums"] as const)("names the gadgets that a tensor of %s needs as a factor under several ranges", async (of) => {
    const program = reshapedFactors(of);
    const plan = planCircuit(program, validateProgram(program), choices);
    const circuit = await circuitOf(program, choices);
    expect(circuit.r1cs.constraintCount).toBe(plan.constraints);
    expect(plan.specs.map(gadgetKey)).toEqual(expect.arrayContaining(gadgetsOf(circuit)));
    const inputs = [Float64Array.of(-128, 127, 5, -77, 3, 0, -1, 99)];
    const witness = honestWitness(circuit, inputs, new SeededRandom(9).field());
    assertSatisfied(circuit, witness);
    referenceOutputs(program, inputs).forEach((values, i) => {
      const { firstSignal, signalCount, type } = circuit.layout.outputs[i];
      expect(publicSignals(circuit, witness).slice(firstSignal, firstSignal + signalCount)).toEqual(packElements(values, type));
    });
  });

  it.each([3, 5, 6])("is what is assembled, of unlike elements over %i pixels a side", async (size) => {
    const program = mixedProgram(size);
    const plan = planCircuit(program, validateProgram(program), choices);
    expect((await circuitOf(program, choices)).r1cs.constraintCount).toBe(plan.constraints);
    expect(plan.constraints).toBeGreaterThan(500);
  });

  it("is as much work for many elements as for few", () => {
    const work = (size: number): readonly [number, number] => {
      const spies = (["instantiate", "lookup", "define", "assign"] as const).map((method) => vi.spyOn(ConstraintPlan.prototype, method));
      const builder = new ProgramBuilder();
      const x = builder.input("x", [1, size, size, 4], "u8");
      const pooled = builder.push({ kind: "maxPool", node: "pool", input: x, window: { ...WINDOW, strides: [1, 1] } }, "pooled");
      const square = builder.push({ kind: "mul", node: "square", left: pooled, right: pooled }, "square");
      const scaled = builder.push({ kind: "requantize", node: "scale", input: square, shifts: [8, 9, 10, 9], low: 0, high: 255 }, "scaled");
      const entries = constant([256], new Draw(3).list(256, (i) => (i * i * 7919) % 251), "u8");
      const curve = builder.push({ kind: "table", node: "curve", input: scaled, low: 0, entries }, "curve");
      const program = builder.finish([port("x", x)], [port("y", curve)]);
      const { constraints } = planCircuit(program, validateProgram(program), { ...choices, visibilities: { inputs: "private", outputs: "private" } });
      const calls = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
      vi.restoreAllMocks();
      return [constraints, calls];
    };
    const [[few, littleWork], [many, muchWork]] = [work(8), work(64)];
    expect(many).toBeGreaterThan(20 * few);
    expect(muchWork).toBeLessThanOrEqual(littleWork);
    expect(muchWork).toBeLessThan(500);
  });
});

it("a choice plans millions of constraints without laying them out", () => {
  const builder = new ProgramBuilder();
  const x = builder.input("x", [1, 256, 256, 16], "u8");
  const pooled = builder.push({ kind: "maxPool", node: "pool", input: x, window: WINDOW }, "pooled");
  const program = builder.finish([port("x", x)], [port("y", pooled)]);
  const spy = vi.spyOn(ConstraintPlan.prototype, "instantiate");
  const { options } = chooseCircuit(program, validateProgram(program), PUBLIC, undefined);
  expect(options.groth16.plan.constraints).toBeGreaterThan(10_000_000);
  expect(spy.mock.calls.length).toBeLessThan(1000);
  vi.restoreAllMocks();
});
