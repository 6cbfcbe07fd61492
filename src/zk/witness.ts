/**
 * Witness generation in two rounds. Round 0: inputs, context and salts are set from outside, each step of the layout is
 * evaluated in order, and lookups are counted. Round 1, once the challenge is known: inverses and quotients of the tables, sums of the products' checks.
 * Values are computed in order of layout and end in the circuit's order of wires (wireOrder.ts).
 */
import { AssayError } from "../errors.js";
import { FIELD_BYTES, fromField, toField, writeFieldLE } from "../math/field.js";
import type { TensorData } from "../program/types.js";
import type { Circuit } from "./circuit/circuit.js";
import { inverses } from "./keys/scalars.js";
import type { Form } from "./circuit/form.js";
import { type MatrixCheckStep, matrixCoefficients, type PowerStep } from "./circuit/matrixCheck.js";
import type { GadgetStep, HintStep, TableStep } from "./circuit/steps.js";
import type { WeightWires } from "./circuit/weights.js";
import { WitnessValues } from "./witnessValues.js";

export interface WitnessInputs {
  /** One array an input port: integers of the port's type. */
  readonly inputs: readonly TensorData[];
  /** The context signal (keyEncoding.ts). */
  readonly context: bigint;
  /** By port; needed for hashed ports only. */
  readonly inputSalts: readonly (bigint | undefined)[];
  readonly outputSalts: readonly (bigint | undefined)[];
  /** Needed where the program has committed constants. */
  readonly weights?: GivenWeights;
}

/** Committed constants, in the program's order, and the salt of their commitment. */
export interface GivenWeights {
  readonly values: readonly TensorData[];
  readonly salt: bigint;
}

/** A witness whose round-1 wires are still 0. */
export interface RoundZero {
  readonly values: WitnessValues;
  /** For each table in order: the entry that each lookup hits. */
  readonly hits: readonly Uint32Array[];
}

/** @throws AssayError CONSTRAINT_UNSATISFIED where a value lies in no row of its table */
export function roundZero(circuit: Circuit, given: WitnessInputs): RoundZero {
  const laid = new WitnessValues(circuit.r1cs.wireCount);
  const { external, layout, steps, order } = circuit;
  laid.set(1 + layout.contextSignal, given.context);
  external.inputs.forEach(({ firstWires, format }, i) => setElements(laid, firstWires, format, given.inputs[i]));
  setSalts(laid, external.inputSalts, given.inputSalts);
  setSalts(laid, external.outputSalts, given.outputSalts);
  setWeights(laid, external.weights, given.weights);
  const hits: Uint32Array[] = [];
  for (const step of steps) {
    switch (step.kind) {
      case "form":
        laid.set(step.wire, laid.evaluate(step.form));
        break;
      case "gadget":
        runGadget(laid, step);
        break;
      case "hint":
        runHint(laid, step);
        break;
      case "table":
        hits.push(countLookups(laid, step));
        break;
      case "power":
      case "matrixCheck":
        break;
    }
  }
  return { values: laid.reordered(order.position), hits };
}

/** Completes the witness in place; without tables there is nothing to do. */
export function roundOne(circuit: Circuit, { values, hits }: RoundZero, challenge: bigint): WitnessValues {
  const { layout, order } = circuit;
  if (layout.signalCount > layout.boundSignals) values.set(layout.signalCount, challenge);
  let table = 0;
  for (const step of circuit.steps) {
    if (step.kind === "table") fillTable(values, step, hits[table++], order.position, challenge);
    else if (step.kind === "power") fillPower(values, step, order.position);
    else if (step.kind === "matrixCheck") fillMatrixCheck(values, step, order.position);
  }
  return values;
}

/** The public signals of a witness, in order. */
export function publicSignals(circuit: Circuit, values: WitnessValues): bigint[] {
  return Array.from({ length: circuit.layout.signalCount }, (_, i) => values.get(i + 1));
}

interface Limbs {
  readonly low: number;
  readonly bits: number;
  readonly count: number;
}

function setElements(laid: WitnessValues, firstWires: Uint32Array, { low, bits, count }: Limbs, data: TensorData): void {
  firstWires.forEach((wire, e) => {
    let rest = data[e] - low;
    for (let limb = 0; limb < count; limb++) {
      const part = limb === count - 1 ? rest : rest % 2 ** bits;
      laid.setNumber(wire + limb, part);
      rest = (rest - part) / 2 ** bits;
    }
  });
}

function setSalts(laid: WitnessValues, wires: readonly (number | undefined)[], salts: readonly (bigint | undefined)[]): void {
  wires.forEach((wire, i) => {
    const salt = salts[i];
    if (wire === undefined) return;
    if (salt === undefined) throw new AssayError("INTERNAL", "a hashed tensor has no salt");
    laid.set(wire, salt);
  });
}

function setWeights(laid: WitnessValues, { tensors, salt }: WeightWires, given: GivenWeights | undefined): void {
  if (salt === undefined) return;
  if (given === undefined) throw new AssayError("INTERNAL", "the committed weights are missing");
  tensors.forEach(({ firstWires, format }, i) => setElements(laid, firstWires, format, given.values[i]));
  laid.set(salt, given.salt);
}

function runGadget(laid: WitnessValues, { gadget, inputs, wires }: GadgetStep): void {
  const calculator = gadget.calculator();
  const buffer = new Uint8Array(FIELD_BYTES);
  calculator.begin();
  gadget.inputs.forEach((port, p) =>
    port.wires.forEach((_, i) => {
      writeFieldLE(buffer, 0, toField(BigInt(laid.evaluate(inputs[p][i]))));
      calculator.setInput(gadget.inputHashes[p], i, buffer);
    }),
  );
  for (const wire of gadget.ownWires) {
    calculator.readWire(wire, laid.bytes, wires[wire] * FIELD_BYTES);
    laid.refresh(wires[wire]);
  }
}

function runHint(laid: WitnessValues, { wires, inputs, compute }: HintStep): void {
  const signed = (value: number | bigint): number => (typeof value === "bigint" ? Number(fromField(value)) : value);
  const values = compute(inputs.map((form) => signed(laid.evaluate(form))));
  wires.forEach((wire, i) => laid.setNumber(wire, values[i]));
}

function countLookups(laid: WitnessValues, { table, values, firstMultiplicity }: TableStep): Uint32Array {
  const index = new Map(table.entries.map((entry, i) => [entry, i]));
  const multiplicities = new Uint32Array(table.entries.length);
  const hits = Uint32Array.from(values, (form) => {
    const value = laid.evaluate(form);
    const hit = index.get(Number(value));
    if (hit === undefined) throw new AssayError("CONSTRAINT_UNSATISFIED", `the value ${value} is not in the table`, { where: `table ${table.key}` });
    multiplicities[hit]++;
    return hit;
  });
  multiplicities.forEach((count, i) => laid.setNumber(firstMultiplicity + i, count));
  return hits;
}

/**
 * One inversion for the table: a lookup's inverse is its entry's. A challenge that is an entry, which has probability 2^−240, gives
 * zeros, and the check of the constraints refuses them.
 */
function fillTable(values: WitnessValues, step: TableStep, hits: Uint32Array, position: Uint32Array, challenge: bigint): void {
  const { table, firstMultiplicity, quotients } = step;
  const entryInverses = inverses(table.entries.map((entry) => toField(challenge - BigInt(entry))));
  const encoded = entryInverses.map((inverse) => {
    const bytes = new Uint8Array(FIELD_BYTES);
    writeFieldLE(bytes, 0, inverse);
    return bytes;
  });
  quotients.forEach((wire, i) => values.set(position[wire], entryInverses[i] * values.get(position[firstMultiplicity + i])));
  step.inverses.forEach((wire, i) => values.setBytes(position[wire], encoded[hits[i]]));
}

function fillPower(values: WitnessValues, { chain, wires }: PowerStep, position: Uint32Array): void {
  const at = (i: number): bigint => values.get(position[wires[i]]);
  chain.forEach(([left, right], i) => values.set(position[wires[i + 1]], at(left) * at(right)));
}

function fillMatrixCheck(values: WitnessValues, step: MatrixCheckStep, position: Uint32Array): void {
  const [challenge, power] = [step.challenge, step.power].map((wire) => values.get(position[wire]));
  const evaluate = ({ wires, ...form }: Form): bigint => BigInt(values.evaluate({ ...form, wires: wires.map((wire) => position[wire]) }));
  /** Fills Horner's sums and returns the last. */
  const horner = (coefficients: readonly Form[], wires: Uint32Array, point: bigint): bigint =>
    coefficients.reduce((sum, form, i) => {
      const next = toField(sum * point + evaluate(form));
      values.set(position[wires[i]], next);
      return next;
    }, 0n);
  const { left, right, product } = matrixCoefficients(step);
  step.products.forEach((wire, i) => {
    const sums = [horner(left[i], step.leftSums[i], power), horner(right[i], step.rightSums[i], challenge)];
    values.set(position[wire], sums[0] * sums[1]);
  });
  horner(product, step.productSums, challenge);
}
