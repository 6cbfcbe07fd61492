/**
 * A cheating prover's witness. It overwrites wires of an honest one and does its best to make all constraints hold again
 * without giving these wires up: along the circuit (what comes after is recomputed, inside gadgets by the constraints alone),
 * then by search (violated rows are mended by changing any other wire), and last by the tables, where the circuit has any:
 * multiplicities are counted anew where the values lie in the table, inverses and quotients follow from a new challenge. A
 * forgery that only breaks the row next to it would prove little.
 */
import { FIELD_BYTES, fromField, toField, writeFieldLE } from "../../src/math/field.js";
import type { AssembledConstraints } from "../../src/zk/circuit/assembler.js";
import type { Form } from "../../src/zk/circuit/form.js";
import type { MatrixCheckStep } from "../../src/zk/circuit/matrixCheck.js";
import type { GadgetStep, HintStep, TableStep, WitnessStep } from "../../src/zk/circuit/steps.js";
import { WitnessValues } from "../../src/zk/witnessValues.js";
import { finalSteps } from "./finalOrder.js";
import { guessOrder } from "./guessOrder.js";
import type { SeededRandom } from "./random.js";
import { evaluate, inverses, isQuadratic, residue, type Row, rowsOf, solve } from "./rowAlgebra.js";

export interface Forgery {
  readonly values: bigint[];
  /** Rows that do not hold; none if the forgery succeeded. */
  readonly violated: readonly number[];
}

export interface ForgerOptions {
  /** Rows that this forger need not satisfy: a circuit that its author got wrong. */
  readonly forgotten?: ReadonlySet<number>;
  /** Where the circuit has tables. */
  readonly challengeWire?: number;
}

export interface ForgeOptions {
  /** Wires that keep the values they have: public signals, say. */
  readonly pinned?: Iterable<number>;
  readonly random: SeededRandom;
  /** Searches after the pass along the circuit. */
  readonly attempts?: number;
}

const NO_ROW: Row = { a: [], b: [], c: [], wires: [] };

/** Changes that one search may make before it gives up. */
const REPAIRS = 40;

/** One pass along the circuit. */
interface Pass {
  readonly values: bigint[];
  /** Wires that no step may change. */
  readonly held: ReadonlySet<number>;
  readonly random: SeededRandom;
  /** Later passes guess in another order. */
  readonly first: boolean;
  readonly set: (wire: number, value: bigint) => void;
}

export class Forger {
  readonly rows: readonly Row[];
  /** In the circuit's final order of wires, as the rows are. */
  readonly steps: readonly WitnessStep[];
  readonly tables: readonly TableStep[];
  /** Rows in which a wire occurs. */
  readonly #uses: readonly (readonly number[])[];
  /** First row of each step: steps and rows are laid out in the same order. */
  readonly #firstRows: readonly number[];
  /** Rows from here on belong to round 1, and are not searched: following the challenge is all that can be done for them. */
  readonly #lateRows: number;
  readonly #challengeWire: number | undefined;
  /** Violations of values that forgeries started from. */
  readonly #known = new WeakMap<readonly bigint[], readonly number[]>();

  constructor(
    readonly circuit: AssembledConstraints,
    { forgotten = new Set(), challengeWire }: ForgerOptions = {},
  ) {
    this.rows = rowsOf(circuit.r1cs).map((row, i) => (forgotten.has(i) ? NO_ROW : row));
    const uses = Array.from({ length: circuit.r1cs.wireCount }, (): number[] => []);
    this.rows.forEach((row, i) => row.wires.forEach((wire) => uses[wire].push(i)));
    this.#uses = uses;
    this.steps = finalSteps(circuit);
    this.tables = this.steps.filter((step) => step.kind === "table");
    if (this.tables.length > 0 && challengeWire === undefined) throw new Error("a circuit with tables has a challenge");
    this.#challengeWire = challengeWire;
    const firstRows = [0];
    for (const step of this.steps) firstRows.push(firstRows[firstRows.length - 1] + rowCount(step));
    if (firstRows[firstRows.length - 1] !== this.rows.length) throw new Error("steps and rows are not laid out alike");
    this.#firstRows = firstRows;
    const others = this.steps.filter((step) => !isLate(step)).length;
    if (this.steps.slice(0, others).some(isLate)) throw new Error("what follows the challenge is not laid out last");
    this.#lateRows = firstRows[others];
  }

  violations(values: readonly bigint[]): number[] {
    return this.rows.flatMap((row, i) => (residue(row, values) === 0n ? [] : [i]));
  }

  /** The best forgery that the cheating prover finds with the given wires overwritten. */
  forge(honest: readonly bigint[], changes: ReadonlyMap<number, bigint>, { pinned = [], random, attempts = 0 }: ForgeOptions): Forgery {
    const held = new Set([0, ...changes.keys(), ...pinned]);
    const judged = (values: bigint[]): Forgery => ({ values, violated: this.#violationsFrom(honest, values) });
    const closed = (values: bigint[]): Forgery => {
      if (this.#challengeWire !== undefined) this.closeTables(values, held, random.field());
      return judged(values);
    };
    let best = closed(this.#forward(honest, changes, held, random, true));
    for (let attempt = 0; attempt < attempts && best.violated.length > 0; attempt++) {
      // Which of a gadget's unknowns are taken from its calculator and which follow is drawn anew each time.
      const start = attempt % 2 === 0 ? best : judged(this.#forward(honest, changes, held, random, false));
      const next = closed(this.#repair(start, held, random));
      if (next.violated.length < best.violated.length) best = next;
    }
    return best;
  }

  /** Multiplicities, then quotients, inverses and products' sums for this challenge; held wires stay as they are. */
  closeTables(values: bigint[], held: ReadonlySet<number>, challenge: bigint): void {
    const set = (wire: number, value: bigint): void => {
      if (!held.has(wire)) values[wire] = value;
    };
    if (this.#challengeWire !== undefined) values[this.#challengeWire] = challenge;
    for (const { table, values: forms, firstMultiplicity, quotients, inverses: wires } of this.tables) {
      const looked = forms.map((form) => evaluate(form, values));
      const counts = new Map<bigint, bigint>();
      for (const value of looked) counts.set(value, (counts.get(value) ?? 0n) + 1n);
      table.entries.forEach((entry, i) => set(firstMultiplicity + i, counts.get(BigInt(entry)) ?? 0n));
      const all = inverses([...table.entries.map(BigInt), ...looked].map((value) => toField(challenge - value)));
      quotients.forEach((wire, i) => set(wire, toField(all[i] * values[firstMultiplicity + i])));
      wires.forEach((wire, i) => set(wire, all[table.entries.length + i]));
    }
    for (const step of this.steps) {
      if (step.kind === "power") step.chain.forEach(([i, j], t) => set(step.wires[t + 1], toField(values[step.wires[i]] * values[step.wires[j]])));
      if (step.kind === "matrixCheck") this.#closeCheck(step, values, set);
    }
  }

  /** The sums of a product's check, each from the one before it. */
  #closeCheck(step: MatrixCheckStep, values: readonly bigint[], set: (wire: number, value: bigint) => void): void {
    const sums = (forms: readonly Form[], wires: Uint32Array, point: number): void =>
      wires.forEach((wire, i) => {
        const before = i === 0 ? 0n : values[wires[i - 1]];
        set(wire, toField(before * values[point] + evaluate(forms[forms.length - 1 - i], values)));
      });
    const column = (forms: readonly Form[], i: number): Form[] => forms.filter((_, position) => position % step.length === i);
    step.products.forEach((wire, i) => {
      sums(column(step.left, i), step.leftSums[i], step.power);
      sums(column(step.right, i), step.rightSums[i], step.challenge);
      const [left, right] = [step.leftSums[i], step.rightSums[i]].map((wires) => values[wires[wires.length - 1]]);
      set(wire, toField(left * right));
    });
    sums(step.product, step.productSums, step.challenge);
  }

  /**
   * Makes every table's sum hold for a challenge that is known beforehand, whatever is looked up: one multiplicity takes up
   * the difference. This is what a challenge drawn after the commitment prevents.
   */
  balance(values: bigint[], challenge: bigint): void {
    this.closeTables(values, new Set(), challenge);
    for (const { table, firstMultiplicity, quotients, inverses: wires } of this.tables) {
      const sum = (list: Uint32Array): bigint => list.reduce((total, wire) => total + values[wire], 0n);
      values[quotients[0]] = toField(values[quotients[0]] + sum(wires) - sum(quotients));
      values[firstMultiplicity] = toField(values[quotients[0]] * (challenge - BigInt(table.entries[0])));
    }
  }

  /** The violations of values that were changed from others: rows without a changed wire are as they were. */
  #violationsFrom(origin: readonly bigint[], values: readonly bigint[]): number[] {
    const known = this.#known.get(origin) ?? this.violations(origin);
    this.#known.set(origin, known);
    const touched = new Set(known);
    values.forEach((value, wire) => {
      if (value !== origin[wire]) for (const row of this.#uses[wire]) touched.add(row);
    });
    return [...touched].filter((row) => residue(this.rows[row], values) !== 0n).sort((a, b) => a - b);
  }

  /** Recomputes what comes after the changed wires, in the circuit's order. */
  #forward(honest: readonly bigint[], changes: ReadonlyMap<number, bigint>, held: ReadonlySet<number>, random: SeededRandom, first: boolean): bigint[] {
    const values = [...honest];
    for (const [wire, value] of changes) values[wire] = toField(value);
    const dirty = new Set(changes.keys());
    const set = (wire: number, value: bigint): void => {
      if (values[wire] !== value) dirty.add(wire);
      values[wire] = value;
    };
    const pass: Pass = { values, held, random, first, set };
    this.steps.forEach((step, i) => {
      if (step.kind === "form") {
        if (!held.has(step.wire) && step.form.wires.some((wire) => dirty.has(wire))) set(step.wire, evaluate(step.form, values));
      } else if (step.kind === "hint") {
        if (step.inputs.some((form) => form.wires.some((wire) => dirty.has(wire)))) hinted(step, pass);
      } else if (step.kind === "gadget") {
        const inside = step.wires.some((wire) => wire > 0 && dirty.has(wire));
        const before = step.inputs.some((port) => port.some((form) => form.wires.some((wire) => dirty.has(wire))));
        if (inside || before) resolve(step, this.rows.slice(this.#firstRows[i], this.#firstRows[i + 1]), pass);
      }
    });
    return values;
  }

  /** Mends violated rows one by one, each by a wire drawn from those that could mend it. */
  #repair(start: Forgery, held: ReadonlySet<number>, random: SeededRandom): bigint[] {
    const values = [...start.values];
    const broken = new Set(start.violated.filter((row) => row < this.#lateRows));
    for (let i = 0; i < REPAIRS && broken.size > 0; i++) {
      const pending = [...broken];
      const row = this.rows[pending[random.below(pending.length)]];
      const free = row.wires.filter((wire) => !held.has(wire));
      if (free.length === 0) continue;
      const wire = free[random.below(free.length)];
      const value = solve(row, wire, values);
      if (value === undefined) continue;
      values[wire] = value;
      for (const use of this.#uses[wire]) {
        if (use >= this.#lateRows) continue;
        if (residue(this.rows[use], values) === 0n) broken.delete(use);
        else broken.add(use);
      }
    }
    return values;
  }
}

/** A gadget's own wires anew: by rows with one unknown wire where there are such, else as the honest calculator would. */
function resolve(step: GadgetStep, rows: readonly Row[], { values, held, random, first, set }: Pass): void {
  const unknown = new Set(step.gadget.ownWires.map((own) => step.wires[own]).filter((wire) => !held.has(wire)));
  const advice = calculated(step, values);
  const order = guessOrder(step, rows, unknown, random, first);
  while (unknown.size > 0) {
    if (deduce(rows, unknown, values, set)) continue;
    const next = order.find((wire) => unknown.has(wire));
    if (next === undefined) return;
    set(next, advice.get(next) ?? values[next]);
    unknown.delete(next);
  }
}

/** What an honest prover would take. */
function hinted({ wires, inputs, compute }: HintStep, { values, held, set }: Pass): void {
  const found = compute(inputs.map((form) => Number(fromField(evaluate(form, values)))));
  wires.forEach((wire, i) => {
    if (!held.has(wire)) set(wire, BigInt(found[i]));
  });
}

function deduce(rows: readonly Row[], unknown: Set<number>, values: readonly bigint[], set: (wire: number, value: bigint) => void): boolean {
  for (const row of rows) {
    const open = row.wires.filter((wire) => unknown.has(wire));
    // A bit's or a sign's own row has two roots: it is for the calculator, or another row, to say which.
    if (open.length !== 1 || isQuadratic(row, open[0])) continue;
    const value = solve(row, open[0], values);
    if (value === undefined) continue;
    set(open[0], value);
    unknown.delete(open[0]);
    return true;
  }
  return false;
}

/** What the gadget's calculator makes of the inputs; nothing where it refuses them. */
function calculated({ gadget, inputs, wires }: GadgetStep, values: readonly bigint[]): ReadonlyMap<number, bigint> {
  const calculator = gadget.calculator();
  const buffer = new Uint8Array(FIELD_BYTES);
  try {
    calculator.begin();
    gadget.inputs.forEach((port, p) =>
      port.wires.forEach((_, i) => {
        writeFieldLE(buffer, 0, evaluate(inputs[p][i], values));
        calculator.setInput(gadget.inputHashes[p], i, buffer);
      }),
    );
  } catch {
    return new Map();
  }
  const scratch = new WitnessValues(1);
  return new Map(
    gadget.ownWires.map((own) => {
      calculator.readWire(own, scratch.bytes, 0);
      return [wires[own], scratch.get(0)];
    }),
  );
}

/** Whether it follows the challenge. */
function isLate({ kind }: WitnessStep): boolean {
  return kind === "table" || kind === "power" || kind === "matrixCheck";
}

function rowCount(step: WitnessStep): number {
  switch (step.kind) {
    case "form":
      return 1;
    case "gadget":
      return step.gadget.constraints.constraintCount;
    case "hint":
      return 0;
    case "table":
      return step.quotients.length + step.inverses.length + 1;
    case "power":
      return step.chain.length;
    case "matrixCheck":
      return [...step.leftSums, ...step.rightSums, step.productSums, step.products].reduce((sum, wires) => sum + wires.length, 1);
  }
}
