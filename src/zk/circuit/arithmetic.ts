/**
 * What linear algebra cannot do: range checks, rescaling with saturation, maxima, functions. Every range given is proven by the
 * constraints laid out so far. The circuit's lowering knows only this
 * interface; bit decomposition (bits.ts) is one way to provide it, lookups (limbs.ts) another.
 */
import type { Range } from "../../program/interval.js";
import type { Form } from "./form.js";
import type { Element } from "./tensor.js";

export interface RangedElement extends Element {
  readonly range: Range;
  /** How many elements this one stands for: 1 where constraints are laid out. */
  readonly times: number;
}

/** A function by its values at low, low + 1, ... */
export interface FunctionTable {
  readonly low: number;
  readonly entries: Float64Array;
}

export interface Rescaling {
  readonly shift: number;
  /** Clamp; high − low + 1 is a power of two. */
  readonly low: number;
  readonly high: number;
}

/** Whether rescaling leaves every value of the range as it is. */
export function isUnchanged(range: Range, { shift, low, high }: Rescaling): boolean {
  return shift === 0 && range.low >= low && range.high <= high;
}

/** How an element from outside is spread over wires: element − low = Σ limb_i · 2^(bits·i). */
export interface LimbFormat {
  readonly low: number;
  readonly bits: number;
  readonly count: number;
}

export interface Arithmetic {
  /** The limbs that an input element in `range` enters the circuit by; high − low + 1 is a power of two. */
  limbFormat(range: Range): LimbFormat;
  /** Lays out one input element on fresh consecutive wires in that format and constrains low ≤ element ≤ high. */
  input(range: Range): { readonly firstWire: number; readonly form: Form };
  /** clamp(floor((form + 2^(shift−1)) / 2^shift), low, high); the form lies in `range`. */
  requantize(form: Form, range: Range, rescaling: Rescaling): Form;
  /** max(left, right); both lie in `range`. */
  max(left: Element, right: Element, range: Range): Element;
  /** Terms of that maximum. @param right its second operand */
  maxTerms(right: Pick<Element, "terms">): number;
  /** entries[element − low] of each element; their ranges lie in the table. */
  table(elements: readonly RangedElement[], table: FunctionTable): Element[];
}
