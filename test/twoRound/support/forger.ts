/**
 * A cheating prover's witness. It overwrites wires of an honest one and does its best to make all constraints hold again
 * without giving these wires up: along the circuit (what comes after is recomputed, inside gadgets by the constraints alone),
 * then by search among the rows before the tables, and last by the tables: multiplicities are counted anew where the values
 * lie in the table, inverses and quotients follow from a new challenge. A forgery that only breaks the row next to it would
 * prove little.
 */
import { FIELD_BYTES, toField, writeFieldLE } from "../../../src/math/field.js";
import type { AssembledConstraints } from "../../../src/zk/circuit/assembler.js";
import type { GadgetStep, TableStep, WitnessStep } from "../../../src/zk/circuit/steps.js";
import { WitnessValues } from "../../../src/zk/witnessValues.js";
import type { SeededRandom } from "../../support/random.js";
import { finalSteps, tablesOf } from "./layout.js";
import { evaluate, inverses, residue, type Row, rowsOf, solve } from "./rows.js";

export interface Forgery {
  readonly values: bigint[];
  /** Rows that do not hold; none if the forgery succeeded. */
  readonly violated: readonly number[];
}

export interface ForgeOptions {
  /** Wires that keep the values they have: public signals, say. */
  readonly pinned?: Iterable<number>;
  readonly random: SeededRandom;
  /** Searches after the pass along the circuit. */
  readonly attempts?: number;
}

/** Changes that one search may make before it gives up. */
const REPAIRS = 40;

export class Forger {
  readonly rows: readonly Row[];
  readonly steps: readonly WitnessStep[];
  readonly tables: readonly TableStep[];
  /** First row of each step: steps and rows are laid out in the same order. */
  readonly #firstRows: readonly number[];
  /** Rows from here on belong to tables. */
  readonly #baseRows: number;
  /** Rows in which a wire occurs, those of the tables left out. */
  readonly #uses: readonly (readonly number[])[];

  /** @param forgotten rows that this forger need not satisfy: a circuit that its author got wrong */
  constructor(
    readonly circuit: AssembledConstraints,
    private readonly challengeWire: number,
    private readonly forgotten: ReadonlySet<number> = new Set(),
  ) {
    this.rows = rowsOf(circuit.r1cs);
    this.steps = finalSteps(circuit);
    this.tables = tablesOf(this.steps);
    const firstRows = [0];
    for (const step of this.steps) firstRows.push(firstRows[firstRows.length - 1] + rowCount(step));
    if (firstRows[firstRows.length - 1] !== this.rows.length) throw new Error("steps and rows are not laid out alike");
    this.#firstRows = firstRows;
    this.#baseRows = firstRows[this.steps.findIndex((step) => step.kind === "table")];
    const uses = Array.from({ length: circuit.r1cs.wireCount }, (): number[] => []);
    for (let row = 0; row < this.#baseRows; row++) for (const wire of this.rows[row].wires) uses[wire].push(row);
    this.#uses = uses;
  }

  violations(values: readonly bigint[]): number[] {
    return this.rows.flatMap((row, i) => (this.#holds(row, i, values) ? [] : [i]));
  }

  /** The best forgery that the cheating prover finds with the given wires overwritten. */
  forge(honest: readonly bigint[], changes: ReadonlyMap<number, bigint>, options: ForgeOptions): Forgery {
    const held = new Set([0, ...changes.keys(), ...(options.pinned ?? [])]);
    let best = this.#finished(this.#forward(honest, changes, held, undefined), held, options.random);
    for (let attempt = 0; attempt < (options.attempts ?? 0) && best.violated.length > 0; attempt++) {
      const start = attempt % 2 === 0 ? best.values : this.#forward(honest, changes, held, options.random);
      const next = this.#finished(this.#repair(start, held, options.random), held, options.random);
      if (next.violated.length < best.violated.length) best = next;
    }
    return best;
  }

  /** Multiplicities, then quotients and inverses for this challenge; held wires stay as they are. */
  closeTables(values: bigint[], held: ReadonlySet<number>, challenge: bigint): void {
    const set = (wire: number, value: bigint): void => {
      if (!held.has(wire)) values[wire] = value;
    };
    values[this.challengeWire] = challenge;
    for (const { table, values: forms, firstMultiplicity, quotients, inverses: wires } of this.tables) {
      const looked = forms.map((form) => evaluate(form, values));
      const counts = new Map<bigint, bigint>();
      for (const value of looked) counts.set(value, (counts.get(value) ?? 0n) + 1n);
      table.entries.forEach((entry, i) => set(firstMultiplicity + i, counts.get(BigInt(entry)) ?? 0n));
      const all = inverses([...table.entries.map(BigInt), ...looked].map((value) => toField(challenge - value)));
      quotients.forEach((wire, i) => set(wire, toField(all[i] * values[firstMultiplicity + i])));
      wires.forEach((wire, i) => set(wire, all[table.entries.length + i]));
    }
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

  #finished(values: bigint[], held: ReadonlySet<number>, random: SeededRandom): Forgery {
    this.closeTables(values, held, random.field());
    return { values, violated: this.violations(values) };
  }

  /** Recomputes what comes after the changed wires, in the circuit's order. */
  #forward(honest: readonly bigint[], changes: ReadonlyMap<number, bigint>, held: ReadonlySet<number>, random: SeededRandom | undefined): bigint[] {
    const values = [...honest];
    for (const [wire, value] of changes) values[wire] = toField(value);
    const dirty = new Set(changes.keys());
    const set = (wire: number, value: bigint): void => {
      if (values[wire] !== value) dirty.add(wire);
      values[wire] = value;
    };
    this.steps.forEach((step, i) => {
      if (step.kind === "form") {
        if (!held.has(step.wire) && step.form.wires.some((wire) => dirty.has(wire))) set(step.wire, evaluate(step.form, values));
      } else if (step.kind === "gadget") {
        const inside = step.wires.some((wire) => wire > 0 && dirty.has(wire));
        const before = step.inputs.some((port) => port.some((form) => form.wires.some((wire) => dirty.has(wire))));
        if (inside || before) this.#resolve(step, this.rows.slice(this.#firstRows[i], this.#firstRows[i + 1]), values, held, set, random);
      }
    });
    return values;
  }

  /** Mends violated rows one by one, each by a wire drawn from those that could mend it. */
  #repair(start: readonly bigint[], held: ReadonlySet<number>, random: SeededRandom): bigint[] {
    const values = [...start];
    const broken = new Set<number>();
    for (let row = 0; row < this.#baseRows; row++) if (!this.#holds(this.rows[row], row, values)) broken.add(row);
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
        if (this.#holds(this.rows[use], use, values)) broken.delete(use);
        else broken.add(use);
      }
    }
    return values;
  }

  /** A gadget's own wires anew: by rows with one unknown wire where there are such, else as the honest calculator would. */
  #resolve(
    step: GadgetStep,
    rows: readonly Row[],
    values: bigint[],
    held: ReadonlySet<number>,
    set: (wire: number, value: bigint) => void,
    random: SeededRandom | undefined,
  ): void {
    const unknown = new Set(step.gadget.ownWires.map((own) => step.wires[own]).filter((wire) => !held.has(wire)));
    const advice = calculated(step, values);
    const order = (random === undefined ? limbsLast(step) : shuffled(limbsLast(step), random)).filter((wire) => unknown.has(wire));
    while (unknown.size > 0) {
      if (deduce(rows, unknown, values, set)) continue;
      const next = order.find((wire) => unknown.has(wire));
      if (next === undefined) return;
      set(next, advice.get(next) ?? values[next]);
      unknown.delete(next);
    }
  }

  #holds(row: Row, index: number, values: readonly bigint[]): boolean {
    return this.forgotten.has(index) || residue(row, values) === 0n;
  }
}

/** A gadget's own wires so that what its calculator cuts off ends in a limb that a row determines: the remainder, the distance. */
function limbsLast({ gadget, wires }: GadgetStep): number[] {
  const inner = gadget.ownWires.filter((own) => !gadget.outputs.includes(own));
  const [name, ...parameters] = gadget.key.split(/[(,)]/);
  const limbs = Math.ceil(Number(parameters[4]) / 8);
  const remainderEnd = limbs + Number(parameters[1]);
  const { outputs } = gadget;
  const ordered =
    name === "RequantizeLimbs"
      ? [...outputs.slice(0, limbs), ...outputs.slice(remainderEnd), ...outputs.slice(limbs, remainderEnd)]
      : [...outputs.slice(1), ...outputs.slice(0, 1)];
  return [...inner, ...ordered].map((own) => wires[own]);
}

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}

function deduce(rows: readonly Row[], unknown: Set<number>, values: readonly bigint[], set: (wire: number, value: bigint) => void): boolean {
  for (const row of rows) {
    const open = row.wires.filter((wire) => unknown.has(wire));
    // A sign's own row has two roots: it is for the calculator, or another row, to say which.
    if (open.length !== 1 || isQuadratic(row, open[0])) continue;
    const value = solve(row, open[0], values);
    if (value === undefined) continue;
    set(open[0], value);
    unknown.delete(open[0]);
    return true;
  }
  return false;
}

function isQuadratic({ a, b }: Row, wire: number): boolean {
  return a.some(([other]) => other === wire) && b.some(([other]) => other === wire);
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

function rowCount(step: WitnessStep): number {
  switch (step.kind) {
    case "form":
      return 1;
    case "gadget":
      return step.gadget.constraints.constraintCount;
    case "table":
      return step.quotients.length + step.inverses.length + 1;
  }
}
