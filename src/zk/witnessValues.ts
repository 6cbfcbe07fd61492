/** Wire values: canonical little-endian bytes as .wtns holds them, and beside them doubles for those that fit, which are fast. */
import { FIELD_BYTES, fromField, readFieldLE, toField, writeFieldLE } from "../math/field.js";
import type { Form } from "./circuit/form.js";

export class WitnessValues {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The signed value where it is a safe integer, else NaN. */
  readonly small: Float64Array;

  constructor(wireCount: number) {
    this.bytes = new Uint8Array(wireCount * FIELD_BYTES);
    this.small = new Float64Array(wireCount);
    this.setNumber(0, 1);
  }

  /** From the bytes of a .wtns file's values. */
  static from(bytes: Uint8Array<ArrayBuffer>): WitnessValues {
    const values = new WitnessValues(bytes.length / FIELD_BYTES);
    values.bytes.set(bytes);
    for (let wire = 0; wire < values.small.length; wire++) values.refresh(wire);
    return values;
  }

  setNumber(wire: number, value: number): void {
    this.small[wire] = value;
    if (value >= 0) {
      const view = new DataView(this.bytes.buffer, wire * FIELD_BYTES, FIELD_BYTES);
      view.setUint32(0, value >>> 0, true);
      view.setUint32(4, Math.floor(value / 2 ** 32), true);
    } else {
      writeFieldLE(this.bytes, wire * FIELD_BYTES, toField(BigInt(value)));
    }
  }

  set(wire: number, value: number | bigint): void {
    if (typeof value === "number") this.setNumber(wire, value);
    else {
      writeFieldLE(this.bytes, wire * FIELD_BYTES, toField(value));
      this.refresh(wire);
    }
  }

  setBytes(wire: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, wire * FIELD_BYTES);
    this.refresh(wire);
  }

  /** The same values with each wire at another place. */
  reordered(position: Uint32Array): WitnessValues {
    const result = new WitnessValues(this.small.length);
    position.forEach((to, from) => {
      result.bytes.set(this.bytes.subarray(from * FIELD_BYTES, (from + 1) * FIELD_BYTES), to * FIELD_BYTES);
      result.small[to] = this.small[from];
    });
    return result;
  }

  get(wire: number): bigint {
    return readFieldLE(this.bytes, wire * FIELD_BYTES);
  }

  /** Brings the double up to date after the bytes were written. */
  refresh(wire: number): void {
    const view = new DataView(this.bytes.buffer, wire * FIELD_BYTES, FIELD_BYTES);
    const high = view.getUint32(4, true);
    const isSmall = high < 2 ** 21 && view.getBigUint64(8, true) === 0n && view.getBigUint64(16, true) === 0n && view.getBigUint64(24, true) === 0n;
    this.small[wire] = isSmall ? high * 2 ** 32 + view.getUint32(0, true) : smallNegative(this.get(wire));
  }

  /** The form's value as an integer; a number where all intermediate sums are exact. */
  evaluate(form: Form): number | bigint {
    let sum = typeof form.constant === "number" ? form.constant : NaN;
    let bound = Math.abs(sum);
    for (let i = 0; i < form.wires.length; i++) {
      const weight = form.weights[i];
      const product = typeof weight === "number" ? weight * this.small[form.wires[i]] : NaN;
      sum += product;
      bound += Math.abs(product);
    }
    return bound <= Number.MAX_SAFE_INTEGER ? sum : this.#evaluateExactly(form);
  }

  #evaluateExactly(form: Form): bigint {
    let sum = BigInt(form.constant);
    form.wires.forEach((wire, i) => {
      sum += BigInt(form.weights[i]) * this.get(wire);
    });
    return toField(sum);
  }
}

function smallNegative(value: bigint): number {
  const signed = Number(fromField(value));
  return Number.isSafeInteger(signed) ? signed : NaN;
}
