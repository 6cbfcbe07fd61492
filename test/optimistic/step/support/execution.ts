/** A program's execution by the reference, committed to. */
import { merkleRoot, treeOfBytes, treeOfRoots, topOf, traceLeaves, type ChunkTree } from "../../../../src/math/merkle.js";
import { type ModelTrees, modelTrees, type TraceTrees } from "../../../../src/optimistic/step/index.js";
import { encodeElements } from "../../../../src/program/constantBytes.js";
import { execute } from "../../../../src/program/executor.js";
import { modelIdOfHeader } from "../../../../src/program/steps/index.js";
import type { Program, TensorData } from "../../../../src/program/types.js";

export interface Committed {
  readonly model: ModelTrees;
  readonly trace: TraceTrees;
  readonly modelId: string;
  readonly traceRoot: string;
  /** By slot. */
  readonly values: readonly TensorData[];
}

export function committed(program: Program, inputs: readonly TensorData[]): Committed {
  const model = modelTrees(program);
  const { plan } = model;
  const tensors = execute(program, inputs);
  const values = [...program.inputs.map((port) => tensors[port.tensor]), ...plan.steps.map((step) => tensors[step.tensor])];
  const types = [...plan.inputs, ...plan.steps].map(({ type }) => type);
  const bytes = values.map((data, slot) => encodeElements(data, types[slot]));
  return { model, ...traceOf(bytes), modelId: modelIdOfHeader(model.header, program.semantics), values };
}

/** Any bytes as a trace. */
export function traceOf(bytes: readonly Uint8Array[]): { readonly trace: TraceTrees; readonly traceRoot: string } {
  const roots = treeOfRoots(bytes.map(merkleRoot), traceLeaves(bytes.length));
  const trees = new Map<number, ChunkTree>();
  const tensor = (slot: number): ChunkTree => {
    const known = trees.get(slot) ?? treeOfBytes(bytes[slot]);
    trees.set(slot, known);
    return known;
  };
  return { trace: { roots, tensor }, traceRoot: hex(topOf(roots)) };
}

export function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}
