/** Chosen tensors of an execution as integers: for evaluation over many samples, where the reference executor takes too long. */
import { AssayError } from "../errors.js";
import { decodeElements } from "../program/constantBytes.js";
import { planSteps, type Slot } from "../program/steps/index.js";
import type { ElementType, Program, TensorData, TensorId } from "../program/types.js";
import { loadFastExecutor } from "./cache.js";
import type { FastExecutor, FastOptions } from "./executor.js";

export class FastTensors {
  private constructor(
    private readonly wanted: readonly TensorId[],
    private readonly executor: FastExecutor,
  ) {}

  /**
   * @param wanted tensors of a valid program; default: its outputs
   * @throws AssayError as loadFastExecutor
   */
  static async load(program: Program, wanted: readonly TensorId[] = program.outputs.map(({ tensor }) => tensor), options: FastOptions = {}): Promise<FastTensors> {
    // An output is never inside a step.
    const outputs = [...new Set(wanted)].map((tensor) => ({ name: `tensor ${tensor}`, tensor, scale: { mantissa: 1n, exponent: 0 } }));
    const plan = planSteps({ ...program, outputs });
    return new FastTensors(wanted, await loadFastExecutor(plan, options));
  }

  /**
   * The wanted tensors, in the order in which they were named.
   * @throws AssayError as {@link FastExecutor.run}
   */
  async run(inputs: readonly TensorData[]): Promise<TensorData[]> {
    const slots = this.wanted.map((tensor) => this.#slotOf(tensor));
    const wanted = new Set(slots);
    const found = new Map<Slot, TensorData>();
    await this.executor.run(inputs, ({ slot, bytes }) => {
      if (wanted.has(slot)) found.set(slot, decodeElements(bytes, this.#typeOf(slot)));
    });
    return slots.map((slot) => found.get(slot) ?? new Float64Array());
  }

  close(): Promise<void> {
    return this.executor.close();
  }

  #slotOf(tensor: TensorId): Slot {
    const slot = this.executor.plan.slotOf.get(tensor);
    if (slot === undefined) throw new AssayError("INTERNAL", `tensor ${tensor} is not computed`);
    return slot;
  }

  /** As it is stored: a renaming may be declared wider than what it renames. */
  #typeOf(slot: Slot): ElementType {
    const { inputs, steps } = this.executor.plan;
    return slot < inputs.length ? inputs[slot].type : steps[slot - inputs.length].type;
  }
}
