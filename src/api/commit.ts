import { resolve } from "node:path";
import type { StepCost } from "../optimistic/model/index.js";
import type { Fidelity } from "../quantize/fidelity.js";
import { affordableCosts, committedModel } from "./committed.js";
import type { ModelOptions } from "./model.js";
import { type CallOptions, withSession } from "./session.js";

export interface CommitOptions extends ModelOptions, CallOptions {
  /** Where to put the committed directory; default: the cache, where {@link watch} looks. */
  readonly output?: string;
}

/** A model that can be claimed, and what defeating a wrong claim of it costs. */
export interface Committed {
  /** What watchers need to recompute claims. */
  readonly directory: string;
  /** It was there before. */
  readonly reused: boolean;
  /** keccak of the integer program, 0x and 64 digits: what consumers of claims pin. */
  readonly modelId: string;
  /** What the model id commits to, 0x and 64 digits each. */
  readonly roots: Readonly<Record<"structure" | "steps" | "weights" | "tables" | "parameters", string>>;
  /** Committed tensors, inputs included. */
  readonly slots: number;
  /** All tensors of the program. */
  readonly tensors: number;
  /** Of the constants, in bytes. */
  readonly lengths: Readonly<Record<"weights" | "tables", number>>;
  /** What showing one element costs on chain, in execution order; gas is an estimate. */
  readonly steps: readonly StepCost[];
  /** Bytes of calldata of the largest, and gas of the dearest. */
  readonly worst: Readonly<Record<"calldata" | "gas", number>>;
  /** How far the program is from the float model, where there were calibration samples. */
  readonly fidelity: Pick<Fidelity, "outputs"> | undefined;
}

/**
 * Commits to a model for claims: its id, and a directory from which its leaves are served.
 *
 * @param path an .onnx file, or a compiled or committed directory
 * @throws AssayError as {@link compile} does for the file; MODEL_TOO_LARGE where nobody could show a wrong element in a transaction
 */
export function commit(path: string, options: CommitOptions = {}): Promise<Committed> {
  return withSession(options, async (session) => {
    const { model, directory, reused, fidelity } = await committedModel(session, path, options, options.output === undefined ? undefined : resolve(options.output));
    const steps = await session.stages.stage("costs", () => affordableCosts(model));
    const { header, modelId, program } = model;
    return {
      directory,
      reused,
      modelId,
      roots: { structure: header.structureRoot, steps: header.stepsTop, weights: header.weightsRoot, tables: header.tablesRoot, parameters: header.parametersRoot },
      slots: header.slots,
      tensors: program.tensors.length,
      lengths: { weights: header.weightsLength, tables: header.tablesLength },
      worst: { calldata: Math.max(...steps.map(({ calldata }) => calldata)), gas: Math.max(...steps.map(({ gas = 0 }) => gas)) },
      steps,
      fidelity: fidelity === undefined ? undefined : { outputs: fidelity.outputs },
    };
  });
}
