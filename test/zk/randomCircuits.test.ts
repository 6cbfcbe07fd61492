/**
 * Random models of all supported operators as circuits, in both proof systems: every constraint holds for the witness, and the
 * public outputs are exactly what the reference executor computes, for ordinary and for extreme inputs.
 */
import { describe, expect, it } from "vitest";
import { elementCount } from "../../src/math/shape.js";
import { elementRange } from "../../src/program/elementType.js";
import { execute, outputsOf } from "../../src/program/executor.js";
import type { Program, TensorData } from "../../src/program/types.js";
import { chooseCircuit } from "../../src/zk/circuit/choose.js";
import { assembleCircuit } from "../../src/zk/circuit/circuit.js";
import { ConstraintEvaluator, labelOf } from "../../src/zk/constraintValues.js";
import { packElements } from "../../src/zk/packing.js";
import { checkR1cs } from "../../src/zk/r1csFile.js";
import { PROTOCOLS } from "../../src/zk/protocol.js";
import { publicSignals, roundOne, roundZero } from "../../src/zk/witness.js";
import { Draw } from "../program/seeded.js";
import { randomGraph } from "../quantize/randomGraph.js";
import { buildModel } from "../support/onnxBuilder.js";
import { libraryOf, PUBLIC, quantizedModel } from "../support/zkRig.js";

const SEEDS = Array.from({ length: 24 }, (_, i) => 9000 + i);
const CHALLENGE = 0x1f3d5b79n ** 7n;

/** Inputs drawn uniformly, and all at either end of their type. */
function inputsFor(program: Program, draw: Draw): TensorData[][] {
  const each = (value: (low: number, high: number) => number): TensorData[] =>
    program.inputs.map(({ tensor }) => {
      const { shape, type } = program.tensors[tensor];
      const { low, high } = elementRange(type);
      return Float64Array.from({ length: elementCount(shape) }, () => value(low, high));
    });
  return [each((low, high) => draw.integer(low, high)), each((low) => low), each((_, high) => high), each((low, high) => draw.pick([low, 0, high]))];
}

describe.each(SEEDS)("random model %i", (seed) => {
  it.each(PROTOCOLS)("is what its %s circuit proves", async (protocol) => {
    const draw = new Draw(seed);
    const { spec } = randomGraph(draw);
    const sample = spec.inputs.map(({ shape }) => Float32Array.from({ length: elementCount(shape as number[]) }, () => draw.integer(-1000, 1000) / 500));
    const { program, intervals } = await quantizedModel(buildModel(spec), [sample]);
    const { choices, plan } = chooseCircuit(program, intervals, PUBLIC, protocol);
    const circuit = assembleCircuit(program, intervals, choices, await libraryOf(plan.specs));
    checkR1cs(circuit.r1cs);
    expect(circuit.r1cs.constraintCount).toBe(plan.constraints);
    const evaluator = new ConstraintEvaluator(circuit.r1cs);
    for (const inputs of inputsFor(program, draw)) {
      const given = { inputs, context: 5n, inputSalts: [], outputSalts: [] };
      const witness = roundOne(circuit, roundZero(circuit, given), CHALLENGE);
      const violation = evaluator.firstViolation(witness);
      expect(violation === undefined ? "none" : labelOf(circuit.labels, violation)).toBe("none");
      const signals = publicSignals(circuit, witness);
      outputsOf(program, execute(program, inputs)).forEach((values, i) => {
        const { firstSignal, signalCount, type } = circuit.layout.outputs[i];
        expect(signals.slice(firstSignal, firstSignal + signalCount)).toEqual(packElements(values, type));
      });
    }
  });
});
