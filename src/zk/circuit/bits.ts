/** The arithmetic by bit decomposition: one constraint a bit, sound in plain Groth16. */
import type { Range } from "../../program/interval.js";
import type { Arithmetic, FunctionTable, LimbFormat, Rescaling } from "./arithmetic.js";
import type { ConstraintSystem } from "./constraintSystem.js";
import { type Form, shiftForm, wireForm } from "./form.js";
import { freeValue, reachedEntries } from "./functions.js";
import { cheapestDecision, type Decision, layDecision } from "./decision.js";
import { type Element, elementOf } from "./tensor.js";
import { signedBits, unsignedBits } from "./widths.js";

export class BitArithmetic implements Arithmetic {
  readonly #decisions = new WeakMap<Float64Array, Map<string, { low: number; decision: Decision }>>();

  constructor(private readonly system: ConstraintSystem) {}

  limbFormat({ low, high }: Range): LimbFormat {
    return { low, bits: unsignedBits(high - low), count: 1 };
  }

  input(range: Range): { firstWire: number; form: Form } {
    const { low, bits } = this.limbFormat(range);
    const firstWire = this.system.inputWire(bits);
    this.system.instantiate({ name: "Range", parameters: [bits] }, [[wireForm(firstWire)]]);
    return { firstWire, form: shiftForm(wireForm(firstWire), low) };
  }

  requantize(form: Form, range: Range, { shift, low, high }: Rescaling): Form {
    if (shift === 0 && range.low >= low && range.high <= high) return form;
    // The gadget rounds towards minus infinity and clamps at 0: add the rounding term and move the lower clamp there.
    const offset = (shift === 0 ? 0 : 2 ** (shift - 1)) - low * 2 ** shift;
    const least = range.low + offset;
    const most = range.high + offset;
    const sign = least < 0 ? 1 : 0;
    const bits = sign === 1 ? signedBits(least, most) : unsignedBits(most);
    const parameters = [bits, shift, unsignedBits(high - low), sign];
    const [out] = this.system.instantiate({ name: "Requantize", parameters }, [[shiftForm(form, offset)]]);
    return shiftForm(wireForm(out), low);
  }

  max(left: Element, right: Element, { low, high }: Range): Element {
    const parameters = [signedBits(low - high, high - low)];
    const [out] = this.system.instantiate({ name: "Max", parameters }, [[left.form], [right.form]]);
    return elementOf(wireForm(out));
  }

  table(element: Element, range: Range, table: FunctionTable): Element {
    const free = freeValue(element, range, table);
    if (free !== undefined) return free;
    const { low, decision } = this.#decisionOf(table.entries, range.low - table.low, reachedEntries(range, table));
    const index = [[shiftForm(element.form, -range.low)]];
    const wires = this.system.instantiate({ name: "Monomials", parameters: [decision.lowBits, decision.highBits] }, index);
    const { form, terms } = layDecision(this.system, decision, wires);
    return { form: shiftForm(form, low), terms };
  }

  /** Entries less their minimum, as a decision over the bits of the index; found once for each stretch of a table. */
  #decisionOf(entries: Float64Array, from: number, reached: Float64Array): { low: number; decision: Decision } {
    const stretches = this.#decisions.get(entries) ?? new Map<string, { low: number; decision: Decision }>();
    this.#decisions.set(entries, stretches);
    const key = `${from},${reached.length}`;
    const low = reached.reduce((a, b) => Math.min(a, b));
    const known = stretches.get(key) ?? { low, decision: cheapestDecision(reached.map((value) => value - low)) };
    stretches.set(key, known);
    return known;
  }
}
