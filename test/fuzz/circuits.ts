/** A program as a circuit: as many constraints as planned, all of which hold, and the reference's outputs. */
import { elementCount } from "../../src/math/shape.js";
import { elementRange } from "../../src/program/elementType.js";
import { execute, outputsOf } from "../../src/program/executor.js";
import type { Program, TensorData } from "../../src/program/types.js";
import type { Intervals } from "../../src/program/validate.js";
import { chooseCircuit } from "../../src/zk/circuit/choose.js";
import { assembleCircuit } from "../../src/zk/circuit/circuit.js";
import { ConstraintEvaluator, labelOf } from "../../src/zk/constraintValues.js";
import { packElements } from "../../src/zk/packing.js";
import type { Protocol } from "../../src/zk/protocol.js";
import { checkR1cs } from "../../src/zk/r1csFile.js";
import { publicSignals, roundOne, roundZero } from "../../src/zk/witness.js";
import type { Draw } from "../program/seeded.js";
import { GadgetLibrary } from "../../src/zk/gadgets/library.js";
import { PUBLIC, testPool } from "../support/zkRig.js";

/** Shared by all models, so that a gadget is loaded once. */
const library = new GadgetLibrary();

const CHALLENGE = 0x1f3d5b79n ** 7n;

/** Inputs drawn uniformly from their type, all at either end of it, and each at an end or 0. */
export function wildInputs(program: Program, draw: Draw): TensorData[][] {
  const each = (value: (low: number, high: number) => number): TensorData[] =>
    program.inputs.map(({ tensor }) => {
      const { shape, type } = program.tensors[tensor];
      const { low, high } = elementRange(type);
      return Float64Array.from({ length: elementCount(shape) }, () => value(low, high));
    });
  return [each((low, high) => draw.integer(low, high)), each((low) => low), each((_, high) => high), each((low, high) => draw.pick([low, 0, high]))];
}

/** @throws Error where anything differs */
export async function assertProven(program: Program, intervals: Intervals, protocol: Protocol, inputs: readonly (readonly TensorData[])[]): Promise<void> {
  const { choices, plan } = chooseCircuit(program, intervals, PUBLIC, protocol);
  await library.prepare(plan.specs, testPool);
  const circuit = assembleCircuit(program, intervals, choices, library);
  checkR1cs(circuit.r1cs);
  const { constraintCount } = circuit.r1cs;
  if (constraintCount !== plan.constraints) throw new Error(`${protocol}: ${constraintCount} constraints, ${plan.constraints} planned`);
  const evaluator = new ConstraintEvaluator(circuit.r1cs);
  for (const [i, given] of inputs.entries()) {
    const witness = roundOne(circuit, roundZero(circuit, { inputs: given, context: 5n, inputSalts: [], outputSalts: [] }), CHALLENGE);
    const violation = evaluator.firstViolation(witness);
    if (violation !== undefined) throw new Error(`${protocol}: ${labelOf(circuit.labels, violation)} does not hold for inputs ${i}`);
    const signals = publicSignals(circuit, witness);
    outputsOf(program, execute(program, given)).forEach((values, o) => {
      const { firstSignal, signalCount, type } = circuit.layout.outputs[o];
      const proven = signals.slice(firstSignal, firstSignal + signalCount);
      if (proven.join() !== packElements(values, type).join()) throw new Error(`${protocol}: output ${program.outputs[o].name} differs from the reference for inputs ${i}`);
    });
  }
}
