/**
 * A cheating prover. It overwrites wires of an honest witness and then does its best to make all constraints hold again
 * without giving these wires up: first along the circuit ({@link Forger.forward}: everything downstream is recomputed,
 * inside gadgets by the constraints alone), then by search (`#repair`: violated rows are mended by changing any other wire).
 * A forgery that only breaks the row next to it would prove little.
 */
import { FIELD_BYTES, toField, writeFieldLE } from "../../src/math/field.js";
import type { AssembledConstraints } from "../../src/zk/circuit/assembler.js";
import type { Form } from "../../src/zk/circuit/form.js";
import type { FormStep, GadgetStep } from "../../src/zk/circuit/steps.js";
import { WitnessValues } from "../../src/zk/witnessValues.js";
import type { SeededRandom } from "./random.js";
import { finalSteps } from "./finalOrder.js";
import { residue, type Row, rowsOf, solve } from "./rowAlgebra.js";

export interface Forgery {
  readonly values: bigint[];
  /** Rows that do not hold; none if the forgery succeeded. */
  readonly violated: readonly number[];
}

export interface ForgeOptions {
  /** Wires that keep the values they have: public signals, say. */
  readonly pinned?: Iterable<number>;
  readonly random: SeededRandom;
  /** Searches after the forward pass. */
  readonly attempts?: number;
}

const NO_ROW: Row = { a: [], b: [], c: [], wires: [] };

/** Changes that one search may make before it gives up. */
const REPAIRS = 40;

export class Forger {
  readonly rows: readonly Row[];
  /** Rows in which a wire occurs. */
  readonly #uses: readonly (readonly number[])[];
  /** In the circuit's final order of wires, as the rows are. */
  readonly #steps: readonly (FormStep | GadgetStep)[];
  /** First row of each step: steps and rows are laid out in the same order. */
  readonly #firstRows: readonly number[];
  /** Violations of values that forgeries started from. */
  readonly #known = new WeakMap<readonly bigint[], readonly number[]>();

  /** @param forgotten rows that this forger need not satisfy: a circuit that its author got wrong */
  constructor(
    readonly circuit: AssembledConstraints,
    forgotten: ReadonlySet<number> = new Set(),
  ) {
    this.rows = rowsOf(circuit.r1cs).map((row, i) => (forgotten.has(i) ? NO_ROW : row));
    const uses = Array.from({ length: circuit.r1cs.wireCount }, (): number[] => []);
    this.rows.forEach((row, i) => row.wires.forEach((wire) => uses[wire].push(i)));
    this.#uses = uses;
    this.#steps = finalSteps(circuit);
    const firstRows = [0];
    for (const step of this.#steps) firstRows.push(firstRows[firstRows.length - 1] + rowCount(step));
    if (firstRows[firstRows.length - 1] !== this.rows.length) throw new Error("steps and rows are not laid out alike");
    this.#firstRows = firstRows;
  }

  valuesOf(witness: WitnessValues): bigint[] {
    return Array.from({ length: this.circuit.r1cs.wireCount }, (_, wire) => witness.get(wire));
  }

  violations(values: readonly bigint[]): number[] {
    return this.rows.flatMap((row, i) => (residue(row, values) === 0n ? [] : [i]));
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

  /** The best forgery that the cheating prover finds with the given wires overwritten. */
  forge(honest: readonly bigint[], changes: ReadonlyMap<number, bigint>, options: ForgeOptions): Forgery {
    const held = new Set([0, ...changes.keys(), ...(options.pinned ?? [])]);
    const judged = (values: bigint[]): Forgery => ({ values, violated: this.#violationsFrom(honest, values) });
    let best = judged(this.forward(honest, changes, held, options.random));
    for (let attempt = 0; attempt < (options.attempts ?? 0) && best.violated.length > 0; attempt++) {
      // Which of a gadget's unknowns are taken from its calculator and which follow is drawn anew each time.
      const start = attempt % 2 === 0 ? best : judged(this.forward(honest, changes, held, options.random));
      const next = judged(this.#repair(start, held, options.random));
      if (next.violated.length < best.violated.length) best = next;
    }
    return best;
  }

  /** Recomputes what comes after the changed wires, in the circuit's order; held wires stay. */
  forward(honest: readonly bigint[], changes: ReadonlyMap<number, bigint>, held: ReadonlySet<number>, random: SeededRandom): bigint[] {
    const values = overwritten(honest, changes);
    const dirty = new Set(changes.keys());
    const set = (wire: number, value: bigint): void => {
      if (values[wire] !== value) dirty.add(wire);
      values[wire] = value;
    };
    this.#steps.forEach((step, i) => {
      if (step.kind === "form") {
        if (!held.has(step.wire) && step.form.wires.some((wire) => dirty.has(wire))) set(step.wire, evaluate(step.form, values));
        return;
      }
      const inside = step.wires.some((wire) => wire > 0 && dirty.has(wire));
      const before = step.inputs.some((port) => port.some((form) => form.wires.some((wire) => dirty.has(wire))));
      if (inside || before) this.#resolve(step, this.rows.slice(this.#firstRows[i], this.#firstRows[i + 1]), values, held, set, random);
    });
    return values;
  }

  /** Mends violated rows one by one, each by a wire drawn from those that could mend it. */
  #repair(start: Forgery, held: ReadonlySet<number>, random: SeededRandom): bigint[] {
    const values = [...start.values];
    const broken = new Set(start.violated);
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
        if (residue(this.rows[use], values) === 0n) broken.delete(use);
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
    random: SeededRandom,
  ): void {
    const own = ownWires(step);
    const unknown = new Set([...own.values()].filter((wire) => !held.has(wire)));
    const advice = calculated(step, values) ?? new Map<number, bigint>();
    const drawn = shuffled([...unknown], random);
    // Half of the time bits first, as the gadget's author thought of it; else from any side, backwards too.
    const isBit = (wire: number): boolean => rows.some((row) => isQuadratic(row, wire));
    const order = random.below(2) === 0 ? [...drawn.filter(isBit), ...drawn] : drawn;
    while (unknown.size > 0) {
      if (deduce(rows, unknown, values, set)) continue;
      const next = order.find((wire) => unknown.has(wire));
      if (next === undefined) return;
      set(next, advice.get(next) ?? values[next]);
      unknown.delete(next);
    }
  }
}

/** As src/zk/constraintValues.ts and snarkjs take it. */
export function toWitness(values: readonly bigint[]): WitnessValues {
  const witness = new WitnessValues(values.length);
  values.forEach((value, wire) => {
    witness.set(wire, value);
  });
  return witness;
}

/** Circuit wires of a gadget instance that are no inputs, by gadget wire. */
export function ownWires({ gadget, wires }: GadgetStep): Map<number, number> {
  const inputs = new Set(gadget.inputs.flatMap((port) => port.wires));
  return new Map([...wires].flatMap((wire, own): [number, number][] => (own === 0 || inputs.has(own) ? [] : [[own, wire]])));
}

function deduce(rows: readonly Row[], unknown: Set<number>, values: readonly bigint[], set: (wire: number, value: bigint) => void): boolean {
  for (const row of rows) {
    const open = row.wires.filter((wire) => unknown.has(wire));
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

/** What the gadget's calculator makes of the inputs; undefined where it refuses them. */
function calculated(step: GadgetStep, values: readonly bigint[]): Map<number, bigint> | undefined {
  const { gadget, inputs } = step;
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
    const scratch = new WitnessValues(1);
    return new Map(
      [...ownWires(step)].map(([own, wire]) => {
        calculator.readWire(own, scratch.bytes, 0);
        return [wire, scratch.get(0)];
      }),
    );
  } catch {
    return undefined;
  }
}

function evaluate(form: Form, values: readonly bigint[]): bigint {
  return toField(form.wires.reduce((sum, wire, i) => sum + BigInt(form.weights[i]) * values[wire], BigInt(form.constant)));
}

function overwritten(values: readonly bigint[], changes: ReadonlyMap<number, bigint>): bigint[] {
  const result = [...values];
  for (const [wire, value] of changes) result[wire] = toField(value);
  return result;
}

function rowCount(step: FormStep | GadgetStep): number {
  return step.kind === "form" ? 1 : step.gadget.constraints.constraintCount;
}

function shuffled<T>(items: T[], random: SeededRandom): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [items[i], items[j]] = [items[j], items[i]];
  }
  return items;
}
