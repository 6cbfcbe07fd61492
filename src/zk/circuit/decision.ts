/**
 * A function of an index as a circuit over the index's bits. All products of the low bits are laid out once (Monomials), and
 * every function of them is then a linear form, so the entries are coefficients; the high bits choose between such forms. About
 * 43 constraints for 256 entries, instead of one an entry.
 */
import type { Range } from "../../program/interval.js";
import type { FunctionTable, RangedElement } from "./arithmetic.js";
import type { ConstraintSystem } from "./constraintSystem.js";
import { type Form, isShort, shiftForm, wireForm } from "./form.js";
import { reachedEntries } from "./functions.js";
import { type Element, elementOf } from "./tensor.js";
import { unsignedBits } from "./widths.js";

export interface Decision {
  readonly lowBits: number;
  readonly highBits: number;
  /** Bits of every value. */
  readonly valueBits: number;
  readonly root: Node;
}

type Node = Leaf | Choice;

/** constant + Σ weight · monomial. */
interface Leaf {
  readonly kind: "leaf";
  readonly constant: number;
  readonly monomials: readonly number[];
  readonly weights: readonly number[];
}

interface Choice {
  readonly kind: "choice";
  /** Which of the high bits. */
  readonly bit: number;
  readonly zero: Node;
  readonly one: Node;
}

/** The split of the bits that takes the fewest constraints. @param entries non-negative integers, at least 2 */
export function cheapestDecision(entries: Float64Array): Decision {
  const bits = unsignedBits(entries.length - 1);
  const options = Array.from({ length: bits }, (_, i) => decisionOf(entries, i + 1, bits));
  return options.reduce((best, next) => (constraintsOf(next) < constraintsOf(best) ? next : best));
}

function decisionOf(entries: Float64Array, lowBits: number, bits: number): Decision {
  // No index reaches what is added: the last entry again, so that more of the function is constant.
  const padded = new Float64Array(2 ** bits).fill(entries[entries.length - 1]);
  padded.set(entries);
  const valueBits = unsignedBits(entries.reduce((a, b) => Math.max(a, b)));
  return { lowBits, highBits: bits - lowBits, valueBits, root: nodeOf(padded, lowBits) };
}

function nodeOf(entries: Float64Array, lowBits: number): Node {
  if (entries.length === 2 ** lowBits) return leafOf(entries);
  const half = entries.length / 2;
  const [zero, one] = [entries.subarray(0, half), entries.subarray(half)];
  // A bit that makes no difference is not asked.
  if (zero.every((value, i) => value === one[i])) return nodeOf(zero, lowBits);
  return { kind: "choice", bit: Math.log2(half) - lowBits, zero: nodeOf(zero, lowBits), one: nodeOf(one, lowBits) };
}

/** Möbius transform: the coefficient of the product over s is Σ ± entries[t] over the subsets t of s. */
function leafOf(entries: Float64Array): Leaf {
  const coefficients = entries.slice();
  for (let bit = 1; bit < entries.length; bit *= 2) {
    for (let s = 0; s < entries.length; s++) if ((s & bit) !== 0) coefficients[s] -= coefficients[s - bit];
  }
  const used = [...coefficients.keys()].filter((s) => s > 0 && coefficients[s] !== 0);
  return { kind: "leaf", constant: coefficients[0], monomials: used.map((s) => s - 1), weights: used.map((s) => coefficients[s]) };
}

function constraintsOf({ lowBits, highBits, root }: Decision): number {
  const choices = (node: Node): number => (node.kind === "leaf" ? 0 : (isDense(node) ? 2 : 1) + choices(node.zero) + choices(node.one));
  return lowBits + highBits + 2 ** lowBits - lowBits + choices(root);
}

/** Whether either side is too long for a factor. */
function isDense({ zero, one }: Choice): boolean {
  return [zero, one].some((node) => node.kind === "leaf" && !isShort(node.monomials.length));
}

interface Stretch {
  /** The least entry. */
  readonly low: number;
  readonly decision: Decision;
}

/** By table and the part of it that is reached: a circuit is planned many times before it is laid out. */
const stretches = new WeakMap<Float64Array, Map<string, Stretch>>();

/** Lays functions out as decisions, each found once for a stretch of a table. */
export class Decisions {
  constructor(private readonly system: ConstraintSystem) {}

  /** Of one element in the range. */
  constraints(range: Range, table: FunctionTable): number {
    return constraintsOf(this.#decisionOf(range, table).decision);
  }

  lay({ form, range }: RangedElement, table: FunctionTable): Element {
    const { low, decision } = this.#decisionOf(range, table);
    const parameters = [decision.lowBits, decision.highBits];
    const wires = this.system.instantiate({ name: "Monomials", parameters }, [[shiftForm(form, -range.low)]]);
    const value = layDecision(this.system, decision, wires);
    return { form: shiftForm(value.form, low), terms: value.terms };
  }

  /** Entries less their minimum, by the index less the range's. */
  #decisionOf(range: Range, table: FunctionTable): Stretch {
    const ofTable = stretches.get(table.entries) ?? new Map<string, Stretch>();
    stretches.set(table.entries, ofTable);
    const key = `${range.low - table.low},${range.high - table.low}`;
    let known = ofTable.get(key);
    if (known === undefined) {
      const reached = reachedEntries(range, table);
      const low = reached.reduce((a, b) => Math.min(a, b));
      known = { low, decision: cheapestDecision(reached.map((value) => value - low)) };
      ofTable.set(key, known);
    }
    return known;
  }
}

/** @param wires the outputs of Monomials(lowBits, highBits) */
function layDecision(system: ConstraintSystem, { lowBits, valueBits, root }: Decision, wires: readonly number[]): Element {
  const lay = (node: Node): Element => {
    if (node.kind === "leaf") {
      const form: Form = { wires: node.monomials.map((i) => wires[i]), weights: node.weights, constant: node.constant };
      return elementOf(form);
    }
    const bit = wireForm(wires[2 ** lowBits - 1 + node.bit]);
    const sides = [node.one, node.zero].map((side) => [lay(side).form]);
    const [out] = system.instantiate({ name: "Choose", parameters: [valueBits, Number(isDense(node))] }, [[bit], ...sides]);
    return elementOf(wireForm(out));
  };
  return lay(root);
}
