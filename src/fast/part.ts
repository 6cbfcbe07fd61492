/** A plan cut into graphs, so that a large model needs little memory at a time, and each graph emitted. */
import { elementCount } from "../math/shape.js";
import { constantsOf } from "../program/constants.js";
import { elementBytes } from "../program/elementType.js";
import type { Plan, Slot, Step } from "../program/steps/index.js";
import type { ElementType, TensorId } from "../program/types.js";
import { EmitContext } from "./context.js";
import { GraphWriter } from "./graphWriter.js";
import { emitOperation } from "./ops/index.js";
import type { Ranges } from "./ranges.js";
import { dataTypeOf, storedForm, valueOf } from "./value.js";

/** A committed tensor and its name in a graph. */
export interface PartTensor {
  readonly slot: Slot;
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

export interface Part {
  /** The model file. */
  readonly bytes: Uint8Array;
  readonly inputs: readonly PartTensor[];
  /** In order of slots. */
  readonly outputs: readonly PartTensor[];
}

/** Steps in runs whose tensors and constants have up to `budget` bytes together; at least one step each. */
export function cutSteps(plan: Plan, budget: number): readonly (readonly Step[])[] {
  const runs: Step[][] = [];
  let room = 0;
  for (const step of plan.steps) {
    const size = sizeOf(step);
    if (runs.length === 0 || size > room) {
      runs.push([]);
      room = budget;
    }
    runs[runs.length - 1].push(step);
    room -= size;
  }
  return runs;
}

/** Estimated: constants are packed to bytes, and intermediate tensors are floats. */
function sizeOf({ operations, count, type }: Step): number {
  const constants = operations.flatMap(constantsOf).reduce((sum, { constant }) => sum + elementCount(constant.shape), 0);
  const intermediate = operations.length > 1 ? 2 * Float32Array.BYTES_PER_ELEMENT : 0;
  return constants + count * (elementBytes(type) + intermediate);
}

export function emitPart(plan: Plan, ranges: Ranges, steps: readonly Step[]): Part {
  const emitter = new PartEmitter(plan, ranges);
  for (const step of steps) emitter.take(step);
  return emitter.finish();
}

class PartEmitter {
  readonly #writer = new GraphWriter();
  readonly #context: EmitContext;
  readonly #inputs: PartTensor[] = [];
  readonly #outputs: PartTensor[] = [];

  constructor(
    private readonly plan: Plan,
    private readonly ranges: Ranges,
  ) {
    this.#context = new EmitContext(plan.program, ranges, this.#writer);
  }

  take(step: Step): void {
    for (const { slot } of step.operands) this.#read(slot);
    for (let at = 0; at < step.operations.length; at++) {
      const { value, fused } = emitOperation(this.#context, step.operations[at], step.operations.at(at + 1));
      if (fused) at++;
      this.#context.define(step.operations[at].output, value);
    }
    const { slot, type, shape, tensor } = step;
    const stored = this.#context.as(this.#context.value(tensor), storedForm(type));
    // A graph's input cannot be its output as well.
    const name = this.#inputs.some((input) => input.name === stored) ? this.#writer.node("Identity", [stored]) : stored;
    this.#writer.output(name);
    this.#outputs.push({ slot, name, type, shape });
  }

  finish(): Part {
    return { bytes: this.#writer.finish(), inputs: this.#inputs, outputs: this.#outputs };
  }

  /** Makes a tensor of an earlier part, or of the program's inputs, an input of this one. */
  #read(slot: Slot): void {
    const { program, inputs, steps } = this.plan;
    const tensor: TensorId = slot < inputs.length ? program.inputs[slot].tensor : steps[slot - inputs.length].tensor;
    if (this.#context.isDefined(tensor)) return;
    const { type, shape } = program.tensors[tensor];
    const form = storedForm(type);
    const name = this.#writer.input(`slot${slot}`, dataTypeOf(form), shape);
    this.#context.define(tensor, valueOf(shape, this.ranges.of(tensor), form, name));
    this.#inputs.push({ slot, name, type, shape });
  }
}
