/** A tensor inside the circuit: one linear form an element, computed when asked for. */
import type { Form } from "./form.js";

export interface CircuitTensor {
  form(element: number): Form;
}

export function fromForms(forms: readonly Form[]): CircuitTensor {
  return { form: (element) => forms[element] };
}
