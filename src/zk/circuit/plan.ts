/** The layout without constraints: which gadgets a circuit needs and how many constraints it will have, by kind. */
import { gadgetConstraints, gadgetKey, type GadgetName, gadgetOutputs, type GadgetSpec } from "../gadgets/spec.js";
import type { ConstraintSystem } from "./constraintSystem.js";
import { MATRIX_CHECK_SPECS, matrixCheckConstraints, type MatrixSizes, powerChain } from "./matrixCheck.js";
import type { Table } from "./table.js";

/** What constraints are spent on. Linear algebra with constant weights is never among them. */
export type CostKind =
  | "inputs" | "committed weights" | "range checks" | "rescaling" | "comparisons" | "products" | "functions"
  | "tables (fixed)" | "public data" | "commitments";

const KINDS: Readonly<Record<GadgetName, CostKind>> = {
  Range: "range checks",
  Requantize: "rescaling",
  RequantizeLimbs: "rescaling",
  Max: "comparisons",
  MaxLimbs: "comparisons",
  Product: "products",
  Monomials: "functions",
  Choose: "functions",
  Horner: "products",
  Lookup: "range checks",
  TableEntry: "tables (fixed)",
  Absorb: "commitments",
};

export class ConstraintPlan implements ConstraintSystem {
  readonly planning = true;
  readonly #specs = new Map<string, GadgetSpec>();
  readonly #byLabel = new Map<string, number>();
  readonly #byKind = new Map<CostKind, number>();
  readonly #tables = new Map<string, Table>();
  /** Exponents of the challenge that matrix products have asked for. */
  readonly #powers = new Set<number>();
  #label = "";
  #times = 1;

  get specs(): GadgetSpec[] {
    return [...this.#specs.values()];
  }

  get constraints(): number {
    return [...this.#byKind.values()].reduce((a, b) => a + b, 0);
  }

  /** Constraints by label, in order of appearance. */
  get byLabel(): ReadonlyMap<string, number> {
    return this.#byLabel;
  }

  get byKind(): ReadonlyMap<CostKind, number> {
    return this.#byKind;
  }

  repeat<T>(times: number, lay: () => T): T {
    const outside = this.#times;
    this.#times = outside * times;
    const laid = lay();
    this.#times = outside;
    return laid;
  }

  label(name: string): void {
    this.#label = name;
  }

  inputWire(): number {
    return 0;
  }

  hint(bits: readonly number[]): readonly number[] {
    return new Array<number>(bits.length).fill(0);
  }

  define(): number {
    this.#count(1, this.#label.startsWith("node ") ? "products" : "public data");
    return 0;
  }

  assign(): void {
    this.#count(1, "public data");
  }

  instantiate(spec: GadgetSpec): readonly number[] {
    this.#specs.set(gadgetKey(spec), spec);
    this.#count(gadgetConstraints(spec), KINDS[spec.name]);
    return new Array<number>(gadgetOutputs(spec)).fill(0);
  }

  lookup(table: Table): void {
    this.#open(table);
    this.#count(1, "range checks");
  }

  lookupPair(table: Table): void {
    this.#open(table);
    this.#count(1, "functions");
  }

  matrixProduct(sizes: MatrixSizes): void {
    for (const spec of MATRIX_CHECK_SPECS) this.#specs.set(gadgetKey(spec), spec);
    this.#count(matrixCheckConstraints(sizes), "products");
    if (this.#powers.has(sizes.columns)) return;
    this.#powers.add(sizes.columns);
    this.#add(this.#label, powerChain(sizes.columns).length, "products");
  }

  /** A table costs a constraint an entry and one for its sum. */
  #open(table: Table): void {
    if (this.#tables.has(table.key)) return;
    this.#tables.set(table.key, table);
    for (const name of ["Lookup", "TableEntry"] as const) this.#specs.set(`${name}()`, { name, parameters: [] });
    this.#add(`table ${table.key}`, table.entries.length + 1, "tables (fixed)");
  }

  #count(constraints: number, spentOn: CostKind): void {
    if (this.#times === 0) return;
    this.#add(this.#label, constraints * this.#times, this.#kind(spentOn));
  }

  #add(label: string, constraints: number, kind: CostKind): void {
    this.#byKind.set(kind, (this.#byKind.get(kind) ?? 0) + constraints);
    this.#byLabel.set(label, (this.#byLabel.get(label) ?? 0) + constraints);
  }

  #kind(spentOn: CostKind): CostKind {
    if (this.#label.startsWith("weights")) return "committed weights";
    return spentOn === "range checks" && this.#label.startsWith("input ") ? "inputs" : spentOn;
  }
}
