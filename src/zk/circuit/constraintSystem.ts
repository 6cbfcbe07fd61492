/** What a program is laid out into: the assembler, which makes constraints, or the plan, which only counts them. */
import type { GadgetSpec } from "../gadgets/spec.js";
import type { Form } from "./form.js";

export interface ConstraintSystem {
  /** Names what the following constraints belong to, for messages: a node, an input, an output. */
  label(name: string): void;
  /** A fresh private wire whose value the witness takes from outside. */
  inputWire(): number;
  /** A fresh private wire that equals the form. One constraint. */
  define(form: Form): number;
  /** Makes a public wire equal the form. One constraint. */
  assign(publicWire: number, form: Form): void;
  /** Lays out a gadget; inputs by port in the manifest's order, one form a position. Returns the output wires. */
  instantiate(spec: GadgetSpec, inputs: readonly (readonly Form[])[]): readonly number[];
}
