/** What a claim must show to be posted, and how it becomes final. */
import { ZeroHash } from "ethers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { proveNode } from "../../../src/math/merkleProofs.js";
import type { Program } from "../../../src/program/types.js";
import { ProgramBuilder } from "../../../src/quantize/builder.js";
import { decodeElements } from "../../../src/program/constantBytes.js";
import { ClaimUnderTest, type Claim, Status, upload } from "./support/contest.js";
import { postingOf, type PostingFields } from "./support/player.js";
import { Rig } from "./support/rig.js";
import { changed, honestBytes, modelOf, toHex, traceOfBytes } from "./support/toy.js";

let rig: Rig;

beforeAll(async () => {
  rig = await Rig.start();
});

afterAll(async () => {
  await rig.stop();
});

beforeEach(async () => {
  await rig.reset();
});

/** The error that a posting ends with, after a change to the right one. */
async function refusal(change: (posting: PostingFields) => void, trace = rig.right, bond = rig.arena.parameters.claimBond): Promise<string> {
  const posting = postingOf(rig.model, trace, { uploads: [rig.upload] });
  change(posting);
  return rig.arena.refusal(rig.operator, "post", [posting], bond);
}

const nothing = (): void => undefined;

describe("posting", () => {
  it("keeps what the model id and the trace root fix, and emits what it takes to compute the claim again", async () => {
    const { id, receipt } = await rig.claim(rig.right);
    expect(receipt.events.map(({ name }) => name)).toEqual(["ClaimPosted", "ClaimContents"]);
    const contents = receipt.events[1].args.toObject() as { inputRoots: string[]; outputs: string[]; header: { stepsTop: string } };
    expect([...contents.inputRoots]).toEqual([toHex(rig.right.roots.nodes(0, 0, 1))]);
    expect(contents.header.stepsTop).toBe(rig.model.trees.header.stepsTop);
    expect([...contents.outputs]).toEqual([18, 19].map((slot) => toHex(rig.honest[slot])));
    const { window } = rig.arena.parameters;
    expect(await rig.arena.read("claim", id)).toMatchObject({
      ...{ status: BigInt(Status.Posted), operator: rig.operator, modelId: rig.model.modelId, traceRoot: rig.right.root },
      ...{ slots: 20n, inputs: 1n, bond: rig.arena.parameters.claimBond, deadline: BigInt(receipt.timestamp) + window, openGames: 0n, credits: 0n },
    });
  });

  it("refuses another model's header, another model, and a node in the place of a descriptor", async () => {
    expect(await refusal((posting) => (posting.header = { ...posting.header, slots: 21 }))).toBe("HeaderMismatch");
    expect(await refusal((posting) => (posting.modelId = ZeroHash))).toBe("HeaderMismatch");
    expect(await refusal(({ ports }) => ports[0].descriptorSiblings.pop())).toBe("ProofLength");
    expect(await refusal(({ ports }) => (ports[1].descriptor = ports[2].descriptor))).toBe("DescriptorMismatch");
  });

  it("refuses traces without the input, without the outputs, and of another depth; the zero root, too", async () => {
    expect(await refusal(nothing, traceOfBytes(changed(rig.honest, 0, 7)))).toBe("PortMismatch");
    const other = changed(rig.honest, 18, 0);
    expect(await refusal(({ outputs }) => (outputs[0] = toHex(other[18])))).toBe("PortMismatch");
    expect(await refusal((posting) => (posting.traceRoot = ZeroHash))).toBe("PortMismatch");
    expect(await refusal(({ ports }) => ports[2].traceSiblings.pop())).toBe("ProofLength");
    expect(await refusal(({ ports }) => ports[2].traceSiblings.push(new Uint8Array(32)))).toBe("ProofLength");
    // A wrong trace with right ports can be posted: that is what games are for.
    expect(await refusal(nothing, traceOfBytes(changed(rig.honest, 3, 0)))).toBe("done");
  });

  it("refuses inputs that are missing, incomplete or of another length, and takes anybody's upload", async () => {
    expect(await refusal((posting) => (posting.inputs = []))).toBe("PortCount");
    expect(await refusal(({ ports }) => ports.pop())).toBe("PortCount");
    expect(await refusal((posting) => (posting.inputs = [{ uploader: rig.operator, nonce: 1n }]))).toBe("UploadMissing");
    await rig.arena.send(rig.stranger, "upload", [5, 0, rig.honest[0].subarray(0, 1024), false]);
    expect(await refusal((posting) => (posting.inputs = [{ uploader: rig.stranger, nonce: 5n }]))).toBe("UploadMissing");
    await rig.arena.send(rig.stranger, "upload", [6, 0, rig.honest[0].subarray(0, 512), true]);
    expect(await refusal((posting) => (posting.inputs = [{ uploader: rig.stranger, nonce: 6n }]))).toBe("PortMismatch");
    await upload(rig.arena, rig.stranger, 7n, rig.honest[0]);
    expect(await refusal((posting) => (posting.inputs = [{ uploader: rig.stranger, nonce: 7n }]))).toBe("done");
  });

  it("refuses an input of another length although it is in the trace", async () => {
    const bytes = [rig.honest[0].subarray(0, 512), ...rig.honest.slice(1)];
    await rig.arena.send(rig.stranger, "upload", [6, 0, bytes[0], true]);
    expect(await refusal((posting) => (posting.inputs = [{ uploader: rig.stranger, nonce: 6n }]), traceOfBytes(bytes))).toBe("UploadLength");
  });

  it("refuses outputs of another length or number, and roots where the bytes are short", async () => {
    const bytes = [...rig.honest.slice(0, 18), rig.honest[18].subarray(0, 36), rig.honest[19]];
    expect(await refusal(nothing, traceOfBytes(bytes))).toBe("OutputLength");
    expect(await refusal(({ outputs }) => outputs.pop())).toBe("OutputCount");
    expect(await refusal((posting) => (posting.outputs = []))).toBe("OutputCount");
    expect(await refusal(({ outputRoots }) => outputRoots.push(ZeroHash))).toBe("OutputCount");
    const roots = postingOf(rig.model, rig.right, { uploads: [rig.upload], rootsOnly: true });
    expect(await rig.arena.refusal(rig.operator, "post", [roots], rig.arena.parameters.claimBond)).toBe("OutputsStored");
  });

  it("refuses a bond that is too small, and the same claim again", async () => {
    expect(await refusal(nothing, rig.right, rig.arena.parameters.claimBond - 1n)).toBe("BondTooSmall");
    await rig.claim(rig.right);
    expect(await refusal(nothing)).toBe("ClaimExists");
    expect(await refusal((posting) => (posting.nonce = 1n))).toBe("done");
  });

  it("refuses a model whose input or output has a malformed descriptor", async () => {
    const model = modelOf(rig.model.program, new Map([[19, Uint8Array.of(99)]]));
    const posting = postingOf(model, rig.right, { uploads: [rig.upload] });
    expect(await rig.arena.refusal(rig.operator, "post", [posting], rig.arena.parameters.claimBond)).toBe("PortMalformed");
  });
});

describe("finality", () => {
  it("comes when the window is over, once, with the bond back", async () => {
    const { id } = await rig.claim(rig.right, {}, 3n * 10n ** 18n);
    const { deadline } = await rig.arena.read<Claim>("claim", id);
    expect(await rig.arena.refusal(rig.stranger, "finalize", [id])).toBe("WindowOpen");
    await rig.arena.mineAt(deadline - 1n);
    expect(await rig.arena.refusal(rig.stranger, "finalize", [id])).toBe("WindowOpen");
    expect(await rig.arena.read("isFinal", id)).toBe(false);
    await rig.arena.nextAt(deadline);
    await rig.arena.send(rig.stranger, "finalize", [id]);
    expect(await rig.arena.read("isFinal", id)).toBe(true);
    expect(await rig.arena.read("balanceOf", rig.operator)).toBe(3n * 10n ** 18n);
    expect(await rig.arena.refusal(rig.stranger, "finalize", [id])).toBe("ClaimNotPosted");
    expect(await rig.arena.refusal(rig.operator, "post", [postingOf(rig.model, rig.right, { uploads: [rig.upload] })], rig.arena.parameters.claimBond)).toBe("ClaimExists");
    await rig.arena.send(rig.operator, "withdraw", [rig.operator]);
    expect(await rig.arena.refusal(rig.operator, "withdraw", [rig.operator])).toBe("NothingToCollect");
  });

  it("is what outputs wait for", async () => {
    const { id } = await rig.claim(rig.right);
    for (const [name, ...args] of [["outputOf", 0], ["outputRoot", 0], ["readOutput", 0, 0, new Uint8Array(512), []]] as const) {
      expect(await rig.arena.refusal(rig.stranger, name, [id, ...args]), name).toBe("ClaimNotFinal");
    }
    await rig.arena.pass(rig.arena.parameters.window);
    await rig.arena.send(rig.stranger, "finalize", [id]);
    expect(await rig.arena.read("outputCount", id)).toBe(2n);
    for (const [output, slot] of [18, 19].entries()) {
      expect(await rig.arena.read("outputOf", id, output)).toBe(toHex(rig.honest[slot]));
      expect(await rig.arena.read("outputRoot", id, output)).toBe(toHex(rig.right.roots.nodes(0, slot, 1)));
      const values = decodeElements(rig.honest[slot], "i32");
      const chunk = rig.right.tensor(slot).chunk(0);
      for (const element of [0, values.length - 1]) expect(await rig.arena.read("readOutput", id, output, element, chunk, [])).toBe(BigInt(values[element]));
      expect(await rig.arena.refusal(rig.stranger, "readOutput", [id, output, values.length, chunk, []])).toBe("ElementMissing");
    }
    expect(await rig.arena.refusal(rig.stranger, "outputOf", [id, 2])).toBe("OutputMissing");
    expect(await rig.arena.refusal(rig.stranger, "readOutput", [id, 0, 0, rig.right.tensor(19).chunk(0), []])).toBe("ChunkMismatch");
  });
});

/** One step, whose output has more bytes than are kept on chain. */
function largeProgram(): Program {
  const builder = new ProgramBuilder();
  const x = builder.input("x", [1, 2100], "i16");
  const y = builder.push({ kind: "add", node: "double", left: x, right: x, leftFactor: 1, rightFactor: 1 }, "double");
  const port = (name: string, tensor: number): Program["inputs"][number] => ({ name, tensor, scale: { mantissa: 1n, exponent: 0 } });
  return builder.finish([port("x", x)], [port("y", y)]);
}

describe("outputs over 4 KB", () => {
  it("are given by their roots, and read by inclusion proof", async () => {
    const { arena, operator } = rig;
    const model = modelOf(largeProgram());
    const honest = honestBytes(model, [Float64Array.from({ length: 2100 }, (_, i) => i * 31 - 32_600)]);
    const trace = traceOfBytes(honest);
    await upload(arena, operator, 9n, honest[0]);
    const uploads = [{ uploader: operator, nonce: 9n }];
    const inFull = postingOf(model, trace, { uploads });
    expect(await arena.refusal(operator, "post", [inFull], arena.parameters.claimBond)).toBe("OutputsStored");
    const { id } = await ClaimUnderTest.post({ arena, model, operator, claimed: trace, post: { uploads, rootsOnly: true } });
    await arena.pass(arena.parameters.window);
    await arena.send(operator, "finalize", [id]);

    expect(await arena.refusal(operator, "outputOf", [id, 0])).toBe("OutputNotStored");
    const tree = trace.tensor(1);
    const values = decodeElements(honest[1], "i32");
    for (const element of [0, 127, 128, 2099]) {
      const chunk = Math.floor((element * 4) / 512);
      const read = (siblings: Uint8Array[], index = element): unknown[] => [id, 0, index, tree.chunk(chunk), siblings];
      const siblings = proveNode(tree, chunk);
      expect(await arena.read("readOutput", ...read(siblings))).toBe(BigInt(values[element]));
      expect(await arena.refusal(operator, "readOutput", read(siblings.slice(1)))).toBe("ProofLength");
      expect(await arena.refusal(operator, "readOutput", read(siblings, (element + 128) % 2100))).toBe("ChunkMismatch");
    }
  });
});
