/**
 * The arithmetic by lookups: values are split into limbs, and each limb is looked up in a range table. Sound only where the
 * challenge of the lookups is drawn after the limbs are committed (two-round).
 *
 * Two tables serve a model: bytes, which check inputs and outputs exactly, and a wider one whose size is chosen for the
 * fewest constraints (planCircuit), for remainders, excesses and distances.
 */
import type { Arithmetic, LimbFormat, Range, Rescaling } from "./arithmetic.js";
import type { ConstraintSystem } from "./constraintSystem.js";
import { addForms, type Form, scaleForm, shiftForm, wireForm } from "./form.js";
import { rangeTable, type Table } from "./table.js";
import { unsignedBits } from "./widths.js";

const BYTE = 8;

export class LimbArithmetic implements Arithmetic {
  readonly #bytes: Table = rangeTable(BYTE);
  readonly #wide: Table;

  /** @param wideBits bits of the wider table's entries, at least 8 */
  constructor(
    private readonly system: ConstraintSystem,
    wideBits: number,
  ) {
    this.#wide = wideBits === BYTE ? this.#bytes : rangeTable(wideBits);
  }

  limbFormat({ low, high }: Range): LimbFormat {
    return { low, bits: BYTE, count: Math.ceil(unsignedBits(high - low) / BYTE) };
  }

  input(range: Range): { firstWire: number; form: Form } {
    const { low, count } = this.limbFormat(range);
    const wires = Array.from({ length: count }, () => this.system.inputWire(BYTE));
    this.#lookupBytes(wires, unsignedBits(range.high - range.low));
    return { firstWire: wires[0], form: shiftForm(joinLimbs(wires, BYTE), low) };
  }

  requantize(form: Form, range: Range, { shift, low, high }: Rescaling): Form {
    if (shift === 0 && range.low >= low && range.high <= high) return form;
    // As in bits.ts: the rounding term is added and the lower clamp moved to 0.
    const offset = (shift === 0 ? 0 : 2 ** (shift - 1)) - low * 2 ** shift;
    const outBits = unsignedBits(high - low);
    const least = Math.floor((range.low + offset) / 2 ** shift);
    const most = Math.floor((range.high + offset) / 2 ** shift);
    const below = least < 0;
    const above = most > high - low;
    const remainder = this.#limbs(shift);
    const excess = this.#limbs(Math.max(below ? unsignedBits(-least) : 0, above ? unsignedBits(most - (high - low)) : 0));
    const parameters = [remainder.table.bits, remainder.count, excess.table.bits, excess.count, outBits, Number(below), Number(above)];
    // Remainder limbs cover more bits than the shift; scaling the form aligns the two, exactly.
    const scale = 2 ** (remainder.count * remainder.table.bits - shift);
    const wires = this.system.instantiate({ name: "RequantizeLimbs", parameters }, [[scaleForm(shiftForm(form, offset), scale)]]);
    const outLimbs = Math.ceil(outBits / BYTE);
    this.#lookupBytes(wires.slice(0, outLimbs), outBits);
    for (const wire of wires.slice(outLimbs, outLimbs + remainder.count)) this.system.lookup(remainder.table, wireForm(wire));
    for (const wire of wires.slice(outLimbs + remainder.count)) this.system.lookup(excess.table, wireForm(wire));
    return shiftForm(joinLimbs(wires.slice(0, outLimbs), BYTE), low);
  }

  max(left: Form, right: Form, { low, high }: Range): Form {
    const { table, count } = this.#limbs(unsignedBits(high - low));
    const [gain, ...distance] = this.system.instantiate({ name: "MaxLimbs", parameters: [table.bits, count] }, [[left], [right]]);
    for (const wire of distance) this.system.lookup(table, wireForm(wire));
    return addForms(right, wireForm(gain));
  }

  /** The table that splits so many bits into the fewest limbs, bytes where that makes no difference. */
  #limbs(bits: number): { table: Table; count: number } {
    const [narrow, wide] = [this.#bytes, this.#wide].map((table) => ({ table, count: Math.ceil(bits / table.bits) }));
    return wide.count < narrow.count ? wide : narrow;
  }

  /** Constrains Σ wire_i·2^(8i) to [0, 2^bits): the last limb may have fewer than 8 bits, which a second lookup shows. */
  #lookupBytes(wires: readonly number[], bits: number): void {
    for (const wire of wires) this.system.lookup(this.#bytes, wireForm(wire));
    const missing = BYTE * wires.length - bits;
    if (missing > 0) this.system.lookup(this.#bytes, scaleForm(wireForm(wires[wires.length - 1]), 2 ** missing));
  }
}

function joinLimbs(wires: readonly number[], bits: number): Form {
  return { wires, weights: wires.map((_, i) => 2 ** (bits * i)), constant: 0 };
}
