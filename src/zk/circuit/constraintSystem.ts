/** What a program is laid out into: the assembler, which makes constraints, or the plan, which only counts them. */
import type { GadgetSpec } from "../gadgets/spec.js";
import type { Form } from "./form.js";
import type { MatrixProduct } from "./matrixCheck.js";
import type { Hint } from "./steps.js";
import type { Table } from "./table.js";

export interface ConstraintSystem {
  /** True where only counts matter: forms may then be empty. */
  readonly planning: boolean;
  /**
   * Lays something out so many times: a plan lays it out once and counts it as often, the assembler takes 1 only. Repetitions within
   * repetitions multiply; with 0 nothing is counted.
   */
  repeat<T>(times: number, lay: () => T): T;
  /** Names what the following constraints belong to, for messages: a node, an input, an output. */
  label(name: string): void;
  /** A fresh private wire whose value, of so many bits, the witness takes from outside. */
  inputWire(bits: number): number;
  /** Fresh private wires of so many bits that the prover computes from the inputs. No constraint: the caller pins them. */
  hint(bits: readonly number[], inputs: readonly Form[], compute: Hint): readonly number[];
  /** A fresh private wire that equals the form. One constraint. @param bits of its value, where constraints bound it */
  define(form: Form, bits?: number): number;
  /** Makes a public wire equal the form. One constraint. */
  assign(publicWire: number, form: Form): void;
  /** Lays out a gadget; inputs by port in the manifest's order, one form a position. Returns the output wires. */
  instantiate(spec: GadgetSpec, inputs: readonly (readonly Form[])[]): readonly number[];
  /** Constrains the form to lie in the table. Only for systems with a challenge (two-round). */
  lookup(table: Table, form: Form): void;
  /**
   * Constrains (x, y) to be a row of a two-column table. Both must be known to be small: y's wires, and x's unless `xBits` is
   * given, by lookups of their own.
   * @param xBits the constraints laid out so far prove 0 ≤ x < 2^xBits
   */
  lookupPair(table: Table, x: Form, y: Form, xBits?: number): void;
  /** Constrains product = left·rightᵀ with the challenge. Only for systems that have one. */
  matrixProduct(matrices: MatrixProduct): void;
}
