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

/** Of counting, where nobody looks at forms. */
export const NO_FORM: Form = { wires: [], weights: [], constant: 0 };

/** Elements that are alike in all that counts, so that counting them takes one of them. */
export interface ElementClass {
  readonly element: number;
  readonly times: number;
}

/**
 * Classes of `count` elements where constraints are only counted, in order of their first elements; where they are laid out, every
 * element is its own. `tensor` puts what was made of each class together again.
 * @param keyOf equal for elements that are alike, in counting
 */
export function classify(system: { readonly planning: boolean }, count: number, keyOf: (element: number) => number): ElementClasses {
  if (!system.planning) {
    const alone = Array.from({ length: count }, (_, element) => ({ element, times: 1 }));
    return { classes: alone, tensor: fromElements };
  }
  const known = new Map<number, number>();
  const first: number[] = [];
  const times: number[] = [];
  const classOf = new Uint32Array(count);
  for (let element = 0; element < count; element++) {
    const key = keyOf(element);
    let found = known.get(key);
    if (found === undefined) {
      found = first.push(element) - 1;
      times.push(0);
      known.set(key, found);
    }
    classOf[element] = found;
    times[found]++;
  }
  return {
    classes: first.map((element, i) => ({ element, times: times[i] })),
    tensor: (elements) => ({ form: () => NO_FORM, terms: (element) => elements[classOf[element]].terms }),
  };
}

export interface ElementClasses {
  readonly classes: readonly ElementClass[];
  /** From one element a class. */
  readonly tensor: (elements: readonly Element[]) => CircuitTensor;
}

export function fromElements(elements: readonly Element[]): CircuitTensor {
  return { form: (element) => elements[element].form, terms: (element) => elements[element].terms };
}

/** Of a form that is as long in counting as in laying out: one of fresh wires. */
export function elementOf(form: Form): Element {
  return { form, terms: form.wires.length };
}
