/** How inputs enter the circuit and how inputs and outputs become public signals. */
import { elementRange } from "../../program/elementType.js";
import { absorbBlocks, commitmentHeader } from "../commitment.js";
import { elementsPerSignal, laneOffset, laneWeight } from "../packing.js";
import type { PublicPort } from "../visibility.js";
import type { Arithmetic } from "./arithmetic.js";
import type { ConstraintSystem } from "./constraintSystem.js";
import { constantForm, type Form, wireForm } from "./form.js";
import { type CircuitTensor, fromForms } from "./tensor.js";

/** One range-checked wire an element; wires are consecutive. */
export interface InputWires {
  readonly firstWire: number;
  readonly tensor: CircuitTensor;
}

export function layInput(system: ConstraintSystem, arithmetic: Arithmetic, { elements, type }: PublicPort): InputWires {
  const wires = Array.from({ length: elements }, () => system.inputWire());
  const range = elementRange(type);
  for (const wire of wires) arithmetic.range(wireForm(wire), range);
  return { firstWire: wires[0] ?? 0, tensor: fromForms(wires.map(wireForm)) };
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
      packedForms(port, tensor).forEach((form, i) => system.assign(firstWire + i, form));
      return undefined;
    case "hashed": {
      const salt = system.inputWire();
      const packed = packedForms(port, tensor);
      const elements = [...commitmentHeader(port).map(bigConstant), ...packed, wireForm(salt)];
      system.assign(firstWire, absorb(system, elements));
      return salt;
    }
  }
}

function packedForms(port: PublicPort, tensor: CircuitTensor): Form[] {
  const { type, elements, signalCount, visibility } = port;
  const lanes = elementsPerSignal(type);
  const count = visibility === "public" ? signalCount : Math.ceil(elements / lanes);
  return Array.from({ length: count }, (_, signal) => packLanes(port, tensor, signal * lanes, Math.min(elements, (signal + 1) * lanes)));
}

function packLanes({ type }: PublicPort, tensor: CircuitTensor, from: number, to: number): Form {
  const sums = new Map<number, bigint>();
  const add = (wire: number, weight: bigint): void => void sums.set(wire, (sums.get(wire) ?? 0n) + weight);
  for (let e = from; e < to; e++) {
    const weight = laneWeight(e - from, type);
    const { wires, weights, constant } = tensor.form(e);
    wires.forEach((wire, i) => add(wire, weight * BigInt(weights[i])));
    add(0, weight * BigInt(constant + laneOffset(type)));
  }
  return { wires: [...sums.keys()], weights: [...sums.values()], constant: 0 };
}

function absorb(system: ConstraintSystem, elements: readonly Form[]): Form {
  let state: Form | undefined;
  for (const block of absorbBlocks(elements, constantForm(0))) {
    const inputs = state === undefined ? block : [state, ...block];
    const [out] = system.instantiate({ name: "Absorb", parameters: [] }, [inputs]);
    state = wireForm(out);
  }
  return state ?? constantForm(0);
}

/** A constant beyond 2^53 as a multiple of wire 0. */
function bigConstant(value: bigint): Form {
  return { wires: [0], weights: [value], constant: 0 };
}
