/** Programs with committed weights, other weights for them, and whether a circuit proves what the reference computes with these. */
import { expect } from "vitest";
import { elementCount } from "../../src/math/shape.js";
import { committedConstants, constantsOf } from "../../src/program/constants.js";
import { elementRange } from "../../src/program/elementType.js";
import type { Constant, Operation, Program, TensorData } from "../../src/program/types.js";
import type { Circuit } from "../../src/zk/circuit/circuit.js";
import { weightsCommitmentOf } from "../../src/zk/commitment.js";
import { labelOf } from "../../src/zk/constraintValues.js";
import { packElements } from "../../src/zk/packing.js";
import { publicSignals } from "../../src/zk/witness.js";
import { SeededRandom } from "./random.js";
import { firstViolation, givenFor, referenceOutputs, WEIGHTS_SALT, witnessOf } from "./zkRig.js";

const CHALLENGE = new SeededRandom(77).field();

/** The program with other values of its committed constants. */
export function withWeights(given: Program, value: (constant: Constant, index: number) => number): Program {
  const operations = given.operations.map((operation): Operation => {
    const open = constantsOf(operation).filter(({ constant }) => constant.committed === true);
    const replaced = open.map(({ field, constant }) => [field, { ...constant, data: constant.data.map((_, i) => value(constant, i)) }] as const);
    return { ...operation, ...Object.fromEntries<Constant>(replaced) };
  });
  return { ...given, operations };
}

export const drawn = (random: SeededRandom) => ({ type }: Constant): number => {
  const { low, high } = elementRange(type);
  return low + random.below(high - low + 1);
};

export function inputsOf({ inputs, tensors }: Program, value: (low: number, high: number) => number): TensorData[] {
  return inputs.map(({ tensor }) => {
    const { shape, type } = tensors[tensor];
    const { low, high } = elementRange(type);
    return Float64Array.from({ length: elementCount(shape) }, () => value(low, high));
  });
}

/** Public signals of a witness that satisfies the circuit with these weights, or where it fails. */
function provenSignals(circuit: Circuit, weights: Program, inputs: readonly TensorData[]): bigint[] | string {
  const values = committedConstants(weights).map(({ data }) => data);
  const witness = witnessOf(circuit, { ...givenFor(circuit, inputs), weights: { values, salt: WEIGHTS_SALT } }, CHALLENGE);
  const violation = firstViolation(circuit.r1cs, witness);
  return violation === undefined ? publicSignals(circuit, witness) : labelOf(circuit.labels, violation);
}

export function expectAgreement(circuit: Circuit, weights: Program, inputs: readonly TensorData[]): void {
  const { layout } = circuit;
  const signals = provenSignals(circuit, weights, inputs);
  const outputs = referenceOutputs(weights, inputs).flatMap((values, i) => packElements(values, layout.outputs[i].type));
  expect(signals.slice(0, layout.contextSignal)).toEqual(outputs);
  expect(signals[layout.weightsSignal ?? -1]).toBe(weightsCommitmentOf(committedConstants(weights), WEIGHTS_SALT));
}

