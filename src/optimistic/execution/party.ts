/** What a party to a dispute has at hand: the model, its own execution, and the evidence that both give. */
import { gameModelOf, type Party, stepEvidence } from "../dispute/index.js";
import type { CommittedModel } from "../model/index.js";
import type { DescriptorProof, StepProof } from "../step/index.js";
import type { Trace } from "../trace/index.js";

export type OwnExecution = Omit<Party<DescriptorProof, StepProof>, "side"> & { readonly trace: Trace };

export function ownExecution(model: CommittedModel, trace: Trace): OwnExecution {
  return { model: gameModelOf(model.plan), trace, evidence: stepEvidence(model, trace) };
}
