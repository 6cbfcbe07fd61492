/** Linear forms Σ weight·wire + constant with integer coefficients: what an accumulator is before it gets a wire, if it ever does. */

export interface Form {
  readonly wires: readonly number[];
  /** Integers; bigint where they exceed 2^53 (packing). */
  readonly weights: readonly (number | bigint)[];
  readonly constant: number;
}

export function wireForm(wire: number): Form {
  return { wires: [wire], weights: [1], constant: 0 };
}

export function constantForm(constant: number): Form {
  return { wires: [], weights: [], constant };
}

export function shiftForm(form: Form, by: number): Form {
  return by === 0 ? form : { ...form, constant: form.constant + by };
}

/** The wire that the form is, if it is one. */
export function soleWire(form: Form): number | undefined {
  return form.wires.length === 1 && form.weights[0] === 1 && form.constant === 0 ? form.wires[0] : undefined;
}

/** Builds a form term by term, adding up the terms of a wire that occurs more than once. */
export class FormBuilder {
  readonly #slots = new Map<number, number>();
  readonly #wires: number[] = [];
  readonly #weights: number[] = [];
  #constant = 0;

  /** Adds factor · form. All coefficients must be safe integers. */
  add(form: Form, factor: number): void {
    if (factor === 0) return;
    this.#constant += factor * form.constant;
    for (let i = 0; i < form.wires.length; i++) this.#addTerm(form.wires[i], factor * Number(form.weights[i]));
  }

  finish(constant: number): Form {
    return { wires: this.#wires, weights: this.#weights, constant: this.#constant + constant };
  }

  #addTerm(wire: number, weight: number): void {
    const slot = this.#slots.get(wire);
    if (slot === undefined) {
      this.#slots.set(wire, this.#wires.push(wire) - 1);
      this.#weights.push(weight);
    } else {
      this.#weights[slot] += weight;
    }
  }
}
