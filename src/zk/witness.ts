/** Witness generation: inputs, context and salts are set from outside, then each step of the layout is evaluated in order. */
import { FIELD_BYTES, toField, writeFieldLE } from "../math/field.js";
import { AssayError } from "../errors.js";
import type { TensorData } from "../program/types.js";
import type { WitnessStep } from "./circuit/assembler.js";
import type { Circuit } from "./circuit/circuit.js";
import { WitnessValues } from "./witnessValues.js";

export interface WitnessInputs {
  /** One array an input port: integers of the port's type. */
  readonly inputs: readonly TensorData[];
  /** The context signal (context.ts). */
  readonly context: bigint;
  /** By port; needed for hashed ports only. */
  readonly inputSalts: readonly (bigint | undefined)[];
  readonly outputSalts: readonly (bigint | undefined)[];
}

export function computeWitness(circuit: Circuit, given: WitnessInputs): WitnessValues {
  const values = new WitnessValues(circuit.r1cs.wireCount);
  const { external, layout } = circuit;
  values.set(1 + layout.contextSignal, given.context);
  external.inputs.forEach((firstWire, i) => given.inputs[i].forEach((value, e) => values.setNumber(firstWire + e, value)));
  setSalts(values, external.inputSalts, given.inputSalts);
  setSalts(values, external.outputSalts, given.outputSalts);
  for (const step of circuit.steps) runStep(values, step);
  return values;
}

/** The public signals of a witness, in order. */
export function publicSignals(circuit: Circuit, values: WitnessValues): bigint[] {
  return Array.from({ length: circuit.layout.signalCount }, (_, i) => values.get(i + 1));
}

function setSalts(values: WitnessValues, wires: readonly (number | undefined)[], salts: readonly (bigint | undefined)[]): void {
  wires.forEach((wire, i) => {
    const salt = salts[i];
    if (wire === undefined) return;
    if (salt === undefined) throw new AssayError("INTERNAL", "a hashed tensor has no salt");
    values.set(wire, salt);
  });
}

function runStep(values: WitnessValues, step: WitnessStep): void {
  if (step.kind === "form") {
    values.set(step.wire, values.evaluate(step.form));
    return;
  }
  const { gadget, inputs, wires } = step;
  const calculator = gadget.calculator();
  const buffer = new Uint8Array(FIELD_BYTES);
  calculator.begin();
  const known = new Set<number>();
  gadget.inputs.forEach((port, p) =>
    port.wires.forEach((wire, i) => {
      known.add(wire);
      writeFieldLE(buffer, 0, toField(BigInt(values.evaluate(inputs[p][i]))));
      calculator.setInput(gadget.inputHashes[p], i, buffer);
    }),
  );
  for (let wire = 1; wire < wires.length; wire++) {
    if (known.has(wire)) continue;
    calculator.readWire(wire, values.bytes, wires[wire] * FIELD_BYTES);
    values.refresh(wires[wire]);
  }
}
