/** A tensor inside the circuit: one linear form an element, computed when asked for. */
import type { Form } from "./form.js";

/** A form with a bound on its wires, the same whether constraints are laid out or only counted: there forms may be empty. */
export interface Element {
  readonly form: Form;
  readonly terms: number;
}

export interface CircuitTensor {
  form(element: number): Form;
  /** As {@link Element.terms}; 0 is a constant. */
  terms(element: number): number;
}

/** Its terms are counted only where somebody asks: that can take as long as a dot product. */
export function elementAt(tensor: CircuitTensor, element: number): Element {
  return {
    form: tensor.form(element),
    get terms() {
      return tensor.terms(element);
    },
  };
}

export function fromElements(elements: readonly Element[]): CircuitTensor {
  return { form: (element) => elements[element].form, terms: (element) => elements[element].terms };
}

/** Of a form that is as long in counting as in laying out: one of fresh wires. */
export function elementOf(form: Form): Element {
  return { form, terms: form.wires.length };
}
