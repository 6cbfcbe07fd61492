/** What a party to a dispute has at hand: the model, its own execution, and the evidence that both give. */
import { gameModelOf, type Party, stepEvidence } from "../dispute/index.js";
import type { CommittedModel } from "../model/index.js";
import type { DescriptorProof, StepProof } from "../step/index.js";
import type { Trace } from "../trace/index.js";

export interface OwnExecution extends Omit<Party<DescriptorProof, StepProof>, "side"> {
  readonly trace: Trace;
  /** The same with a marked trace ({@link Trace.marked}); 0: itself. */
  marked(mark: number): OwnExecution;
}

export function ownExecution(model: CommittedModel, trace: Trace): OwnExecution {
  const own: OwnExecution = {
    model: gameModelOf(model.plan),
    trace,
    evidence: stepEvidence(model, trace),
    marked: (mark) => (mark === 0 ? own : ownExecution(model, trace.marked(mark))),
  };
  return own;
}
