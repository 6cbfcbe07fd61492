/** A committed model: a program with its steps, its constants and the trees over them, under one model id. */
import { AssayError } from "../../errors.js";
import type { ChunkTree, HashTree } from "../../math/merkle.js";
import { committedConstants } from "../../program/constants.js";
import { modelIdOfHeader, type Plan } from "../../program/steps/index.js";
import type { Program } from "../../program/types.js";
import { type ModelTrees, modelTrees, type OpenRegion, type StepHeader } from "../step/index.js";

export interface CommittedModel extends ModelTrees {
  /** Hex with 0x. */
  readonly modelId: string;
  readonly program: Program;
  readonly plan: Plan;
  readonly header: StepHeader;
  readonly descriptors: HashTree;
  region(region: OpenRegion): ChunkTree;
}

/**
 * All in memory.
 * @throws AssayError PROGRAM_INVALID where weights are committed: nobody else could recompute a claim
 */
export function commitInMemory(program: Program, plan?: Plan): CommittedModel {
  assertOpen(program);
  const trees = modelTrees(program, plan);
  return { ...trees, program, modelId: modelIdOfHeader(trees.header, program.semantics) };
}

export function assertOpen(program: Program): void {
  if (committedConstants(program).length === 0) return;
  throw new AssayError("PROGRAM_INVALID", "the model's weights are committed: nobody but their owner could recompute a claim", {
    hint: "compile the model with fixed weights",
  });
}
