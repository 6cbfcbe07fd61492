/**
 * Programs drawn operation by operation, whatever a quantizer would write, as circuits in both proof systems: as many
 * constraints as planned, all of which hold, and the reference's outputs, for random and for extreme inputs. Single operations
 * come with operands that no quantizer has, so that every kind's circuit is compared alone too.
 */
import { describe, expect, it } from "vitest";
import { elementRange } from "../../src/program/elementType.js";
import { execute, outputsOf } from "../../src/program/executor.js";
import { OPERATION_KINDS } from "../../src/program/ops/index.js";
import type { OperationKind, Program, TensorData } from "../../src/program/types.js";
import { validateProgram } from "../../src/program/validate.js";
import { ProgramBuilder } from "../../src/quantize/builder.js";
import { type Circuit, type CircuitChoices, planCircuit } from "../../src/zk/circuit/circuit.js";
import { widthClass } from "../../src/zk/circuit/wireOrder.js";
import { labelOf } from "../../src/zk/constraintValues.js";
import { gadgetKey } from "../../src/zk/gadgets/spec.js";
import { packElements } from "../../src/zk/packing.js";
import { checkR1cs } from "../../src/zk/r1csFile.js";
import { publicSignals } from "../../src/zk/witness.js";
import { CASES } from "../program/cases.js";
import { sizeOf } from "../program/coordinates.js";
import { ONE, programOf } from "../program/oneOperation.js";
import { randomProgram } from "../program/randomProgram.js";
import { Draw } from "../program/seeded.js";
import { SeededRandom } from "../support/random.js";
import { circuitOf, firstViolation, honestWitness, plain, twoRound } from "../support/zkRig.js";

const SYSTEMS: readonly (readonly [string, CircuitChoices])[] = [["groth16", plain()], ["two-round", twoRound(8)], ["two-round with a wider table", twoRound(10)]];
const CHALLENGE = new SeededRandom(77).field();

/** Inputs drawn uniformly, at either end of their type, and at random ends. */
function inputsFor(program: Program, draw: Draw): TensorData[][] {
  const each = (value: (low: number, high: number) => number): TensorData[] =>
    program.inputs.map(({ tensor }) => {
      const { shape, type } = program.tensors[tensor];
      const { low, high } = elementRange(type);
      return Float64Array.from({ length: sizeOf(shape) }, () => value(low, high));
    });
  return [each((low, high) => draw.integer(low, high)), each((low) => low), each((_, high) => high), each((low, high) => draw.edgy(low, high))];
}

async function expectProven(program: Program, choices: CircuitChoices, inputs: readonly TensorData[][], what: string): Promise<void> {
  const intervals = validateProgram(program);
  const circuit = await circuitOf(program, choices, intervals);
  checkR1cs(circuit.r1cs);
  const plan = planCircuit(program, intervals, choices);
  expect(circuit.r1cs.constraintCount, what).toBe(plan.constraints);
  const named = new Set(plan.specs.map(gadgetKey));
  for (const step of circuit.steps) if (step.kind === "gadget") expect(named, what).toContain(step.gadget.key);
  // Lookups are laid out with their table and counted with their node.
  if (choices.protocol === "groth16") expect(rowsByLabel(circuit), what).toEqual(plan.byLabel);
  for (const given of inputs) {
    const witness = honestWitness(circuit, given, CHALLENGE);
    const violation = firstViolation(circuit.r1cs, witness);
    expect(violation === undefined ? "none" : labelOf(circuit.labels, violation), what).toBe("none");
    // The prover takes so many bytes of each wire and no more.
    for (const { bytes, firstWire, count } of circuit.order.segments) {
      for (let wire = firstWire; wire < firstWire + count; wire++) expect(witness.get(wire) >> BigInt(8 * bytes), `${what}, wire ${wire}`).toBe(0n);
    }
    const signals = publicSignals(circuit, witness);
    outputsOf(program, execute(program, given)).forEach((values, i) => {
      const { firstSignal, signalCount, type } = circuit.layout.outputs[i];
      expect(signals.slice(firstSignal, firstSignal + signalCount), what).toEqual(packElements(values, type));
    });
  }
}

/** Of labels that have any. */
function rowsByLabel({ labels, r1cs }: Circuit): Map<string, number> {
  const rows = new Map<string, number>();
  labels.forEach(({ name, firstRow }, i) => {
    const count = (labels[i + 1]?.firstRow ?? r1cs.constraintCount) - firstRow;
    if (count > 0) rows.set(name, (rows.get(name) ?? 0) + count);
  });
  return rows;
}

describe.each(SYSTEMS)("%s", (_, choices) => {
  it.each(Array.from({ length: 24 }, (_seed, i) => i))("proves random program %i", async (seed) => {
    const draw = new Draw(400 + seed);
    const program = randomProgram(draw);
    await expectProven(program, choices, inputsFor(program, draw), `seed ${seed}`);
  });

  it.each(OPERATION_KINDS)("proves a %s alone, followed by another use of its elements", async (kind) => {
    for (let seed = 0; seed < 5; seed++) {
      const draw = new Draw(7000 + seed);
      const program = followed(kind, draw);
      await expectProven(program, choices, inputsFor(program, draw), `seed ${seed}`);
    }
  });
});

/** The operation, its square, and both as outputs: what the square is made of must be as long as the operation says. */
function followed(kind: OperationKind, draw: Draw): Program {
  const single = programOf(CASES[kind](draw, "small"));
  const builder = new ProgramBuilder();
  const result = single.outputs[0].tensor;
  single.inputs.forEach(({ name, tensor }) => builder.input(name, single.tensors[tensor].shape, single.tensors[tensor].type));
  for (const operation of single.operations) builder.push(operation, operation.node, undefined, single.tensors[operation.output].shape);
  const square = builder.push({ kind: "mul", node: "square", left: result, right: result }, "square");
  const scaled = builder.push({ kind: "requantize", node: "scaled", input: square, shifts: [9], low: -128, high: 127 }, "scaled");
  return builder.finish(single.inputs, [result, square, scaled].map((tensor) => ({ name: `y${tensor}`, tensor, scale: ONE })));
}

it("width classes hold a byte, two, four, or anything", () => {
  expect([1, 8, 9, 16, 17, 32, 33, 254].map(widthClass)).toEqual([1, 1, 2, 2, 4, 4, 32, 32]);
});
