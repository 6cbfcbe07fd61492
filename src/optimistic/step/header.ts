/** What a contract authenticates by the model id, with the lengths of the regions: IStepExecutor.Header, field by field. */
import { type ChunkTree, type HashTree, treeOfBytes, treeOfRoots } from "../../math/merkle.js";
import { encodeProgram } from "../../program/encoding.js";
import { commitProgram, descriptorLeaves, headerOf, type ModelHeader, type Plan, planSteps } from "../../program/steps/index.js";
import type { Program } from "../../program/types.js";
import type { ModelTrees } from "./evidence.js";
import type { OpenRegion } from "./reads.js";

export interface StepHeader extends ModelHeader {
  /** In bytes. */
  readonly parametersLength: number;
  readonly weightsLength: number;
  readonly tablesLength: number;
}

export function stepHeader(header: ModelHeader, lengthOf: (region: OpenRegion) => number): StepHeader {
  return { ...header, parametersLength: lengthOf("parameters"), weightsLength: lengthOf("weights"), tablesLength: lengthOf("tables") };
}

export function descriptorTree(plan: Plan): HashTree {
  return treeOfRoots(descriptorLeaves(plan));
}

/** All in memory, from a program at hand. */
export function modelTrees(program: Program, plan: Plan = planSteps(program)): ModelTrees {
  const { weights, tables } = encodeProgram(program);
  const regions: Readonly<Record<OpenRegion, ChunkTree>> = { weights: treeOfBytes(weights), tables: treeOfBytes(tables), parameters: treeOfBytes(plan.parameters) };
  const header = stepHeader(headerOf(plan, commitProgram(program)), (region) => regions[region].length);
  return { plan, header, descriptors: descriptorTree(plan), region: (region) => regions[region] };
}
