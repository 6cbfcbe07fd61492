/** How inputs enter the circuit and how inputs and outputs become public signals. */
import { elementRange } from "../../program/elementType.js";
import { absorbBlocks, commitmentHeader } from "../commitment.js";
import { elementsPerSignal, laneOffset, laneWeight, packedSignalCount } from "../packing.js";
import type { PublicPort } from "../visibility.js";
import { FULL_WIDTH } from "../gadgets/spec.js";
import type { Arithmetic, LimbFormat } from "./arithmetic.js";
import type { ConstraintSystem } from "./constraintSystem.js";
import { constantForm, type Form, wireForm } from "./form.js";
import { type CircuitTensor, classify, elementOf, NO_FORM } from "./tensor.js";

/** How many elements of which type. */
type Packed = Pick<PublicPort, "type" | "elements">;

/** How an input's elements stand on wires: range-checked limbs, element by element. */
export interface InputWires {
  /** First wire of each element, in order of layout; of little meaning in counting. */
  readonly firstWires: Uint32Array;
  readonly format: LimbFormat;
  readonly tensor: CircuitTensor;
}

export function layInput(system: ConstraintSystem, arithmetic: Arithmetic, { elements, type }: Packed): InputWires {
  const range = elementRange(type);
  const { classes, tensor } = classify(system, elements, () => 0);
  const laid = classes.map(({ times }) => system.repeat(times, () => arithmetic.input(range)));
  return {
    firstWires: Uint32Array.from(laid, ({ firstWire }) => firstWire),
    format: arithmetic.limbFormat(range),
    tensor: tensor(laid.map(({ form }) => elementOf(form))),
  };
}

/**
 * Ties a tensor to its public signals. Its elements are known to lie in the type's range: inputs by their range checks,
 * others by the gadgets that made them (program intervals).
 * @returns the salt's wire of a hashed tensor
 */
export function layPublic(system: ConstraintSystem, port: PublicPort, tensor: CircuitTensor): number | undefined {
  const firstWire = 1 + port.firstSignal;
  switch (port.visibility) {
    case "private":
      return undefined;
    case "public":
      packedForms(system, port, tensor).forEach((form, i) => system.assign(firstWire + i, form));
      return undefined;
    case "hashed": {
      const salt = system.inputWire(FULL_WIDTH);
      system.assign(firstWire, absorb(system, [...commitmentHeader(port).map(constantForm), ...packedWires(system, port, tensor), wireForm(salt)]));
      return salt;
    }
  }
}

/** Packed elements for a hash: it uses its inputs in products, so each has a wire. */
export function packedWires(system: ConstraintSystem, packed: Packed, tensor: CircuitTensor): Form[] {
  return packedForms(system, packed, tensor).map((form) => wireForm(system.define(form)));
}

function packedForms({ planning }: ConstraintSystem, packed: Packed, tensor: CircuitTensor): Form[] {
  const { type, elements } = packed;
  const lanes = elementsPerSignal(type);
  const count = packedSignalCount(elements, type);
  if (planning) return new Array<Form>(count).fill(NO_FORM);
  return Array.from({ length: count }, (_, signal) => packLanes(packed, tensor, signal * lanes, Math.min(elements, (signal + 1) * lanes)));
}

function packLanes({ type }: Packed, tensor: CircuitTensor, from: number, to: number): Form {
  const sums = new Map<number, bigint>();
  const add = (wire: number, weight: bigint): void => void sums.set(wire, (sums.get(wire) ?? 0n) + weight);
  for (let e = from; e < to; e++) {
    const weight = laneWeight(e - from, type);
    const { wires, weights, constant } = tensor.form(e);
    wires.forEach((wire, i) => add(wire, weight * BigInt(weights[i])));
    add(0, weight * (BigInt(constant) + laneOffset(type)));
  }
  return { wires: [...sums.keys()], weights: [...sums.values()], constant: 0 };
}

/** The hash of the elements, as commitment.ts defines it; the elements are constants and wires. */
export function absorb(system: ConstraintSystem, elements: readonly Form[]): Form {
  let state: Form | undefined;
  for (const block of absorbBlocks(elements, constantForm(0))) {
    const inputs = state === undefined ? block : [state, ...block];
    const [out] = system.instantiate({ name: "Absorb", parameters: [] }, [inputs]);
    state = wireForm(out);
  }
  return state ?? constantForm(0);
}
