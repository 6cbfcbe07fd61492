/** Growing columns of sparse rows and the table of distinct coefficients that they index. */
import { toField } from "../../math/field.js";
import type { SparseRows } from "../r1cs.js";

export class Coefficients {
  readonly values: bigint[] = [];
  readonly #index = new Map<number | bigint, number>();

  /** Index of an integer taken modulo r. */
  intern(value: number | bigint): number {
    const known = this.#index.get(value);
    if (known !== undefined) return known;
    const residue = toField(BigInt(value));
    let index = this.#index.get(residue);
    if (index === undefined) {
      index = this.values.push(residue) - 1;
      this.#index.set(residue, index);
    }
    this.#index.set(value, index);
    return index;
  }
}

/** A column of 32-bit integers that grows. */
export class Uint32List {
  #items = new Uint32Array(1 << 12);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#items.length) {
      const grown = new Uint32Array(2 * this.#length);
      grown.set(this.#items);
      this.#items = grown;
    }
    this.#items[this.#length++] = value;
  }

  at(index: number): number {
    return this.#items[index];
  }

  finish(): Uint32Array<ArrayBuffer> {
    return this.#items.slice(0, this.#length);
  }
}

export class RowsBuilder {
  readonly #wires = new Uint32List();
  readonly #coefficients = new Uint32List();
  readonly #offsets = new Uint32List();

  constructor() {
    this.#offsets.push(0);
  }

  term(wire: number, coefficient: number): void {
    this.#wires.push(wire);
    this.#coefficients.push(coefficient);
  }

  endRow(): void {
    this.#offsets.push(this.#wires.length);
  }

  /** @param position final wire of each wire in order of layout */
  finish(position: Uint32Array): SparseRows {
    const wires = this.#wires.finish().map((wire) => position[wire]);
    return { offsets: this.#offsets.finish(), wires, coefficients: this.#coefficients.finish() };
  }
}
