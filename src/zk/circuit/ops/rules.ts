import type { Interval } from "../../../program/interval.js";
import type { Operation } from "../../../program/types.js";
import type { Arithmetic } from "../arithmetic.js";
import type { ConstraintSystem } from "../constraintSystem.js";
import type { Products } from "../products.js";
import type { CircuitTensor } from "../tensor.js";
import type { OpenWeights } from "../weights.js";

/** What an operation's circuit is made from. */
export interface CircuitContext {
  readonly system: ConstraintSystem;
  readonly arithmetic: Arithmetic;
  readonly products: Products;
  readonly shapes: readonly (readonly number[])[];
  /** Ranges of the operands; the constraints laid out so far prove them. */
  readonly intervals: readonly Interval[];
  readonly operands: readonly CircuitTensor[];
  /** Constants of the operation that are witness elements. */
  readonly open: OpenWeights;
}

export type CircuitRule<T extends Operation> = (operation: T, context: CircuitContext) => CircuitTensor;
