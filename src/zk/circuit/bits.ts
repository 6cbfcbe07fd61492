/** The arithmetic by bit decomposition: one constraint a bit, sound in plain Groth16. */
import type { Arithmetic, Range, Rescaling } from "./arithmetic.js";
import type { ConstraintSystem } from "./constraintSystem.js";
import { type Form, shiftForm, wireForm } from "./form.js";

/** Bits of a value in [0, high]. */
export function unsignedBits(high: number): number {
  return high < 1 ? 1 : Math.floor(Math.log2(high)) + 1 + correction(high);
}

/** Math.log2 may round up to the next integer just below a power of two. */
function correction(high: number): number {
  return 2 ** Math.floor(Math.log2(high)) > high ? -1 : 0;
}

/** The least k with −2^(k−1) ≤ low and high < 2^(k−1). */
export function signedBits(low: number, high: number): number {
  return 1 + Math.max(unsignedBits(Math.max(high, 0)), unsignedBits(Math.max(-low - 1, 0)));
}

export class BitArithmetic implements Arithmetic {
  constructor(private readonly system: ConstraintSystem) {}

  range(form: Form, { low, high }: Range): void {
    this.system.instantiate({ name: "Range", parameters: [unsignedBits(high - low)] }, [[shiftForm(form, -low)]]);
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

  max(left: Form, right: Form, { low, high }: Range): Form {
    const parameters = [signedBits(low - high, high - low)];
    const [out] = this.system.instantiate({ name: "Max", parameters }, [[left], [right]]);
    return wireForm(out);
  }
}
