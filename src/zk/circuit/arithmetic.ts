/**
 * What linear algebra cannot do: range checks, rescaling with saturation, maxima. The circuit's lowering knows only this
 * interface; bit decomposition (bits.ts) is one way to provide it, lookups another.
 */
import type { Form } from "./form.js";

/** An inclusive range of integers, proven by the constraints so far. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export interface Rescaling {
  readonly shift: number;
  /** Clamp; high − low + 1 is a power of two. */
  readonly low: number;
  readonly high: number;
}

export interface Arithmetic {
  /** Constrains low ≤ form ≤ high; high − low + 1 is a power of two. */
  range(form: Form, range: Range): void;
  /** clamp(floor((form + 2^(shift−1)) / 2^shift), low, high); the form lies in `range`. */
  requantize(form: Form, range: Range, rescaling: Rescaling): Form;
  /** max(left, right); both lie in `range`. */
  max(left: Form, right: Form, range: Range): Form;
}
