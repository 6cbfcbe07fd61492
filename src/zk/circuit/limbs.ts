/**
 * The arithmetic by lookups: values are split into limbs, and each limb is looked up in a range table. Sound only where the
 * challenge of the lookups is drawn after the limbs are committed (two-round).
 *
 * Two tables serve a model: bytes, which check inputs and outputs exactly, and a wider one whose size is chosen for the
 * fewest constraints (planCircuit), for remainders, excesses and distances. Each function of the program adds a table of its own.
 */
import type { Range } from "../../program/interval.js";
import { type Arithmetic, type FunctionTable, isUnchanged, type LimbFormat, type RangedElement, type Rescaling } from "./arithmetic.js";
import type { ConstraintSystem } from "./constraintSystem.js";
import { Decisions } from "./decision.js";
import { addForms, type Form, isShort, LOOKUP_FORM, scaleForm, shiftForm, wireForm } from "./form.js";
import { freeValue } from "./functions.js";
import { type FunctionRows, functionRows, rangeTable, type Table } from "./table.js";
import { type Element, elementOf } from "./tensor.js";
import { unsignedBits } from "./widths.js";

const BYTE = 8;

export class LimbArithmetic implements Arithmetic {
  readonly #bytes: Table = rangeTable(BYTE);
  readonly #wide: Table;
  readonly #decisions: Decisions;
  readonly #functions = new WeakMap<Float64Array, FunctionRows>();
  /** Keys of the functions' tables that are laid out. */
  readonly #opened = new Set<string>();

  /** @param wideBits bits of the wider table's entries, at least 8 */
  constructor(
    private readonly system: ConstraintSystem,
    wideBits: number,
  ) {
    this.#decisions = new Decisions(system);
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

  requantize(form: Form, range: Range, rescaling: Rescaling): Form {
    const { shift, low, high } = rescaling;
    if (isUnchanged(range, rescaling)) return form;
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

  max(left: Element, right: Element, { low, high }: Range): Element {
    const { table, count } = this.#limbs(unsignedBits(high - low));
    const [gain, ...distance] = this.system.instantiate({ name: "MaxLimbs", parameters: [table.bits, count] }, [[left.form], [right.form]]);
    for (const wire of distance) this.system.lookup(table, wireForm(wire));
    return {
      form: addForms(right.form, wireForm(gain)),
      get terms() {
        return withGain(right);
      },
    };
  }

  maxTerms(right: Pick<Element, "terms">): number {
    return withGain(right);
  }

  /** By lookups in a table of rows, or over bits where the table would cost more than it saves. */
  table(elements: readonly RangedElement[], table: FunctionTable): Element[] {
    const free = elements.map((element) => freeValue(element, table));
    const others = elements.filter((_, i) => free[i] === undefined);
    const lookups = others.length > 0 && this.#worthRows(others, table);
    const lay = (element: RangedElement): Element => (lookups ? this.#lookUp(element, table) : this.#decisions.lay(element, table));
    return elements.map((element, i) => free[i] ?? this.system.repeat(element.times, () => lay(element)));
  }

  /** Whether the function's rows are laid out already, or are with all lookups no dearer than decisions over bits. */
  #worthRows(elements: readonly RangedElement[], table: FunctionTable): boolean {
    const { rows, valueBits } = this.#functionOf(table.entries);
    const limbs = this.#limbs(valueBits).count;
    const lookups = sumOver(elements, ({ terms }) => limbs + (isShort(terms + limbs, LOOKUP_FORM) ? 1 : 2));
    const worth = this.#opened.has(rows.key) || rows.entries.length + 1 + lookups <= sumOver(elements, ({ range }) => this.#decisions.constraints(range, table));
    if (worth) this.#opened.add(rows.key);
    return worth;
  }

  /** The value's limbs are hints, range-checked so that the pair packs without loss; the row pins them. */
  #lookUp(element: Element, table: FunctionTable): Element {
    const { rows, low, columnBits, valueBits } = this.#functionOf(table.entries);
    const { table: limbTable, count } = this.#limbs(valueBits);
    const index = this.#index(element, table, count);
    const limbs = this.system.hint(new Array<number>(count).fill(limbTable.bits), [index], ([x]) =>
      limbsOf((table.entries[x] ?? low) - low, limbTable.bits, count),
    );
    for (const wire of limbs) this.system.lookup(limbTable, wireForm(wire));
    const value = joinLimbs(limbs, limbTable.bits);
    this.system.lookupPair(rows, index, value, columnBits);
    return elementOf(shiftForm(value, low));
  }

  /** element − low, short enough for a lookup beside so many limbs. */
  #index({ form, terms }: Element, { low, entries }: FunctionTable, limbs: number): Form {
    const index = shiftForm(form, -low);
    return isShort(terms + limbs, LOOKUP_FORM) ? index : wireForm(this.system.define(index, unsignedBits(entries.length - 1)));
  }

  /** Made once for all uses of the same entries. */
  #functionOf(entries: Float64Array): FunctionRows {
    const known = this.#functions.get(entries) ?? functionRows(entries);
    this.#functions.set(entries, known);
    return known;
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

/** Terms of a maximum: the second operand and the gain. */
function withGain({ terms }: Pick<Element, "terms">): number {
  return terms + 1;
}

function sumOver(elements: readonly RangedElement[], cost: (element: RangedElement) => number): number {
  return elements.reduce((sum, element) => sum + element.times * cost(element), 0);
}

function joinLimbs(wires: readonly number[], bits: number): Form {
  return { wires, weights: wires.map((_, i) => 2 ** (bits * i)), constant: 0 };
}

function limbsOf(value: number, bits: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor(value / 2 ** (bits * i)) % 2 ** bits);
}
