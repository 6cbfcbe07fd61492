/** How the witness is computed, step by step in order of layout. Wires are in order of layout. */
import type { Gadget } from "../gadgets/gadget.js";
import type { Form } from "./form.js";
import type { MatrixCheckStep, PowerStep } from "./matrixCheck.js";
import type { Table } from "./table.js";

export interface FormStep {
  readonly kind: "form";
  readonly wire: number;
  readonly form: Form;
}

export interface GadgetStep {
  readonly kind: "gadget";
  readonly gadget: Gadget;
  /** By port and position. */
  readonly inputs: readonly (readonly Form[])[];
  /** Circuit wire of each gadget wire; -1 where the gadget's wire was replaced by a form. */
  readonly wires: Int32Array;
}

/** Wires that a prover finds by itself; the constraints around them pin them. */
export interface HintStep {
  readonly kind: "hint";
  readonly wires: readonly number[];
  readonly inputs: readonly Form[];
  readonly compute: Hint;
}

/** From the inputs' values, signed, one safe integer a wire, negative only for wires of full width; total, whatever the values are. */
export type Hint = (inputs: readonly number[]) => readonly number[];

/** All lookups of one table: multiplicities in round 0, then quotients and inverses after the challenge. */
export interface TableStep {
  readonly kind: "table";
  readonly table: Table;
  /** The looked-up expressions. */
  readonly values: readonly Form[];
  /** First of the multiplicities' wires, one an entry. */
  readonly firstMultiplicity: number;
  /** Wire of each entry's quotient and of each lookup's inverse. */
  readonly quotients: Uint32Array;
  readonly inverses: Uint32Array;
}

/** What is computed after the challenge; these come last. */
export type RoundOneStep = TableStep | PowerStep | MatrixCheckStep;

export type WitnessStep = FormStep | GadgetStep | HintStep | RoundOneStep;
