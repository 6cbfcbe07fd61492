/** The second half of the demo: a model's output claimed, a wrong claim challenged, played to its end and slashed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_PARAMETERS } from "../chain/claims/deployment.js";
import { Rehearsal, type RehearsedDispute } from "../chain/rehearsal/rehearsal.js";
import { FastExecutors } from "../fast/index.js";
import { checkedTrace } from "../optimistic/execution/computeTrace.js";
import { type CommittedModel, commitInMemory } from "../optimistic/model/model.js";
import type { Lie } from "../optimistic/rehearsal/liar.js";
import type { Trace } from "../optimistic/trace/trace.js";
import { termsOf } from "../program/steps/index.js";
import { quantizeModel } from "../quantize/quantizeModel.js";
import { quantizeSample } from "../quantize/sampleValues.js";
import { readSample } from "../samples/samples.js";
import { etherText } from "./claims.js";
import { count, table } from "./format.js";
import { modelBytesOf, quantizeRequest } from "../api/model.js";
import type { Session } from "./session.js";

export interface ClaimsDemo {
  readonly modelId: string;
  readonly traceBytes: number;
  readonly tensors: number;
  /** Gas of posting the honest claim and of its input's upload. */
  readonly postGas: number;
  readonly uploadGas: number;
  readonly honestIsFinal: boolean;
  readonly lie: Lie & { readonly node: string; readonly terms: number };
  readonly dispute: RehearsedDispute;
  readonly gas: number;
}

/** @param modelPath an .onnx file */
export async function demoClaims(session: Session, modelPath: string, calibration: string, input: string): Promise<ClaimsDemo> {
  const { stages } = session;
  const { program } = await quantizeModel(await modelBytesOf(modelPath, {}), modelPath, quantizeRequest({ calibration }), stages, session);
  const model = commitInMemory(program);
  const directory = mkdtempSync(join(tmpdir(), "assay-demo-"));
  const executors = new FastExecutors();
  try {
    const ports = program.inputs.map(({ name, tensor }) => ({ name, shape: program.tensors[tensor].shape }));
    const { inputs } = quantizeSample(program, readSample(input, ports));
    const trace = await checkedTrace(model, executors, inputs, join(directory, "trace"), session.pool(), stages);
    return await stages.stage("claims", () => Rehearsal.on(DEFAULT_PARAMETERS, (rehearsal) => rehearse(rehearsal, model, trace)));
  } finally {
    await executors.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function rehearse(rehearsal: Rehearsal, model: CommittedModel, trace: Trace): Promise<ClaimsDemo> {
  const honest = await rehearsal.honestClaim(model, trace);
  const lie = worthyLie(model);
  const dispute = await rehearsal.dispute(model, trace, lie);
  return {
    modelId: model.modelId,
    traceBytes: trace.tensors.reduce((sum, { tree }) => sum + tree.length, 0),
    tensors: trace.tensors.length,
    postGas: Number(honest.claim.gas.post),
    uploadGas: Number(honest.claim.gas.upload),
    honestIsFinal: honest.final,
    lie,
    dispute,
    gas: dispute.transactions.reduce((sum, { gas }) => sum + gas, 0),
  };
}

/** In the middle of the tensor whose elements have the most terms: games with partial results, where the model has such. */
function worthyLie({ plan }: CommittedModel): ClaimsDemo["lie"] {
  const step = plan.steps.reduce((most, candidate) => (termsOf(candidate.core) > termsOf(most.core) ? candidate : most));
  return { slot: step.slot, element: Math.floor(step.count / 2), node: step.node, terms: termsOf(step.core) };
}

export function claimsDemoLines(demo: ClaimsDemo): string[] {
  const { dispute, lie } = demo;
  const { transactions, payments } = dispute;
  const paid = payments.filter(({ action }) => action === "withdraw").length > 0;
  return [
    `The same image through ResNet-8: claimed under bond instead of proven, ${demo.tensors} tensors, ${count(demo.traceBytes)} bytes under one root`,
    ...table([
      ["  honest claim", `${count(demo.postGas)} gas to post, ${count(demo.uploadGas)} to upload the input; ${demo.honestIsFinal ? "final after its window" : "NOT FINAL"}`],
      ["  wrong claim", `one bit of element ${count(lie.element)} of node ${lie.node} (${count(lie.terms)} terms) was flipped`],
    ]),
    ...transactions.map(({ by, action, gas }, i) => `    ${String(i + 1).padStart(2)}  ${by.padEnd(9)} ${action.padEnd(8)} ${count(gas).padStart(10)} gas`),
    ...table([
      ["  the wrong claim", `${dispute.status.toLowerCase()} in ${transactions.length} transactions, ${count(demo.gas)} gas; its bond of ${etherText(dispute.claim.bond)} is lost${paid ? ", the watcher is paid" : ""}`],
    ]),
  ];
}
