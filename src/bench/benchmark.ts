/** Models of a user's choice, measured on both paths. */
import { AssayError } from "../errors.js";
import type { Progress } from "../progress.js";
import type { BenchModel } from "./benchModel.js";
import { measureClaims } from "./claiming.js";
import { type BenchPart, type BenchResults, type ClaimFigures, FORMAT, type Omission, type ProvingFigures } from "./figures.js";
import { thisMachine, thisSource } from "./machine.js";
import { measureProving, type ProvingChoices } from "./proving.js";

export interface BenchRequest {
  readonly models: readonly BenchModel[];
  readonly choices: ProvingChoices;
  readonly parts: readonly BenchPart[];
  readonly runs: number;
  /** How the figures can be had again. */
  readonly command: string;
}

/**
 * Measures one thing after another. What a model does not allow is named among the omissions.
 * @throws AssayError where nothing could be measured: the first reason; ABORTED
 */
export async function benchmark({ models, choices, parts, runs, command }: BenchRequest, progress: Progress, signal?: AbortSignal): Promise<BenchResults> {
  const [proving, claims, omitted]: [ProvingFigures[], ClaimFigures[], Omission[]] = [[], [], []];
  let failure: AssayError | undefined;
  const measure = async (model: BenchModel, part: BenchPart): Promise<void> => {
    switch (part) {
      case "proving":
        proving.push(await measureProving(model, choices, runs, signal));
        return;
      case "claims":
        claims.push(await measureClaims(model, runs, undefined, signal));
        return;
    }
  };
  for (const model of models) {
    for (const part of parts) {
      try {
        await progress.stage(`${model.name}: ${part}`, () => measure(model, part));
      } catch (error) {
        if (!(error instanceof AssayError) || error.code === "ABORTED" || signal?.aborted === true) throw error;
        failure ??= error;
        omitted.push({ model: model.name, part, reason: error.message });
      }
    }
  }
  if (failure !== undefined && proving.length + claims.length === 0) throw failure;
  const provenance = { date: new Date().toISOString(), runs, ...thisSource() };
  const measured = Object.fromEntries(parts.map((part) => [part, provenance]));
  return { format: FORMAT, command, machine: thisMachine(), measured, proving, claims, omitted };
}
