/** Fraud shown in one transaction: what counts, and that nothing else does. */
import { ZeroHash } from "ethers";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { hashLeaves } from "../../../src/math/merkle.js";
import { proveNode } from "../../../src/math/merkleProofs.js";
import { proveElement, proveStep, proveTensorChunk } from "../../../src/optimistic/step/index.js";
import { encodeDescriptor } from "../../../src/program/steps/index.js";
import { BURN } from "./support/arena.js";
import { ClaimUnderTest, Status } from "./support/contest.js";
import { dirtyTree } from "./support/lies.js";
import { definitionOf, Phase, question } from "./support/player.js";
import { Rig } from "./support/rig.js";
import { changed, type Model, modelOf, type PartyTrace, toHex, traceOfBytes } from "./support/toy.js";

const rig = await Rig.start();
const { arena } = rig;
const { modelId, trees } = rig.model;
const { claimBond, challengeBond } = arena.parameters;
const wrong = traceOfBytes(changed(rig.honest, 12, 19));

afterAll(async () => {
  await rig.stop();
});

beforeEach(async () => {
  await rig.reset();
});

function isWrong(trace: PartyTrace, slot: number, element: number): string {
  const { proof } = proveStep(trees, trace, slot, element, { kind: "whole" });
  return question("isWrong", [modelId, trace.root, slot, element, proof, proveElement(trees, trace, slot, element)]);
}

function isPaddingDirty(trace: PartyTrace, slot: number, chunk: number): string {
  return question("isPaddingDirty", [modelId, trace.root, slot, definitionOf(rig.model, slot), proveTensorChunk(trace, slot, chunk)]);
}

function isTailDirty(trace: PartyTrace, slot: number, chunk: number): string {
  const tree = trace.tensor(slot);
  const siblings = [...proveNode(tree, chunk), ...proveNode(trace.roots, slot)];
  return question("isTailDirty", [modelId, trace.root, slot, definitionOf(rig.model, slot), chunk, hashLeaves(tree.chunk(chunk)), siblings]);
}

function isSlotDirty(trace: PartyTrace, index: number): string {
  return question("isSlotDirty", [modelId, trace.root, trees.header, index, trace.roots.nodes(0, index, 1), proveNode(trace.roots, index)]);
}

function refusal(claim: ClaimUnderTest, data: string): Promise<string> {
  return arena.refusal(rig.stranger, "proveFraud", [claim.id, data]);
}

async function provesFraud(claim: ClaimUnderTest, data: string): Promise<void> {
  const { events } = await arena.send(rig.stranger, "proveFraud", [claim.id, data]);
  expect(events.map(({ name }) => name)).toEqual(["ClaimDefeated", "Burned", "Credited"]);
  expect((await claim.state()).status).toBe(BigInt(Status.Defeated));
  expect(await arena.read("balanceOf", rig.stranger)).toBe(claimBond / 2n);
  expect(await arena.etherOf(BURN)).toBe(claimBond / 2n);
}

const dirty = (slot: number, offset: number): PartyTrace => traceOfBytes(rig.honest, { trees: new Map([[slot, dirtyTree(rig.honest[slot], offset)]]) });

describe("a fraud proof", () => {
  it("is an element that its operands do not give", async () => {
    await provesFraud(await rig.claim(wrong), isWrong(wrong, 12, 19));
  });

  it("is an element of many terms, at once", async () => {
    const trace = traceOfBytes(changed(rig.honest, 3, 7));
    await provesFraud(await rig.claim(trace), isWrong(trace, 3, 7));
  });

  it("is dirty padding, a chunk behind the end, and a slot behind the last", async () => {
    const padding = dirty(2, 1023);
    await provesFraud(await rig.claim(padding), isPaddingDirty(padding, 2, 1));
    await rig.reset();
    const tail = dirty(1, 31 * 512);
    await provesFraud(await rig.claim(tail), isTailDirty(tail, 1, 31));
    await rig.reset();
    const unused = traceOfBytes(rig.honest, { extra: [new Uint8Array(32).fill(3)] });
    await provesFraud(await rig.claim(unused), isSlotDirty(unused, 20));
  });

  it("is not what is right", async () => {
    const claim = await rig.claim(rig.right);
    const questions = [isWrong(rig.right, 12, 19), isWrong(rig.right, 3, 7), isPaddingDirty(rig.right, 2, 1), isTailDirty(rig.right, 1, 31), isSlotDirty(rig.right, 20)];
    for (const data of questions) expect(await refusal(claim, data)).toBe("NotFraud");
    expect(await refusal(claim, question("describe", [modelId, 12, definitionOf(rig.model, 12)]))).toBe("NotFraud");
    const operand = [modelId, 12, 0, definitionOf(rig.model, 12), definitionOf(rig.model, 11)];
    expect(await refusal(claim, question("isOperandMismatch", operand))).toBe("NotFraud");
  });

  it("is about the claim's own model and root", async () => {
    const claim = await rig.claim(rig.right);
    expect(await refusal(claim, isWrong(wrong, 12, 19))).toBe("QuestionUnknown");
    const other = modelOf(rig.model.program, new Map([[12, Uint8Array.of(77)]]));
    expect(await refusal(claim, question("describe", [other.modelId, 12, definitionOf(other, 12)]))).toBe("QuestionUnknown");
    expect(await refusal(claim, question("describe", [modelId, 12, definitionOf(other, 12)]))).toBe("HeaderMismatch");
  });

  it("is none of the executor's other functions, and no garbage", async () => {
    const claim = await rig.claim(wrong);
    const { proof } = proveStep(trees, wrong, 12, 19, { kind: "whole" });
    // Its value is not 0: read as an answer, it would be yes.
    expect(await refusal(claim, question("execute", [modelId, wrong.root, 12, 19, proof]))).toBe("QuestionUnknown");
    expect(await refusal(claim, question("authenticate", [modelId, trees.header]))).toBe("QuestionUnknown");
    expect(await refusal(claim, "0x")).toBe("QuestionUnknown");
    expect(await refusal(claim, isWrong(wrong, 12, 19).slice(0, 2 + 2 * 68))).toBe("reverted");
    expect(await refusal(claim, `0xdeadbeef${modelId.slice(2)}${wrong.root.slice(2)}`)).toBe("QuestionUnknown");
  });

  it("ends open games: their bonds go back", async () => {
    const claim = await rig.claim(wrong);
    const contest = await claim.open(rig.challenger, rig.right);
    const { challengerCredits } = await contest.game();
    await arena.send(rig.stranger, "proveFraud", [claim.id, isWrong(wrong, 12, 19)]);
    await contest.collect(rig.challenger);
    expect((await contest.game()).phase).toBe(BigInt(Phase.Released));
    expect(await arena.read("balanceOf", rig.challenger)).toBe(challengeBond + challengerCredits * 10n ** 9n);
  });

  it("comes once, and neither before a claim nor after its end", async () => {
    expect(await arena.refusal(rig.stranger, "proveFraud", [ZeroHash, isWrong(wrong, 12, 19)])).toBe("ClaimNotPosted");
    const claim = await rig.claim(wrong);
    await provesFraud(claim, isWrong(wrong, 12, 19));
    expect(await refusal(claim, isWrong(wrong, 12, 19))).toBe("ClaimNotPosted");
  });
});

describe("a malformed model", () => {
  async function claimOn(model: Model): Promise<ClaimUnderTest> {
    return ClaimUnderTest.post({ arena, model, operator: rig.operator, claimed: rig.right, post: { uploads: [rig.upload] } });
  }

  it("loses every claim on it: by a descriptor that is none", async () => {
    const model = modelOf(rig.model.program, new Map([[12, encodeDescriptor(trees.plan, 12).subarray(1)]]));
    await provesFraud(await claimOn(model), question("describe", [model.modelId, 12, definitionOf(model, 12)]));
  });

  it("loses by a tensor that is longer than any", async () => {
    const long = Uint8Array.from(encodeDescriptor(trees.plan, 12));
    long.set([0, 1], 2); // the count's first bytes
    const model = modelOf(rig.model.program, new Map([[12, long]]));
    await provesFraud(await claimOn(model), question("describe", [model.modelId, 12, definitionOf(model, 12)]));
  });

  it("loses by an operand that it declares as another than it is", async () => {
    const descriptor = Uint8Array.from(encodeDescriptor(trees.plan, 12));
    // kind, type, count; one operand; its slot; its type
    const type = 1 + 1 + 8 + 1 + 4;
    expect(toHex(descriptor.subarray(type - 5, type + 1))).toBe("0x010000000b00");
    descriptor[type] = 1;
    const model = modelOf(rig.model.program, new Map([[12, descriptor]]));
    const claim = await claimOn(model);
    const args = (operand: number, declared: number): string => question("isOperandMismatch", [model.modelId, 12, operand, definitionOf(model, 12), definitionOf(model, declared)]);
    expect(await refusal(claim, args(0, 10))).toBe("DescriptorMismatch");
    expect(await refusal(claim, args(1, 11))).toBe("OperandCount");
    await provesFraud(claim, args(0, 11));
  });
});
