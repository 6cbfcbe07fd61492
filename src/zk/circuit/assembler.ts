/**
 * Lays compiled gadgets out into one constraint system. A gadget's port takes a dense linear form as it is where the gadget
 * uses the port in the C position only; elsewhere the form first gets a wire of its own (0·0 = form − wire). Prover time does
 * not depend on the terms of C: its evaluations are A∘B.
 *
 * Every wire belongs to a round: 0 until the tables are closed, 1 after. A lookup whose expression holds a round-1 wire is
 * refused: the challenge must depend on everything that is looked up.
 */
import { AssayError } from "../../errors.js";
import { fromField } from "../../math/field.js";
import type { Gadget } from "../gadgets/gadget.js";
import type { GadgetLibrary } from "../gadgets/library.js";
import { FULL_WIDTH, type GadgetSpec } from "../gadgets/spec.js";
import type { R1cs, SparseRows } from "../r1cs.js";
import type { ConstraintSystem } from "./constraintSystem.js";
import { addForms, exactProduct, exactSum, type Form, LOOKUP_FORM, scaleForm, SHORT_FORM, soleWire, wireForm } from "./form.js";
import { layMatrixCheck, type LayOne, layPower, type MatrixProduct } from "./matrixCheck.js";
import { Coefficients, RowsBuilder, Uint32List } from "./rows.js";
import type { Hint, TableStep, WitnessStep } from "./steps.js";
import type { Table } from "./table.js";
import { orderWires, type Round, type WireOrder } from "./wireOrder.js";

export interface RowLabel {
  readonly firstRow: number;
  readonly name: string;
}

export interface AssembledConstraints {
  readonly r1cs: R1cs;
  readonly order: WireOrder;
  readonly steps: readonly WitnessStep[];
  /** Ascending by first row. */
  readonly labels: readonly RowLabel[];
}

/** What the assembler is told of the public signals. */
export interface PublicCounts {
  readonly outputs: number;
  /** The challenge included. */
  readonly inputs: number;
  /** Wire of the challenge, if the proof system has one. */
  readonly challengeWire: number | undefined;
}

const REPLACED = -1;

interface OpenTable {
  readonly table: Table;
  readonly values: Form[];
}

type Matrix = "a" | "b" | "c";

export class Assembler implements ConstraintSystem {
  readonly planning = false;
  readonly #rows: Readonly<Record<Matrix, RowsBuilder>> = { a: new RowsBuilder(), b: new RowsBuilder(), c: new RowsBuilder() };
  readonly #coefficients = new Coefficients();
  readonly #steps: WitnessStep[] = [];
  readonly #labels: RowLabel[] = [];
  readonly #tables = new Map<string, OpenTable>();
  readonly #products: { readonly matrices: MatrixProduct; readonly label: string }[] = [];
  readonly #bits = new Uint32List();
  readonly #rounds = new Uint32List();
  /** Wires that a table bounds, and to how many bits. */
  readonly #ranged = new Map<number, number>();
  #round: Round = 0;
  #rowCount = 0;

  constructor(
    private readonly library: GadgetLibrary,
    private readonly counts: PublicCounts,
  ) {
    // The constant and the public signals take part in no width class.
    for (let wire = 0; wire < 1 + counts.outputs + counts.inputs; wire++) this.#wire(0);
  }

  repeat<T>(times: number, lay: () => T): T {
    if (times !== 1) throw new AssayError("INTERNAL", "every element is laid out by itself");
    return lay();
  }

  label(name: string): void {
    this.#labels.push({ firstRow: this.#rowCount, name });
  }

  inputWire(bits: number): number {
    return this.#wire(bits);
  }

  hint(bits: readonly number[], inputs: readonly Form[], compute: Hint): readonly number[] {
    const wires = bits.map((width) => this.#wire(width));
    this.#steps.push({ kind: "hint", wires, inputs, compute });
    return wires;
  }

  define(form: Form, bits = FULL_WIDTH): number {
    const wire = this.#wire(bits);
    this.#equate(wire, form);
    return wire;
  }

  assign(publicWire: number, form: Form): void {
    this.#equate(publicWire, form);
  }

  instantiate(spec: GadgetSpec, inputs: readonly (readonly Form[])[]): readonly number[] {
    const gadget = this.library.get(spec);
    const { ports, wires } = this.#lay(gadget, inputs);
    this.#steps.push({ kind: "gadget", gadget, inputs: ports, wires });
    return gadget.outputs.map((wire) => wires[wire]);
  }

  lookup(table: Table, form: Form): void {
    if (this.counts.challengeWire === undefined) throw new AssayError("CIRCUIT_INVALID", "a lookup needs a proof system with a challenge");
    for (const wire of form.wires) this.#assertRoundZero(wire);
    // A longer form would need a wire and a row of its own, which the plan does not count.
    if (length(form) > LOOKUP_FORM) throw new AssayError("CIRCUIT_INVALID", "a lookup takes a short form: define a wire for it first");
    const wire = soleWire(form);
    if (wire !== undefined) this.#ranged.set(wire, Math.min(table.bits, this.#ranged.get(wire) ?? FULL_WIDTH));
    const open = this.#tables.get(table.key) ?? { table, values: [] };
    this.#tables.set(table.key, open);
    open.values.push(form);
  }

  lookupPair(table: Table, x: Form, y: Form, xBits = this.#provenBits(x)): void {
    const { columnBits } = table;
    // Packing is injective on small integers only: a fraction in y could move x to another row.
    if (columnBits === undefined || xBits > columnBits || columnBits + this.#provenBits(y) >= FULL_WIDTH - 1) {
      throw new AssayError("CIRCUIT_INVALID", "a two-column lookup takes columns that are known to be small", { where: table.key });
    }
    this.lookup(table, addForms(x, scaleForm(y, 2 ** columnBits)));
  }

  matrixProduct(matrices: MatrixProduct): void {
    if (this.counts.challengeWire === undefined) throw new AssayError("CIRCUIT_INVALID", "a product's check needs a proof system with a challenge");
    for (const forms of [matrices.left, matrices.right, matrices.product]) for (const form of forms) form.wires.forEach((wire) => this.#assertRoundZero(wire));
    this.#products.push({ matrices, label: this.#labels[this.#labels.length - 1]?.name ?? "" });
  }

  /** Ends round 0: multiplicities are its last wires. Then lays out each table's sum (LogUp) and each product's check with the challenge. */
  closeTables(): void {
    const opened = [...this.#tables.values()].map((open) => {
      const firstMultiplicity = this.#bits.length;
      for (let i = 0; i < open.table.entries.length; i++) this.#wire(32);
      return { ...open, firstMultiplicity };
    });
    this.#round = 1;
    for (const open of opened) {
      this.label(`table ${open.table.key}`);
      this.#layTable(open.table, open.values, open.firstMultiplicity);
    }
    this.#layProducts();
  }

  finish(): AssembledConstraints {
    const { outputs, inputs } = this.counts;
    const order = orderWires(1 + outputs + inputs, this.#bits.finish(), this.#rounds.finish());
    const r1cs = {
      wireCount: this.#bits.length,
      publicOutputCount: outputs,
      publicInputCount: inputs,
      constraintCount: this.#rowCount,
      coefficients: this.#coefficients.values,
      a: this.#rows.a.finish(order.position),
      b: this.#rows.b.finish(order.position),
      c: this.#rows.c.finish(order.position),
    };
    return { r1cs, order, steps: this.#steps, labels: this.#labels };
  }

  #wire(bits: number): number {
    this.#bits.push(bits);
    this.#rounds.push(this.#round);
    return this.#bits.length - 1;
  }

  /** Bits of a form that is never negative and whose wires tables bound; FULL_WIDTH of any other. */
  #provenBits({ wires, weights, constant }: Form): number {
    let most = BigInt(constant);
    if (most < 0n || weights.some((weight) => weight < 0)) return FULL_WIDTH;
    for (const [i, wire] of wires.entries()) {
      const bits = this.#ranged.get(wire);
      if (bits === undefined) return FULL_WIDTH;
      most += BigInt(weights[i]) * ((1n << BigInt(bits)) - 1n);
    }
    return most.toString(2).length;
  }

  #assertRoundZero(wire: number): void {
    if (this.#round === 0 && this.#rounds.at(wire) === 0 && wire !== this.counts.challengeWire) return;
    throw new AssayError("CIRCUIT_INVALID", "an expression that the challenge is to check holds a wire that is not fixed before it");
  }

  #layTable(table: Table, values: readonly Form[], firstMultiplicity: number): void {
    const challenge = [wireForm(this.counts.challengeWire ?? 0)];
    const entry = this.library.get({ name: "TableEntry", parameters: [] });
    const lookup = this.library.get({ name: "Lookup", parameters: [] });
    const output = (gadget: Gadget, inputs: readonly (readonly Form[])[]): number => this.#lay(gadget, inputs, LOOKUP_FORM).wires[gadget.outputs[0]];
    const quotients = Uint32Array.from(table.entries, (value, i) =>
      output(entry, [[{ wires: [], weights: [], constant: value }], [wireForm(firstMultiplicity + i)], challenge]),
    );
    const inverses = Uint32Array.from(values, (form) => output(lookup, [[form], challenge]));
    for (const wire of inverses) this.#rows.c.term(wire, this.#coefficients.intern(1));
    for (const wire of quotients) this.#rows.c.term(wire, this.#coefficients.intern(-1));
    this.#endLinearRow();
    const step: TableStep = { kind: "table", table, values, firstMultiplicity, quotients, inverses };
    this.#steps.push(step);
  }

  #layProducts(): void {
    const lay: LayOne = (spec, inputs) => {
      const gadget = this.library.get(spec);
      return this.#lay(gadget, inputs).wires[gadget.outputs[0]];
    };
    const challenge = this.counts.challengeWire ?? 0;
    const powers = new Map<number, number>();
    for (const { matrices, label } of this.#products) {
      this.label(label);
      let power = powers.get(matrices.columns);
      if (power === undefined) {
        const step = layPower(lay, challenge, matrices.columns);
        this.#steps.push(step);
        power = step.wires[step.wires.length - 1];
        powers.set(matrices.columns, power);
      }
      const step = layMatrixCheck(lay, matrices, challenge, power);
      for (const wire of step.products) this.#rows.c.term(wire, this.#coefficients.intern(1));
      this.#rows.c.term(step.productSums[step.productSums.length - 1], this.#coefficients.intern(-1));
      this.#endLinearRow();
      this.#steps.push(step);
    }
  }

  /** Rows and fresh wires of a gadget. @param longest form that may stand in its A and B */
  #lay(gadget: Gadget, inputs: readonly (readonly Form[])[], longest = SHORT_FORM): { ports: Form[][]; wires: Int32Array } {
    const ports = gadget.inputs.map((port, p) => port.wires.map((wire, i) => this.#usable(gadget, wire, inputs[p][i], longest)));
    const wires = this.#mapWires(gadget, ports);
    const replaced = new Map<number, Form>();
    gadget.inputs.forEach((port, p) => port.wires.forEach((wire, i) => wires[wire] === REPLACED && replaced.set(wire, ports[p][i])));
    for (let row = 0; row < gadget.constraints.constraintCount; row++) this.#copyRow(gadget.constraints, row, wires, replaced);
    return { ports, wires };
  }

  /** The form itself where the port may be one, else a wire that equals it. */
  #usable(gadget: Gadget, wire: number, form: Form | undefined, longest: number): Form {
    if (form === undefined) throw new AssayError("INTERNAL", `an input of ${gadget.key} is missing`);
    return gadget.linearOnly[wire] || length(form) <= longest ? form : wireForm(this.define(form));
  }

  #mapWires(gadget: Gadget, ports: readonly (readonly Form[])[]): Int32Array {
    const wires = new Int32Array(gadget.constraints.wireCount).fill(REPLACED);
    wires[0] = 0;
    const isInput = new Set<number>();
    const taken = new Set<number>();
    gadget.inputs.forEach((port, p) =>
      port.wires.forEach((wire, i) => {
        isInput.add(wire);
        const sole = soleWire(ports[p][i]);
        // One wire at two ports stays a form, so that its terms are added up where both occur in a row.
        wires[wire] = sole === undefined || taken.has(sole) ? REPLACED : sole;
        if (sole !== undefined) taken.add(sole);
      }),
    );
    for (let wire = 1; wire < wires.length; wire++) if (!isInput.has(wire)) wires[wire] = this.#wire(gadget.widths[wire]);
    return wires;
  }

  /** A and B commute; the side with the wider wires goes to A, because B costs a multi-exponentiation in G2. */
  #copyRow(from: R1cs, row: number, wires: Int32Array, replaced: ReadonlyMap<number, Form>): void {
    const swap = this.#widest(from.b, row, wires, replaced) > this.#widest(from.a, row, wires, replaced);
    this.#copyTerms(swap ? "b" : "a", from, from.a, row, wires, replaced);
    this.#copyTerms(swap ? "a" : "b", from, from.b, row, wires, replaced);
    this.#copyTerms("c", from, from.c, row, wires, replaced);
    this.#rowCount++;
  }

  #widest(rows: SparseRows, row: number, wires: Int32Array, replaced: ReadonlyMap<number, Form>): number {
    let widest = 0;
    for (let t = rows.offsets[row]; t < rows.offsets[row + 1]; t++) {
      const wire = wires[rows.wires[t]];
      const terms = wire === REPLACED ? (replaced.get(rows.wires[t])?.wires ?? []) : [wire];
      for (const term of terms) widest = Math.max(widest, this.#bits.at(term));
    }
    return widest;
  }

  #copyTerms(target: Matrix, from: R1cs, rows: SparseRows, row: number, wires: Int32Array, replaced: ReadonlyMap<number, Form>): void {
    const { offsets, wires: names, coefficients } = rows;
    let dense = false;
    for (let t = offsets[row]; t < offsets[row + 1]; t++) dense ||= wires[names[t]] === REPLACED;
    if (dense) this.#copyDense(target, from, rows, row, wires, replaced);
    else {
      for (let t = offsets[row]; t < offsets[row + 1]; t++) {
        this.#rows[target].term(wires[names[t]], this.#coefficients.intern(from.coefficients[coefficients[t]]));
      }
    }
    this.#rows[target].endRow();
  }

  /** Terms in which forms take the place of wires; those of one wire are added up. */
  #copyDense(target: Matrix, from: R1cs, rows: SparseRows, row: number, wires: Int32Array, replaced: ReadonlyMap<number, Form>): void {
    const sums = new Map<number, number | bigint>();
    const add = (wire: number, value: number | bigint): void => {
      const sum = sums.get(wire);
      sums.set(wire, sum === undefined ? value : exactSum(sum, value));
    };
    const { offsets, wires: names, coefficients } = rows;
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
    for (const [wire, value] of sums) if (BigInt(value) !== 0n) this.#rows[target].term(wire, this.#coefficients.intern(value));
  }

  /** 0·0 = form − wire. */
  #equate(wire: number, form: Form): void {
    this.#steps.push({ kind: "form", wire, form });
    const { c } = this.#rows;
    for (let i = 0; i < form.wires.length; i++) {
      if (form.weights[i] !== 0) c.term(form.wires[i], this.#coefficients.intern(form.weights[i]));
    }
    if (form.constant !== 0) c.term(0, this.#coefficients.intern(form.constant));
    c.term(wire, this.#coefficients.intern(-1));
    this.#endLinearRow();
  }

  #endLinearRow(): void {
    for (const rows of Object.values(this.#rows)) rows.endRow();
    this.#rowCount++;
  }
}

function length({ wires, constant }: Form): number {
  return wires.length + (constant === 0 ? 0 : 1);
}

/** A gadget's coefficient as a signed integer, a number where it is safe. */
function signed(value: bigint): number | bigint {
  const integer = fromField(value);
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}
