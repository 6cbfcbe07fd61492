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

export class RowsBuilder {
  #wires = new Uint32Array(1 << 12);
  #coefficients = new Uint32Array(1 << 12);
  #length = 0;
  readonly #offsets = [0];

  term(wire: number, coefficient: number): void {
    if (this.#length === this.#wires.length) {
      this.#wires = grown(this.#wires);
      this.#coefficients = grown(this.#coefficients);
    }
    this.#wires[this.#length] = wire;
    this.#coefficients[this.#length++] = coefficient;
  }

  endRow(): void {
    this.#offsets.push(this.#length);
  }

  finish(): SparseRows {
    return {
      offsets: Uint32Array.from(this.#offsets),
      wires: this.#wires.slice(0, this.#length),
      coefficients: this.#coefficients.slice(0, this.#length),
    };
  }
}

function grown(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const result = new Uint32Array(2 * array.length);
  result.set(array);
  return result;
}
