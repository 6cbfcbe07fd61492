/** A circuit in either proof system with an honest witness, and every mutation of every wire that a prover commits to first. */
import { expect } from "vitest";
import { R, toField } from "../../src/math/field.js";
import type { Program, TensorData } from "../../src/program/types.js";
import type { Circuit, CircuitChoices } from "../../src/zk/circuit/circuit.js";
import { labelOf } from "../../src/zk/constraintValues.js";
import { firstRoundOne, limbGadgets } from "../twoRound/support/layout.js";
import { Forger, type Forgery } from "./forge.js";
import { SeededRandom } from "./random.js";
import { toWitness, valuesOf } from "./rowAlgebra.js";
import { signalWires } from "./signalNames.js";
import { assertSatisfied, circuitOf, firstViolation, honestWitness } from "./zkRig.js";

export interface Target {
  readonly circuit: Circuit;
  readonly forger: Forger;
  readonly honest: readonly bigint[];
}

const CHALLENGE = new SeededRandom(1).field();

const range = (from: number, to: number): number[] => Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

export async function targetOf(program: Program, choices: CircuitChoices, inputs: readonly TensorData[]): Promise<Target> {
  const circuit = await circuitOf(program, choices);
  const witness = honestWitness(circuit, inputs, CHALLENGE);
  assertSatisfied(circuit, witness);
  const { layout } = circuit;
  const challengeWire = layout.signalCount > layout.boundSignals ? layout.signalCount : undefined;
  return { circuit, forger: new Forger(circuit, { challengeWire }), honest: valuesOf(witness) };
}

/** The public signals but for the challenge, which is drawn anew. */
export function statementWires({ circuit: { layout } }: Target): number[] {
  return range(1, layout.boundSignals + 1);
}

/** The public signals that hold inputs, and the context. */
export function inputSignals(target: Target): number[] {
  return statementWires(target).slice(target.circuit.layout.contextSignal);
}

/** Private wires that are fixed before the challenge. */
export function committedWires({ circuit }: Target): number[] {
  return range(circuit.layout.signalCount + 1, firstRoundOne(circuit));
}

/** The best forgery with these wires overwritten; the project's own check must agree with it. */
export function attack(
  { circuit, forger, honest }: Target,
  changes: Iterable<readonly [number, bigint]>,
  pinned: readonly number[],
  attempts = 4,
): Forgery & { readonly where: readonly string[] } {
  const { values, violated } = forger.forge(honest, new Map([...changes].map(([wire, value]) => [wire, toField(value)])), { pinned, random: new SeededRandom(5), attempts });
  expect(firstViolation(circuit.r1cs, toWitness(values))).toBe(violated[0]);
  return { values, violated, where: [...new Set(violated.map((row) => labelOf(circuit.labels, row)))] };
}

/** Values that a forger would try in place of `value`. */
function alternatives(value: bigint, random: SeededRandom): bigint[] {
  const tried = [0n, value + 1n, 1n - value, value - 1n, R - 1n, value + 256n, -value, value + (1n << 32n), random.field()];
  return [...new Set(tried.map(toField))].filter((other) => other !== value);
}

/**
 * Every mutation of every committed wire with the public signals as they are; the wires of those that left a satisfied circuit.
 * @param of which wires are mutated, by default all
 */
export function sweep(target: Target, attempts: number, of: (wire: number) => boolean = () => true): number[] {
  const { circuit, forger, honest } = target;
  const random = new SeededRandom(7);
  const pinned = statementWires(target);
  const multiplicities = new Set(forger.tables.flatMap(({ firstMultiplicity, table }) => range(firstMultiplicity, firstMultiplicity + table.entries.length)));
  return committedWires(target).filter(of).filter((wire) =>
    alternatives(honest[wire], random).some((value, i) => {
      // Nothing but a table depends on its multiplicities.
      if (multiplicities.has(wire) && i > 1) return false;
      // Searching is dear: two of the values get it, the others the pass along the circuit.
      const searched = i < 2 && !multiplicities.has(wire);
      const { values, violated } = forger.forge(honest, new Map([[wire, value]]), { pinned, random, attempts: searched ? attempts : 0 });
      if (i < 1 || violated.length === 0) expect(firstViolation(circuit.r1cs, toWitness(values))).toBe(violated[0]);
      return violated.length === 0;
    }),
  );
}

/** Hints that a constraint multiplies by 0, so that nothing depends on them. */
export function idleHints({ circuit, forger, honest }: Target): number[] {
  const inverses = signalWires(circuit, "inverse").filter(({ key, gadgetWires }) => key.startsWith("Requantize(") && honest[gadgetWires("saturated")] === 0n);
  const signs = (["RequantizeLimbs", "MaxLimbs"] as const).flatMap((name) =>
    limbGadgets(forger.steps, name).flatMap(({ sign, signals }) => {
      const limbs = name === "MaxLimbs" ? signals.distance : signals.excess;
      return sign !== undefined && limbs.every((wire) => honest[wire] === 0n) ? [sign] : [];
    }),
  );
  return [...inverses.map(({ wire }) => wire), ...signs].sort((a, b) => a - b);
}
