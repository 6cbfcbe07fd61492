/**
 * Products of two elements of the circuit: one constraint each. Factors are offset so that neither is negative, which makes the
 * product's wire as narrow as its value (a negative number is a full-size scalar); what the offsets add is linear and free.
 */
import { MAX_MAGNITUDE } from "../../program/elementType.js";
import type { Range } from "../../program/interval.js";
import { FULL_WIDTH } from "../gadgets/spec.js";
import type { ConstraintSystem } from "./constraintSystem.js";
import { exactSum, type Form, FormBuilder, isShort, scaleForm, shiftForm, wireForm } from "./form.js";
import { matrixCheckConstraints, type MatrixSizes, powerChain } from "./matrixCheck.js";
import { type CircuitTensor, type Element, elementOf, fromElements, NO_FORM } from "./tensor.js";
import { unsignedBits } from "./widths.js";
import { WIDTH_CLASSES } from "./wireOrder.js";

/** An element as element = form + offset, with 0 ≤ form ≤ most and a form short enough for A and B. */
export interface Factor {
  readonly form: Form;
  readonly terms: number;
  readonly offset: number;
  readonly most: number;
}

/** Consecutive elements of a tensor. */
export interface Matrix {
  readonly tensor: CircuitTensor;
  readonly first: number;
  /** By element of the tensor, proven by the constraints laid out so far. */
  readonly rangeOf: (element: number) => Range;
}

export class Products {
  /** Elements, short enough to be factors: a long one gets its wire once, whatever it is multiplied with. */
  readonly #short = new WeakMap<CircuitTensor, Map<number, Element>>();

  /** @param checked whether matrix products may be checked with a challenge */
  constructor(
    private readonly system: ConstraintSystem,
    private readonly checked: boolean,
  ) {}

  /**
   * Offset by this range, though a tensor may have been a factor under another one before (reshaped): what is planned for a range
   * must not depend on that.
   * @param range of the element, proven by the constraints laid out so far
   */
  factor(tensor: CircuitTensor, element: number, range: Range): Factor {
    const { form, terms } = this.#shortened(tensor, element, range);
    const offset = Math.min(range.low, 0);
    return { form: shiftForm(form, -offset), terms, offset, most: range.high - offset };
  }

  #shortened(tensor: CircuitTensor, element: number, range: Range): Element {
    const ofTensor = this.#short.get(tensor) ?? new Map<number, Element>();
    this.#short.set(tensor, ofTensor);
    const known = ofTensor.get(element);
    if (known !== undefined) return known;
    const made = this.#shorten(tensor.form(element), tensor.terms(element), range);
    ofTensor.set(element, made);
    return made;
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

  /**
   * left·rightᵀ, row-major.
   * @param range of the product's elements
   */
  matrixProduct(left: Matrix, right: Matrix, sizes: MatrixSizes, range: Range): CircuitTensor {
    const checked = this.isChecked(left, right, sizes);
    if (this.system.planning) return checked ? this.#countChecked(sizes) : this.#countDirect(left, right, sizes);
    return fromElements(checked ? this.#checkedProduct(left, right, sizes, range) : this.#directProduct(left, right, sizes));
  }

  /** Whether checking the product with a challenge costs less than computing it. */
  isChecked(left: Matrix, right: Matrix, sizes: MatrixSizes): boolean {
    return this.checked && directConstraints(left, right, sizes) > matrixCheckConstraints(sizes) + powerChain(sizes.columns).length;
  }

  /** Sums of products: the sums are free. */
  #directProduct(left: Matrix, right: Matrix, sizes: MatrixSizes): Element[] {
    return Array.from({ length: sizes.rows * sizes.columns }, (_, e) => this.#directElement(left, right, sizes, e));
  }

  #directElement(left: Matrix, right: Matrix, { columns, length }: MatrixSizes, element: number): Element {
    const [row, column] = [Math.floor(element / columns), element % columns];
    const sum = new FormBuilder();
    let terms = 0;
    for (let k = 0; k < length; k++) {
      const product = this.product(this.#entry(left, row * length + k), this.#entry(right, column * length + k));
      sum.add(product.form, 1);
      terms += product.terms;
    }
    return { form: sum.finish(0), terms };
  }

  /** What {@link #directProduct} lays out, without visiting each pair: entries at one position of the reduction axis have one range. */
  #countDirect(left: Matrix, right: Matrix, sizes: MatrixSizes): CircuitTensor {
    for (let k = 0; k < sizes.length; k++) {
      const factors = ([[left, sizes.rows], [right, sizes.columns]] as const).map(([matrix, count]) =>
        Array.from({ length: count }, (_, i) => this.#entry(matrix, i * sizes.length + k)).filter(({ terms }) => terms > 0),
      );
      const [lefts, rights] = factors;
      if (lefts.length > 0 && rights.length > 0) this.system.repeat(lefts.length * rights.length, () => this.product(lefts[0], rights[0]));
    }
    return { form: () => NO_FORM, terms: (e) => this.system.repeat(0, () => this.#directElement(left, right, sizes, e)).terms };
  }

  #countChecked(sizes: MatrixSizes): CircuitTensor {
    this.system.matrixProduct({ ...sizes, left: [], right: [], product: [] });
    // An element is a hint's wire.
    return { form: () => NO_FORM, terms: () => 1 };
  }

  #entry({ tensor, first, rangeOf }: Matrix, index: number): Factor {
    return this.factor(tensor, first + index, rangeOf(first + index));
  }

  /** The product's elements are hints of round 0, which Freivalds' check pins (matrixCheck.ts). */
  #checkedProduct(left: Matrix, right: Matrix, sizes: MatrixSizes, { low, high }: Range): Element[] {
    const { rows, columns, length } = sizes;
    const [leftForms, rightForms] = ([[left, rows], [right, columns]] as const).map(([{ tensor, first }, count]) =>
      Array.from({ length: count * length }, (_, i) => tensor.form(first + i)),
    );
    // Offset like a factor, where the difference is exact.
    const offset = high - low <= MAX_MAGNITUDE ? low : 0;
    const bits = offset === low ? unsignedBits(high - low) : FULL_WIDTH;
    const wires = this.system.hint(new Array<number>(rows * columns).fill(bits), [...leftForms, ...rightForms], (values) =>
      multiply(values, sizes).map((value) => (value >= low && value <= high ? value - offset : 0)),
    );
    const product = wires.map((wire) => shiftForm(wireForm(wire), offset));
    this.system.matrixProduct({ ...sizes, left: leftForms, right: rightForms, product });
    return product.map(elementOf);
  }

  /** A wire of its own holds the element offset so that it is never negative. */
  #shorten(form: Form, terms: number, { low, high }: Range): Element {
    if (isShort(terms)) return { form, terms };
    const offset = Math.min(low, 0);
    const wire = this.system.define(shiftForm(form, -offset), unsignedBits(high - offset));
    return { form: shiftForm(wireForm(wire), offset), terms: 1 };
  }
}

/** @param values of the left matrix, then of the right one */
function multiply(values: readonly number[], { rows, columns, length }: MatrixSizes): number[] {
  return Array.from({ length: rows * columns }, (_, e) => {
    const [row, column] = [Math.floor(e / columns), rows + (e % columns)];
    let sum = 0;
    for (let k = 0; k < length; k++) sum += values[row * length + k] * values[column * length + k];
    return sum;
  });
}

/** One for each product of two elements that are no constants, and one for each element too long to be a factor. */
function directConstraints(left: Matrix, right: Matrix, { rows, columns, length }: MatrixSizes): number {
  let constraints = 0;
  for (let k = 0; k < length; k++) {
    const [leftTerms, rightTerms] = ([[left, rows], [right, columns]] as const).map(([{ tensor, first }, count]) =>
      Array.from({ length: count }, (_, i) => tensor.terms(first + i * length + k)).filter((terms) => terms > 0),
    );
    constraints += leftTerms.length * rightTerms.length + [...leftTerms, ...rightTerms].filter((terms) => !isShort(terms)).length;
  }
  return constraints;
}

function timesConstant({ form, terms, offset }: Factor, constant: Factor): Element {
  const value = Number(exactSum(constant.form.constant, constant.offset));
  return { form: scaleForm(shiftForm(form, offset), value), terms };
}

/** Bits of a value up to `most`, rounded up to a width class so that few gadgets are compiled. */
function roundedBits(most: number): number {
  const bytes = WIDTH_CLASSES.find((size) => unsignedBits(most) <= 8 * size) ?? 32;
  return Math.min(8 * bytes, FULL_WIDTH);
}
