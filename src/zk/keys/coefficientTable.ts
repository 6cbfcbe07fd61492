/**
 * Distinct field elements met in a byte stream, by open addressing on their eight 32-bit words: a circuit has millions of
 * coefficients but few distinct ones, and a BigInt for each would dominate the reading time.
 */
import { readFieldLE } from "../../math/field.js";

const WORDS = 8;
const EMPTY = 0xffffffff;
const FIRST_CAPACITY = 1 << 10;

export class CoefficientTable {
  /** The distinct values in order of appearance. */
  readonly values: bigint[] = [];
  #words = new Uint32Array(FIRST_CAPACITY * WORDS);
  #slots = new Uint32Array(2 * FIRST_CAPACITY).fill(EMPTY);

  /** The index of the 32-byte little-endian value at `offset`. */
  intern(data: DataView, offset: number): number {
    const words = new Uint32Array(WORDS);
    for (let i = 0; i < WORDS; i++) words[i] = data.getUint32(offset + 4 * i, true);
    const slot = this.#find(words);
    if (this.#slots[slot] !== EMPTY) return this.#slots[slot];
    const index = this.values.length;
    this.values.push(readFieldLE(new Uint8Array(data.buffer, data.byteOffset), offset));
    this.#slots[slot] = index;
    if (this.values.length * WORDS > this.#words.length) this.#growWords();
    this.#words.set(words, index * WORDS);
    if (2 * this.values.length > this.#slots.length) this.#growSlots();
    return index;
  }

  /** The slot that holds the value, or the free one where it belongs. */
  #find(words: Uint32Array): number {
    let hash = 0;
    for (const word of words) hash = Math.imul(hash ^ word, 0x9e3779b1) ^ (hash >>> 15);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = this.#slots[slot];
      if (index === EMPTY || this.#equals(index, words)) return slot;
    }
  }

  #equals(index: number, words: Uint32Array): boolean {
    for (let i = 0; i < WORDS; i++) if (this.#words[index * WORDS + i] !== words[i]) return false;
    return true;
  }

  #growWords(): void {
    const words = new Uint32Array(2 * this.#words.length);
    words.set(this.#words);
    this.#words = words;
  }

  #growSlots(): void {
    this.#slots = new Uint32Array(2 * this.#slots.length).fill(EMPTY);
    for (let i = 0; i < this.values.length; i++) {
      this.#slots[this.#find(this.#words.subarray(i * WORDS, (i + 1) * WORDS))] = i;
    }
  }
}
