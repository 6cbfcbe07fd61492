/** How committed constants enter the circuit: range-checked to their types, with one salted commitment as a public signal. */
import { elementCount } from "../../math/shape.js";
import { constantsOf } from "../../program/constants.js";
import type { Constant, Operation, Program } from "../../program/types.js";
import { weightHeader, weightsHeader } from "../commitment.js";
import { FULL_WIDTH } from "../gadgets/spec.js";
import type { Arithmetic, LimbFormat } from "./arithmetic.js";
import type { ConstraintSystem } from "./constraintSystem.js";
import { constantForm, type Form, wireForm } from "./form.js";
import { absorb, layInput, packedWires } from "./ports.js";
import type { CircuitTensor } from "./tensor.js";

/** The constants of one operation that are witness elements, by field; the others are the operation's own. */
export type OpenWeights = Readonly<Partial<Record<string, CircuitTensor>>>;

/** Wires that the witness takes from outside. */
export interface WeightWires {
  /** By position among the committed constants (program/constants.ts). */
  readonly tensors: readonly { readonly firstWires: Uint32Array; readonly format: LimbFormat }[];
  readonly salt: number | undefined;
}

export interface CommittedWeights {
  readonly wires: WeightWires;
  readonly open: ReadonlyMap<Operation, OpenWeights>;
}

/** @param publicWire of the commitment; undefined where nothing is committed */
export function layWeights(system: ConstraintSystem, arithmetic: Arithmetic, program: Program, publicWire: number | undefined): CommittedWeights {
  const open = new Map<Operation, OpenWeights>();
  if (publicWire === undefined) return { open, wires: { tensors: [], salt: undefined } };
  const laid: { readonly constant: Constant; readonly firstWires: Uint32Array; readonly format: LimbFormat; readonly tensor: CircuitTensor }[] = [];
  const lay = (constant: Constant): CircuitTensor => {
    const wires = layInput(system, arithmetic, { type: constant.type, elements: elementCount(constant.shape) });
    laid.push({ constant, ...wires });
    return wires.tensor;
  };
  for (const operation of program.operations) {
    const constants = constantsOf(operation).filter(({ constant }) => constant.committed === true);
    if (constants.length === 0) continue;
    system.label(`weights ${operation.node}`);
    open.set(operation, Object.fromEntries(constants.map(({ field, constant }) => [field, lay(constant)])));
  }
  system.label("weights");
  const salt = system.inputWire(FULL_WIDTH);
  const elements = laid.flatMap(({ constant, tensor }): Form[] => [
    ...weightHeader(constant).map(constantForm),
    ...packedWires(system, { type: constant.type, elements: elementCount(constant.shape) }, tensor),
  ]);
  system.assign(publicWire, absorb(system, [...weightsHeader(laid.length).map(constantForm), ...elements, wireForm(salt)]));
  return { open, wires: { tensors: laid.map(({ firstWires, format }) => ({ firstWires, format })), salt } };
}
