/** What a wrong program gives: one element is wrong, and all that follows from it. */
import { treeOfBytes } from "../../src/math/merkle.js";
import type { CommittedModel } from "../../src/optimistic/model/index.js";
import { type Lie, lyingTrace } from "../../src/optimistic/rehearsal/liar.js";
import { Trace, type TraceTensor } from "../../src/optimistic/trace/index.js";
import { decodeElements, encodeElements } from "../../src/program/constantBytes.js";
import { executeOperation, rulesOf } from "../../src/program/ops/index.js";
import type { Step } from "../../src/program/steps/index.js";
import type { TensorData, TensorId } from "../../src/program/types.js";

/** By the reference's operations on whole tensors: element by element, as ../optimistic/actors/lyingTrace.ts, would take hours. */
export function wrongFrom({ plan }: CommittedModel, honest: Trace, lie: Lie): Trace {
  const tensors = [...lyingTrace(honest, lie).tensors];
  const changed = new Set([lie.slot]);
  for (const step of plan.steps.slice(lie.slot - plan.inputs.length + 1)) {
    if (!step.operands.some(({ slot }) => changed.has(slot))) continue;
    changed.add(step.slot);
    tensors[step.slot] = { ...tensors[step.slot], tree: treeOfBytes(encodeElements(computed({ plan }, tensors, step), step.type)) };
  }
  return new Trace(tensors);
}

function computed({ plan: { program, slotOf } }: Pick<CommittedModel, "plan">, tensors: readonly TraceTensor[], step: Step): TensorData {
  const own = new Map<TensorId, TensorData>();
  const read = (id: TensorId): TensorData => {
    const known = own.get(id);
    const slot = slotOf.get(id);
    if (known !== undefined) return known;
    if (slot !== undefined && slot !== step.slot) return decodeElements(tensors[slot].tree.bytes(), tensors[slot].type);
    const maker = program.operations.find(({ output }) => output === id);
    if (maker?.kind !== "reshape") throw new Error(`tensor ${id} is not known yet`);
    return read(maker.input);
  };
  let last: TensorData = new Float64Array(0);
  for (const operation of step.operations) {
    const ids = rulesOf(operation).operands(operation);
    last = executeOperation(operation, ids.map((id) => program.tensors[id].shape), ids.map(read));
    own.set(operation.output, last);
  }
  return last;
}
