/** Evidence of a real model's steps, from a trace on disk or in memory. */
import { type DescriptorProof, foldSegments, type ModelTrees, proveDescriptor, proveStep, segmentValues, stepData, stepOf, type StepPart, type StepProof, type TraceTrees } from "../step/index.js";
import type { EvidenceSource } from "./views.js";

export type StepEvidence = EvidenceSource<DescriptorProof, StepProof>;

export function stepEvidence(model: ModelTrees, trace: TraceTrees): StepEvidence {
  const prove = (slot: number, element: number, part: StepPart): StepProof => proveStep(model, trace, slot, element, part).proof;
  const partials = (slot: number, element: number): bigint[] => {
    const step = stepOf(model.plan, slot);
    return segmentValues(step, element, stepData(model, trace, step));
  };
  return {
    definition: (slot) => proveDescriptor(model, slot),
    step: (slot, element) => prove(slot, element, { kind: "whole" }),
    partials,
    finish: (slot, element) => prove(slot, element, { kind: "finish", accumulator: foldSegments(stepOf(model.plan, slot), partials(slot, element)) }),
    segment: (slot, element, index) => prove(slot, element, { kind: "segment", index }),
  };
}
