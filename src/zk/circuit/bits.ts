/** The arithmetic by bit decomposition: one constraint a bit, sound in plain Groth16. */
import type { Range } from "../../program/interval.js";
import { type Arithmetic, type FunctionTable, isUnchanged, type LimbFormat, type RangedElement, type Rescaling } from "./arithmetic.js";
import type { ConstraintSystem } from "./constraintSystem.js";
import { type Form, shiftForm, wireForm } from "./form.js";
import { Decisions } from "./decision.js";
import { freeValue } from "./functions.js";
import { type Element, elementOf } from "./tensor.js";
import { signedBits, unsignedBits } from "./widths.js";

export class BitArithmetic implements Arithmetic {
  readonly #decisions: Decisions;

  constructor(private readonly system: ConstraintSystem) {
    this.#decisions = new Decisions(system);
  }

  limbFormat({ low, high }: Range): LimbFormat {
    return { low, bits: unsignedBits(high - low), count: 1 };
  }

  input(range: Range): { firstWire: number; form: Form } {
    const { low, bits } = this.limbFormat(range);
    const firstWire = this.system.inputWire(bits);
    this.system.instantiate({ name: "Range", parameters: [bits] }, [[wireForm(firstWire)]]);
    return { firstWire, form: shiftForm(wireForm(firstWire), low) };
  }

  requantize(form: Form, range: Range, rescaling: Rescaling): Form {
    const { shift, low, high } = rescaling;
    if (isUnchanged(range, rescaling)) return form;
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

  maxTerms(): number {
    return 1;
  }

  table(elements: readonly RangedElement[], table: FunctionTable): Element[] {
    return elements.map((element) => freeValue(element, table) ?? this.system.repeat(element.times, () => this.#decisions.lay(element, table)));
  }
}
