/** Linear forms Σ weight·wire + constant with integer coefficients: what an accumulator is before it gets a wire, if it ever does. */

export interface Form {
  readonly wires: readonly number[];
  /** Integers; bigint where they exceed 2^53 (packing). */
  readonly weights: readonly (number | bigint)[];
  readonly constant: number | bigint;
}

/** A form of at most so many terms may stand in A or B: it makes those rows no denser than gadgets' own. */
export const SHORT_FORM = 3;

/** Of a looked-up form: an argument and its value's limbs. */
export const LOOKUP_FORM = 6;

/** Wires of a form, and its constant where it may have one. */
export function isShort(terms: number, limit = SHORT_FORM): boolean {
  return terms + 1 <= limit;
}

export function wireForm(wire: number): Form {
  return { wires: [wire], weights: [1], constant: 0 };
}

export function constantForm(constant: number | bigint): Form {
  return { wires: [], weights: [], constant };
}

export function shiftForm(form: Form, by: number): Form {
  return by === 0 ? form : { ...form, constant: exactSum(form.constant, by) };
}

/** factor · form. */
export function scaleForm(form: Form, factor: number): Form {
  if (factor === 1) return form;
  const scale = (value: number | bigint): number | bigint => exactProduct(value, factor);
  return { wires: form.wires, weights: form.weights.map(scale), constant: scale(form.constant) };
}

export function addForms(left: Form, right: Form): Form {
  const sum = new FormBuilder();
  sum.add(left, 1);
  sum.add(right, 1);
  return sum.finish(0);
}

/** The wire that the form is, if it is one. */
export function soleWire(form: Form): number | undefined {
  return form.wires.length === 1 && form.weights[0] === 1 && form.constant === 0 ? form.wires[0] : undefined;
}

/**
 * Builds a form term by term, adding up the terms of a wire that occurs more than once. Exact: a wire may stand for a value that is
 * offset far from it, so that coefficients pass 2^53 where values do not.
 */
export class FormBuilder {
  readonly #slots = new Map<number, number>();
  readonly #wires: number[] = [];
  readonly #weights: (number | bigint)[] = [];
  #constant: number | bigint = 0;

  /** Adds factor · form. */
  add(form: Form, factor: number): void {
    if (factor === 0) return;
    this.#constant = exactSum(this.#constant, exactProduct(factor, form.constant));
    for (let i = 0; i < form.wires.length; i++) this.#addTerm(form.wires[i], exactProduct(factor, form.weights[i]));
  }

  finish(constant: number): Form {
    return { wires: this.#wires, weights: this.#weights, constant: exactSum(this.#constant, constant) };
  }

  #addTerm(wire: number, weight: number | bigint): void {
    const slot = this.#slots.get(wire);
    if (slot === undefined) {
      this.#slots.set(wire, this.#wires.push(wire) - 1);
      this.#weights.push(weight);
    } else {
      this.#weights[slot] = exactSum(this.#weights[slot], weight);
    }
  }
}

/** a·b as a number where it is safe, else as a bigint. */
export function exactProduct(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === "number" && typeof b === "number" && Number.isSafeInteger(a * b)) return a * b;
  return BigInt(a) * BigInt(b);
}

export function exactSum(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === "number" && typeof b === "number" && Number.isSafeInteger(a + b)) return a + b;
  return BigInt(a) + BigInt(b);
}
