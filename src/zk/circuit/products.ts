/**
 * Products of two elements of the circuit: one constraint each. Factors are offset so that neither is negative, which makes the
 * product's wire as narrow as its value (a negative number is a full-size scalar); what the offsets add is linear and free.
 */
import type { Range } from "../../program/interval.js";
import { FULL_WIDTH } from "../gadgets/spec.js";
import type { ConstraintSystem } from "./constraintSystem.js";
import { type Form, FormBuilder, isShort, scaleForm, shiftForm, wireForm } from "./form.js";
import { type CircuitTensor, type Element, elementOf } from "./tensor.js";
import { unsignedBits } from "./widths.js";
import { WIDTH_CLASSES } from "./wireOrder.js";

/** An element as element = form + offset, with 0 ≤ form ≤ most and a form short enough for A and B. */
export interface Factor {
  readonly form: Form;
  readonly terms: number;
  readonly offset: number;
  readonly most: number;
}

export class Products {
  /** An element is made a factor once, whatever it is multiplied with. */
  readonly #factors = new WeakMap<CircuitTensor, Map<number, Factor>>();

  constructor(private readonly system: ConstraintSystem) {}

  /** @param range of the element, proven by the constraints laid out so far */
  factor(tensor: CircuitTensor, element: number, range: Range): Factor {
    const known = this.#factors.get(tensor) ?? new Map<number, Factor>();
    this.#factors.set(tensor, known);
    const factor = known.get(element) ?? this.#makeFactor(tensor.form(element), tensor.terms(element), range);
    known.set(element, factor);
    return factor;
  }

  product(left: Factor, right: Factor): Element {
    if (left.terms === 0) return timesConstant(right, left);
    if (right.terms === 0) return timesConstant(left, right);
    const bits = roundedBits(left.most * right.most);
    const [out] = this.system.instantiate({ name: "Product", parameters: [bits] }, [[left.form], [right.form]]);
    // (l + a)(r + b) = l·r + b·l + a·r + a·b
    const sum = new FormBuilder();
    sum.add(wireForm(out), 1);
    sum.add(left.form, right.offset);
    sum.add(right.form, left.offset);
    const terms = 1 + (right.offset === 0 ? 0 : left.terms) + (left.offset === 0 ? 0 : right.terms);
    return { form: sum.finish(left.offset * right.offset), terms };
  }

  #makeFactor(form: Form, terms: number, { low, high }: Range): Factor {
    const offset = Math.min(low, 0);
    const most = high - offset;
    const moved = shiftForm(form, -offset);
    if (isShort(terms)) return { form: moved, terms, offset, most };
    return { ...elementOf(wireForm(this.system.define(moved, unsignedBits(most)))), offset, most };
  }
}

function timesConstant({ form, terms, offset }: Factor, constant: Factor): Element {
  const value = Number(constant.form.constant) + constant.offset;
  return { form: scaleForm(shiftForm(form, offset), value), terms };
}

/** Bits of a value up to `most`, rounded up to a width class so that few gadgets are compiled. */
function roundedBits(most: number): number {
  const bytes = WIDTH_CLASSES.find((size) => unsignedBits(most) <= 8 * size) ?? 32;
  return Math.min(8 * bytes, FULL_WIDTH);
}
