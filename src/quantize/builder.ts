/** Builds a program operation by operation, keeping intervals so that accumulators get the narrowest type that fits. */
import { AssayError } from "../errors.js";
import { accumulatorType, elementRange } from "../program/elementType.js";
import { hull, type Interval, uniformInterval } from "../program/interval.js";
import { intervalOf, rulesOf } from "../program/ops/index.js";
import type { Constant, ElementType, Operation, Port, Program, TensorDescriptor, TensorId } from "../program/types.js";
import { SEMANTICS_VERSION } from "../program/types.js";
import type { ProgramForm } from "./precision.js";
import { DEFAULT_LIMITS, type ReductionLimits } from "./reductions/limits.js";
import { splitReduction } from "./reductions/split.js";
import { integerType, MAX_BIAS } from "./scales.js";
import type { WeightOpener } from "./weightsChoice.js";

/** An operation without its output, which the builder names. */
type Draft<T> = T extends Operation ? Omit<T, "output"> : never;
export type OperationDraft = Draft<Operation>;

export class ProgramBuilder {
  readonly #tensors: TensorDescriptor[] = [];
  readonly #intervals: Interval[] = [];
  readonly #operations: Operation[] = [];
  readonly #made = new Map<string, TensorId>();

  /** @param opener leaves chosen weights open */
  constructor(
    private readonly opener?: WeightOpener,
    private readonly limits: ReductionLimits = DEFAULT_LIMITS,
    readonly form: ProgramForm = "circuit",
  ) {}

  /** A constant that is made from the model's weights: open, if they are to be committed. */
  own(node: string, weight: Constant): Constant {
    return this.opener?.open(node, weight, "weight") ?? weight;
  }

  /** The same for a bias. */
  ownBias(node: string, bias: Constant): Constant {
    return this.opener?.open(node, bias, "bias") ?? bias;
  }

  /** Whether the node's weights are open, so that only their types are known. */
  isOpen(node: string): boolean {
    return this.opener?.isChosen(node) ?? false;
  }

  /** Whether any node's weights are. */
  get hasOpen(): boolean {
    return this.opener?.isUsed ?? false;
  }

  /** How large a bias of the node may come out. */
  largestBias(node: string): number {
    return this.opener?.largestBias(node) ?? MAX_BIAS;
  }

  input(name: string, shape: readonly number[], type: ElementType): TensorId {
    const { low, high } = elementRange(type);
    return this.#add({ name, shape, type }, uniformInterval(low, high));
  }

  /**
   * Appends an operation, or where an element of it would depend on too much, the shorter ones that it is made of.
   * @param type storage type of the output; undefined for an accumulator, which gets the narrowest
   * @param shape needed for a reshape only
   */
  push(draft: OperationDraft, name: string, type?: ElementType, shape?: readonly number[]): TensorId {
    const parts = splitReduction(this, draft, name, type, this.limits);
    if (parts !== undefined) return parts;
    // The draft lacks nothing but the output, which is known before the operation is.
    const operation = { ...draft, output: this.#tensors.length } as Operation;
    const operands = rulesOf(operation).operands(operation);
    const shapes = operands.map((id) => this.#tensors[id].shape);
    const interval = intervalOf(operation, shapes, operands.map((id) => this.#intervals[id]));
    const outputShape = shape ?? rulesOf(operation).outputShape(operation, shapes);
    const id = this.#add({ name, shape: outputShape, type: type ?? this.#storage(interval, operation.node) }, interval);
    this.#operations.push(operation);
    return id;
  }

  /** The same for an exact integer: stored as narrowly as its interval allows. */
  pushNarrow(draft: OperationDraft, name: string, shape?: readonly number[]): TensorId {
    const id = this.push(draft, name, undefined, shape);
    const { low, high } = hull(this.#intervals[id]);
    const type = integerType(low, high);
    if (type !== undefined) this.#tensors[id] = { ...this.#tensors[id], type };
    return id;
  }

  descriptor(id: TensorId): TensorDescriptor {
    return this.#tensors[id];
  }

  interval(id: TensorId): Interval {
    return this.#intervals[id];
  }

  finish(inputs: readonly Port[], outputs: readonly Port[]): Program {
    this.opener?.assertAllOpened();
    return { semantics: SEMANTICS_VERSION, tensors: this.#tensors, operations: this.#operations, inputs, outputs };
  }

  /** What was made under this key before, where tensors are shared: every one costs a trace its bytes. */
  once(key: string, make: () => TensorId): TensorId {
    const known = this.form === "trace" ? this.#made.get(key) : undefined;
    const id = known ?? make();
    this.#made.set(key, id);
    return id;
  }

  /** Of an accumulator. */
  #storage(interval: Interval, node: string): ElementType {
    const { low, high } = hull(interval);
    const type = this.form === "trace" ? integerType(low, high) : accumulatorType(low, high);
    if (type === undefined) throw new AssayError("QUANTIZE_RANGE", "an accumulator exceeds 53 bits", { where: `node ${node}` });
    return type;
  }

  #add(descriptor: TensorDescriptor, interval: Interval): TensorId {
    this.#intervals.push(interval);
    return this.#tensors.push(descriptor) - 1;
  }
}
