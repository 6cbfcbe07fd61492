import { AssayError } from "../../errors.js";
import { encodeDescriptor, type Plan } from "../../program/steps/index.js";

/** The first byte of the descriptor of a step that no contract executes. */
const NOT_EXECUTABLE = 0xff;

/** @throws AssayError MODEL_TOO_LARGE naming the node of a step whose descriptor cannot be written */
export function assertExecutable(plan: Plan): void {
  const step = plan.steps.find(({ slot }) => encodeDescriptor(plan, slot)[0] === NOT_EXECUTABLE);
  if (step === undefined) return;
  throw new AssayError("MODEL_TOO_LARGE", `a step reads ${step.operands.length} tensors; a contract executes steps of 255 at most`, {
    where: `node ${step.node}`,
    hint: "concatenate in two stages",
  });
}
