/** The layout without constraints: which gadgets a circuit needs and how many constraints it will have. */
import { gadgetConstraints, gadgetKey, type GadgetSpec } from "../gadgets/spec.js";
import type { ConstraintSystem } from "./constraintSystem.js";

export class ConstraintPlan implements ConstraintSystem {
  readonly #specs = new Map<string, GadgetSpec>();
  readonly #byLabel = new Map<string, number>();
  #label = "";
  #constraints = 0;
  #wires: number;

  constructor(publicCount: number) {
    this.#wires = publicCount + 1;
  }

  get specs(): GadgetSpec[] {
    return [...this.#specs.values()];
  }

  get constraints(): number {
    return this.#constraints;
  }

  /** Constraints by label, in order of appearance. */
  get byLabel(): ReadonlyMap<string, number> {
    return this.#byLabel;
  }

  label(name: string): void {
    this.#label = name;
  }

  inputWire(): number {
    return this.#wires++;
  }

  define(): number {
    this.#count(1);
    return this.#wires++;
  }

  assign(): void {
    this.#count(1);
  }

  instantiate(spec: GadgetSpec): readonly number[] {
    this.#specs.set(gadgetKey(spec), spec);
    this.#count(gadgetConstraints(spec));
    return spec.name === "Range" ? [] : [this.#wires++];
  }

  #count(constraints: number): void {
    this.#constraints += constraints;
    this.#byLabel.set(this.#label, (this.#byLabel.get(this.#label) ?? 0) + constraints);
  }
}
