/** What a party to a dispute has at hand: the model, its own execution, and the evidence that both give. */
import { proveDescriptor, proveStep, stepData, stepOf, foldSegments, segmentValues, type DescriptorProof, type StepProof } from "../step/index.js";
import type { Party } from "../dispute/player.js";
import { type EvidenceSource, gameModelOf } from "../dispute/views.js";
import type { CommittedModel } from "../model/model.js";
import type { Trace } from "../trace/trace.js";

/** Evidence as contract StepExecutor takes it. */
export type StepEvidence = EvidenceSource<DescriptorProof, StepProof>;

export type OwnExecution = Omit<Party<DescriptorProof, StepProof>, "side"> & { readonly trace: Trace };

export function ownExecution(model: CommittedModel, trace: Trace): OwnExecution {
  return { model: gameModelOf(model.plan), trace, evidence: evidenceOf(model, trace) };
}

function evidenceOf(model: CommittedModel, trace: Trace): StepEvidence {
  const partials = (slot: number, element: number): bigint[] => {
    const step = stepOf(model.plan, slot);
    return segmentValues(step, element, stepData(model, trace, step));
  };
  return {
    definition: (slot) => proveDescriptor(model, slot),
    step: (slot, element) => proveStep(model, trace, slot, element, { kind: "whole" }).proof,
    partials,
    finish: (slot, element) => {
      const accumulator = foldSegments(stepOf(model.plan, slot), partials(slot, element));
      return proveStep(model, trace, slot, element, { kind: "finish", accumulator }).proof;
    },
    segment: (slot, element, index) => proveStep(model, trace, slot, element, { kind: "segment", index }).proof,
  };
}
