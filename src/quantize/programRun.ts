/** Runs a program over samples: by the reference executor, or the fast one where that would take long. */
import { type FastOptions, FastTensors } from "../fast/index.js";
import { execute } from "../program/executor.js";
import { MAX_TERMS, planSteps, termsOf } from "../program/steps/index.js";
import type { Program, TensorData, TensorId } from "../program/types.js";

export interface ProgramRun {
  /** The tensors asked for, in that order. */
  run(inputs: readonly TensorData[]): Promise<TensorData[]>;
  close(): Promise<void>;
}

/** Products and sums: about a second of the reference executor. */
const MANY_TERMS = 2 ** 26;

/**
 * @param wanted tensors of a valid program
 * @param samples how many times it will run
 * @param options of the fast executor
 */
export async function runOf(program: Program, wanted: readonly TensorId[], samples: number, options: FastOptions = {}): Promise<ProgramRun> {
  return isLong(program, samples) ? FastTensors.load(program, wanted, options) : referenceRun(program, wanted);
}

/** Longer sums than traces have may be more than the fast executor takes. */
function isLong(program: Program, samples: number): boolean {
  const { steps } = planSteps(program);
  const terms = steps.reduce((sum, { count, core }) => sum + count * termsOf(core), 0);
  return samples * terms > MANY_TERMS && steps.every(({ core }) => termsOf(core) <= MAX_TERMS);
}

function referenceRun(program: Program, wanted: readonly TensorId[]): ProgramRun {
  return {
    run(inputs) {
      const tensors = execute(program, inputs);
      return Promise.resolve(wanted.map((tensor) => tensors[tensor]));
    },
    close: () => Promise.resolve(),
  };
}
