import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadArtifact } from "../../src/chain/artifacts.js";
import { claimsCall } from "../../src/chain/claims/contract.js";
import { gasOfProof } from "../../src/chain/claims/gasEstimate.js";
import { findFraud, questionOf } from "../../src/chain/claims/proveFraud.js";
import { encodeCall } from "../../src/chain/call.js";
import { treeOfBytes } from "../../src/math/merkle.js";
import { countsOf } from "../../src/optimistic/model/costs.js";
import { modelTrees, proveElement, proveStep, stepOf } from "../../src/optimistic/step/index.js";
import { tensorsOf, Trace } from "../../src/optimistic/trace/index.js";
import { byteLengthOf } from "../../src/optimistic/trace/trace.js";
import { encodeDescriptor, modelIdOfHeader, type Plan } from "../../src/program/steps/index.js";
import { lyingTrace } from "../optimistic/actors/lyingTrace.js";
import { gasCases } from "../optimistic/step/support/gasCases.js";
import { ClaimsRig, PARAMETERS } from "./support/claims.js";
import { Random } from "./support/random.js";

let rig: ClaimsRig;

beforeAll(async () => {
  rig = await ClaimsRig.start();
});
afterAll(() => rig.close());

const estimate = (to: string, data: string, from?: string): Promise<bigint> => rig.chain.connection.provider.estimateGas({ to, data, from });

/** Bytes without zeros, which would make calldata cheaper. */
function noise(plan: Plan): Trace {
  const random = new Random(5);
  return new Trace(tensorsOf(plan).map((tensor) => ({ ...tensor, tree: treeOfBytes(Uint8Array.from({ length: byteLengthOf(tensor) }, () => random.between(1, 255))) })));
}

describe("the estimate of a one-shot proof's gas", () => {
  const wholes = gasCases().filter(({ part }) => part === undefined);

  it.each(wholes)("$name", async ({ program, element }) => {
    const model = modelTrees(program);
    const [step] = model.plan.steps;
    const trace = noise(model.plan);
    const place = element ?? Math.floor(step.count / 2) + Math.floor(step.shape[step.shape.length - 1] / 3);
    const { proof } = proveStep(model, trace, step.slot, place, { kind: "whole" });
    const { stepExecutor } = rig.chain.addresses;
    const args = [modelIdOfHeader(model.header, program.semantics), trace.root, step.slot, place, proof, proveElement(model, trace, step.slot, place)];
    const gas = Number(await estimate(stepExecutor, loadArtifact("StepExecutor").abi.encodeFunctionData("isWrong", args)));
    const estimated = gasOfProof(countsOf(model, step, place, encodeDescriptor(model.plan, step.slot).length));
    expect(estimated).toBeGreaterThan(gas);
    // What the claims contract adds is in the estimate.
    expect(estimated).toBeLessThan(1.5 * (gas + 80_000));
  });

  it.each([1, 2, 3])("through the claims contract, step %d of a toy", async (slot) => {
    const honest = rig.honest();
    const wrong = lyingTrace(rig.model, honest, { slot, element: 5, consistent: false });
    const account = await rig.account();
    const { claimId } = await rig.claim(account, wrong, BigInt(slot));
    const found = findFraud(rig.model, wrong, honest);
    if (found === undefined) throw new Error("no lie");
    const question = questionOf(rig.model, wrong, found);
    const gas = Number(await estimate(rig.address, encodeCall(claimsCall(account, "proveFraud", [claimId, question])), await account.sender.address()));
    const step = stepOf(rig.model.plan, slot);
    const estimated = gasOfProof(countsOf(rig.model, step, 5, encodeDescriptor(rig.model.plan, slot).length));
    expect(estimated).toBeGreaterThan(gas);
    expect(estimated).toBeLessThan(1.6 * gas);
    expect(PARAMETERS.worstGas).toBeGreaterThan(gas);
  });
});
