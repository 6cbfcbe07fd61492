/**
 * Lays compiled gadgets out into one constraint system. A gadget's port takes a dense linear form as it is where the gadget
 * uses the port in the C position only; elsewhere the form first gets a wire of its own (0·0 = form − wire). Prover time does
 * not depend on the terms of C: snarkjs computes C's evaluations as A∘B.
 */
import { AssayError } from "../../errors.js";
import { fromField } from "../../math/field.js";
import type { Gadget } from "../gadgets/gadget.js";
import type { GadgetLibrary } from "../gadgets/library.js";
import type { GadgetSpec } from "../gadgets/spec.js";
import type { R1cs, SparseRows } from "../r1cs.js";
import type { ConstraintSystem } from "./constraintSystem.js";
import { type Form, soleWire } from "./form.js";
import { Coefficients, RowsBuilder } from "./rows.js";

/** How the witness of a stretch of wires is computed, in order of layout. */
export type WitnessStep =
  | { readonly kind: "form"; readonly wire: number; readonly form: Form }
  | {
      readonly kind: "gadget";
      readonly gadget: Gadget;
      /** By port and position. */
      readonly inputs: readonly (readonly Form[])[];
      /** Circuit wire of each gadget wire; -1 where the gadget's wire was replaced by a form. */
      readonly wires: Int32Array;
    };

export interface RowLabel {
  readonly firstRow: number;
  readonly name: string;
}

export interface AssembledConstraints {
  readonly r1cs: R1cs;
  readonly steps: readonly WitnessStep[];
  /** Ascending by first row. */
  readonly labels: readonly RowLabel[];
}

const REPLACED = -1;

export class Assembler implements ConstraintSystem {
  readonly #a = new RowsBuilder();
  readonly #b = new RowsBuilder();
  readonly #c = new RowsBuilder();
  readonly #coefficients = new Coefficients();
  readonly #steps: WitnessStep[] = [];
  readonly #labels: RowLabel[] = [];
  #rows = 0;
  #wires: number;

  constructor(
    private readonly library: GadgetLibrary,
    private readonly publicOutputs: number,
    private readonly publicInputs: number,
  ) {
    this.#wires = 1 + publicOutputs + publicInputs;
  }

  label(name: string): void {
    this.#labels.push({ firstRow: this.#rows, name });
  }

  inputWire(): number {
    return this.#wires++;
  }

  define(form: Form): number {
    const wire = this.#wires++;
    this.#equate(wire, form);
    return wire;
  }

  assign(publicWire: number, form: Form): void {
    this.#equate(publicWire, form);
  }

  instantiate(spec: GadgetSpec, inputs: readonly (readonly Form[])[]): readonly number[] {
    const gadget = this.library.get(spec);
    const ports = gadget.inputs.map((port, p) => port.wires.map((wire, i) => this.#usable(gadget, wire, inputs[p][i])));
    const wires = this.#mapWires(gadget, ports);
    const replaced = new Map<number, Form>();
    gadget.inputs.forEach((port, p) => port.wires.forEach((wire, i) => wires[wire] === REPLACED && replaced.set(wire, ports[p][i])));
    this.#steps.push({ kind: "gadget", gadget, inputs: ports, wires });
    for (let row = 0; row < gadget.constraints.constraintCount; row++) this.#copyRow(gadget.constraints, row, wires, replaced);
    return gadget.outputs.map((wire) => wires[wire]);
  }

  finish(): AssembledConstraints {
    const r1cs = {
      wireCount: this.#wires,
      publicOutputCount: this.publicOutputs,
      publicInputCount: this.publicInputs,
      constraintCount: this.#rows,
      coefficients: this.#coefficients.values,
      a: this.#a.finish(),
      b: this.#b.finish(),
      c: this.#c.finish(),
    };
    return { r1cs, steps: this.#steps, labels: this.#labels };
  }

  /** The form itself where the port may be one, else a wire that equals it. */
  #usable(gadget: Gadget, wire: number, form: Form | undefined): Form {
    if (form === undefined) throw new AssayError("INTERNAL", `an input of ${gadget.key} is missing`);
    if (gadget.linearOnly[wire] || soleWire(form) !== undefined) return form;
    return { wires: [this.define(form)], weights: [1], constant: 0 };
  }

  #mapWires(gadget: Gadget, ports: readonly (readonly Form[])[]): Int32Array {
    const wires = new Int32Array(gadget.constraints.wireCount).fill(REPLACED);
    wires[0] = 0;
    const isInput = new Set<number>();
    gadget.inputs.forEach((port, p) =>
      port.wires.forEach((wire, i) => {
        isInput.add(wire);
        wires[wire] = soleWire(ports[p][i]) ?? REPLACED;
      }),
    );
    for (let wire = 1; wire < wires.length; wire++) if (!isInput.has(wire)) wires[wire] = this.#wires++;
    return wires;
  }

  #copyRow(from: R1cs, row: number, wires: Int32Array, replaced: ReadonlyMap<number, Form>): void {
    this.#copyTerms(this.#a, from, from.a, row, wires);
    this.#copyTerms(this.#b, from, from.b, row, wires);
    const { offsets, wires: names } = from.c;
    let dense = false;
    for (let t = offsets[row]; t < offsets[row + 1]; t++) dense ||= wires[names[t]] === REPLACED;
    if (dense) this.#copyDense(from, row, wires, replaced);
    else this.#copyTerms(this.#c, from, from.c, row, wires);
    this.#rows++;
  }

  #copyTerms(target: RowsBuilder, from: R1cs, rows: SparseRows, row: number, wires: Int32Array): void {
    for (let t = rows.offsets[row]; t < rows.offsets[row + 1]; t++) {
      target.term(wires[rows.wires[t]], this.#coefficients.intern(from.coefficients[rows.coefficients[t]]));
    }
    target.endRow();
  }

  /** A row of C in which forms take the place of wires; terms of one wire are added up. */
  #copyDense(from: R1cs, row: number, wires: Int32Array, replaced: ReadonlyMap<number, Form>): void {
    const sums = new Map<number, number | bigint>();
    const add = (wire: number, value: number | bigint): void => {
      const sum = sums.get(wire);
      sums.set(wire, sum === undefined ? value : exactSum(sum, value));
    };
    const { offsets, wires: names, coefficients } = from.c;
    for (let t = offsets[row]; t < offsets[row + 1]; t++) {
      const factor = signed(from.coefficients[coefficients[t]]);
      const form = replaced.get(names[t]);
      if (form === undefined) {
        add(wires[names[t]], factor);
        continue;
      }
      for (let i = 0; i < form.wires.length; i++) add(form.wires[i], exactProduct(factor, form.weights[i]));
      if (form.constant !== 0) add(0, exactProduct(factor, form.constant));
    }
    for (const [wire, value] of sums) if (BigInt(value) !== 0n) this.#c.term(wire, this.#coefficients.intern(value));
    this.#c.endRow();
  }

  /** 0·0 = form − wire. */
  #equate(wire: number, form: Form): void {
    this.#steps.push({ kind: "form", wire, form });
    for (let i = 0; i < form.wires.length; i++) {
      if (form.weights[i] !== 0) this.#c.term(form.wires[i], this.#coefficients.intern(form.weights[i]));
    }
    if (form.constant !== 0) this.#c.term(0, this.#coefficients.intern(form.constant));
    this.#c.term(wire, this.#coefficients.intern(-1));
    for (const rows of [this.#a, this.#b, this.#c]) rows.endRow();
    this.#rows++;
  }
}

/** A gadget's coefficient as a signed integer, a number where it is safe. */
function signed(value: bigint): number | bigint {
  const integer = fromField(value);
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}

function exactProduct(a: number | bigint, b: number | bigint): number | bigint {
  const product = Number(a) * Number(b);
  return Number.isSafeInteger(product) ? product : BigInt(a) * BigInt(b);
}

function exactSum(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === "number" && typeof b === "number" && Number.isSafeInteger(a + b)) return a + b;
  return BigInt(a) + BigInt(b);
}
