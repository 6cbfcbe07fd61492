/** Zero-knowledge proofs settle claims and disputes, under the entry that the claim named and no other. */
import { AbiCoder, concat, ZeroHash } from "ethers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toAbiTensor, type RegisteredTensor } from "../../../src/chain/tensors.js";
import { type AbiTwoRoundProof, toAbiProof, toAbiTwoRoundProof } from "../../../src/chain/verifyCall.js";
import { proveNode } from "../../../src/math/merkleProofs.js";
import { decodeElements } from "../../../src/program/constantBytes.js";
import type { Program } from "../../../src/program/types.js";
import { ProgramBuilder } from "../../../src/quantize/builder.js";
import { challengesOf, contextOf, encodeKey, entryId, keyHash, type SetupKind, type VerificationKey } from "../../../src/zk/keyEncoding.js";
import { packSignals } from "../../chain/support/packing.js";
import { endCurve, makeToy, type Toy } from "../../chain/support/toy.js";
import { makeTwoRoundToy, type TwoRoundToy } from "../../chain/support/twoRoundToy.js";
import { constant } from "../../program/cases.js";
import { Draw } from "../../program/seeded.js";
import { Arena, BURN, compiled, type Receipt } from "./support/arena.js";
import { ClaimUnderTest, type Contest, Status, upload } from "./support/contest.js";
import { opening, Phase, postingOf } from "./support/player.js";
import { changed, honestBytes, type Model, modelOf, type PartyTrace, toHex, traceOfBytes } from "./support/toy.js";

/** Two layers: one signal in, one out, so that toy circuits have the layout of its signals. What they prove is anything. */
function tinyProgram(): Program {
  const draw = new Draw(11);
  const builder = new ProgramBuilder();
  const linear = (input: number, outputs: number, terms: number, node: string): number =>
    builder.push({ kind: "linear", node, input, weight: constant(draw, [outputs, terms], "i8"), bias: constant(draw, [outputs], "i16") }, node);
  const x = builder.input("x", [1, 8], "u8");
  const hidden = builder.push({ kind: "requantize", node: "hidden", input: linear(x, 4, 8, "first"), shifts: [7], low: 0, high: 255 }, "hidden", "u8");
  const y = linear(hidden, 3, 4, "second");
  const port = (name: string, tensor: number): Program["inputs"][number] => ({ name, tensor, scale: { mantissa: 1n, exponent: 0 } });
  return builder.finish([port("x", x)], [port("y", y)]);
}

const coder = AbiCoder.defaultAbiCoder();
const proofType = (verifier: string) => {
  const found = compiled(verifier).abi.getFunction("verify")?.inputs[4];
  if (found === undefined) throw new Error("no verify");
  return found;
};

const INPUT = [250, 3, 77, 128, 9, 200, 31, 64];
const model: Model = modelOf(tinyProgram());
const honest = honestBytes(model, [Float64Array.from(INPUT)]);
const right = traceOfBytes(honest);
const scores = Array.from(decodeElements(honest[2], "i32"));
/** Another output than the right one, and a trace that ends in it. */
const lie = changed(honest, 2, 0);
const wrong = traceOfBytes(lie);
const TENSORS: readonly RegisteredTensor[] = [
  { name: "x", shape: [1, 8], elementType: "u8", visibility: "public", scale: { mantissa: 1n, exponent: 0 } },
  { name: "y", shape: [1, 3], elementType: "i32", visibility: "public", scale: { mantissa: 1n, exponent: 0 } },
];

let arena: Arena;
let twoRound: TwoRoundToy;
let strangers: TwoRoundToy;
let groth16: Toy;
let fresh: string;
/** A ceremony's key of each proof system, a dev key, and a stranger's key. */
let entries: Readonly<Record<"twoRound" | "groth16" | "dev" | "stranger", string>>;

const operator = (): string => arena.accounts[1];
const challenger = (): string => arena.accounts[2];
const stranger = (): string => arena.accounts[3];

beforeAll(async () => {
  arena = await Arena.start();
  [twoRound, strangers, groth16] = [await makeTwoRoundToy({ inputs: 1 }), await makeTwoRoundToy({ inputs: 1, seed: 2 }), await makeToy(1)];
  entries = {
    twoRound: await register(operator(), twoRound.verificationKey),
    groth16: await register(operator(), groth16.verificationKey),
    dev: await register(operator(), twoRound.verificationKey, { setup: "dev" }),
    stranger: await register(stranger(), strangers.verificationKey),
  };
  await upload(arena, operator(), 0n, honest[0]);
  fresh = await arena.snapshot();
});

afterAll(async () => {
  await arena.stop();
  await endCurve();
});

beforeEach(async () => {
  await arena.restore(fresh);
  fresh = await arena.snapshot();
});

interface Entry {
  readonly modelId?: string;
  readonly setup?: SetupKind;
  readonly tensors?: readonly RegisteredTensor[];
}

async function register(from: string, key: VerificationKey, { modelId = model.modelId, setup = "ceremony", tensors = TENSORS }: Entry = {}): Promise<string> {
  const bytes = encodeKey(key, setup);
  const [input, output] = tensors.map(toAbiTensor);
  const registration = { modelId, key: bytes, contributions: 0, transcript: `0x${"00".repeat(32)}`, inputs: [input], outputs: [output] };
  await arena.sendData(from, arena.addresses.Registry, compiled("Registry").abi.encodeFunctionData("register", [registration]));
  return entryId(modelId, keyHash(bytes), from);
}

function post(claimed: PartyTrace, entry: string, nonce = 0n): Promise<ClaimUnderTest> {
  return ClaimUnderTest.post({ arena, model, operator: operator(), claimed, post: { uploads: [{ uploader: operator(), nonce: 0n }], entry, nonce } });
}

interface Settlement {
  readonly entry?: string;
  readonly toy?: TwoRoundToy | Toy;
  /** Whom the proof is made for. */
  readonly recipient?: string;
  readonly outputs?: readonly number[];
  readonly forClaim?: string;
}

/** Arguments of settle, with a proof of these outputs. */
async function settlement(claim: ClaimUnderTest, { entry = entries.twoRound, toy = twoRound, recipient = stranger(), outputs = scores, forClaim = claim.id }: Settlement = {}): Promise<unknown[]> {
  const verifier = "keyHash" in toy ? "TwoRoundVerifier" : "Groth16Verifier";
  const jobId = await arena.read<bigint>("settlementJob", forClaim);
  const context = contextOf({ entryId: entry, jobId, recipient, chainId: arena.node.chainId, verifier: arena.addresses[verifier] });
  const signals = [...packSignals("i32", outputs), context, ...packSignals("u8", INPUT)];
  const encoded = "keyHash" in toy ? await twoRoundProof(toy, entry, signals) : toAbiProof((await toy.prove(signals)).proof);
  const bytes = Buffer.alloc(12);
  outputs.forEach((value, i) => bytes.writeInt32LE(value, 4 * i));
  return [claim.id, stranger(), [honest[0]], [Uint8Array.from(bytes)], coder.encode([proofType(verifier)], [encoded])];
}

/** The challenges depend on the key, and with it on its setup. */
async function twoRoundProof(toy: TwoRoundToy, entry: string, signals: readonly bigint[]): Promise<AbiTwoRoundProof> {
  const hash = keyHash(encodeKey(toy.verificationKey, entry === entries.dev ? "dev" : "ceremony"));
  const { proof } = await toy.prove(signals, { draw: (c0) => challengesOf(hash, c0, signals, 1) });
  return toAbiTwoRoundProof(proof);
}

async function open(claim: ClaimUnderTest, from: string, trace: PartyTrace): Promise<Contest> {
  const contest = claim.contest(trace);
  await arena.send(from, "open", openArgs(claim, trace), arena.parameters.challengeBond);
  return contest;
}

function openArgs(claim: ClaimUnderTest, trace: PartyTrace): unknown[] {
  return [claim.id, trace.root, opening(trace), [toHex(trace.roots.nodes(0, 2, 1))], [proveNode(trace.roots, 2)]];
}

function settle(args: readonly unknown[]): Promise<Receipt> {
  return arena.send(challenger(), "settle", args);
}

function refusal(args: readonly unknown[]): Promise<string> {
  return arena.refusal(challenger(), "settle", args);
}

describe("an entry that a claim names", () => {
  const refused = async (entry: string): Promise<string> => {
    const posting = postingOf(model, right, { uploads: [{ uploader: operator(), nonce: 0n }], entry });
    return arena.refusal(operator(), "post", [posting], arena.parameters.claimBond);
  };

  it("exists, proves this model, shows all of it, and is no dev key", async () => {
    expect(await refused(`0x${"12".repeat(32)}`)).toBe("EntryMissing");
    expect(await refused(entries.dev)).toBe("EntryIsDev");
    const other = await register(stranger(), twoRound.verificationKey, { modelId: `0x${"5a".repeat(32)}` });
    expect(await refused(other)).toBe("EntryOfOtherModel");
    for (const hidden of [0, 1]) {
      const tensors = TENSORS.map((tensor, i) => (i === hidden ? { ...tensor, visibility: "hashed" as const } : tensor));
      const entry = await register(arena.accounts[4 + hidden], strangers.verificationKey, { tensors });
      expect(await refused(entry), `tensor ${hidden}`).toBe("EntryNotPublic");
    }
    expect(await refused(entries.twoRound)).toBe("done");
    expect(await refused(entries.stranger)).toBe("done");
  });

  it("may be a dev key where the deployment says so", async () => {
    const { address } = arena;
    try {
      arena.address = await arena.create(operator(), arena.creation({ ...arena.parameters, allowDevEntries: true }));
      await upload(arena, operator(), 0n, honest[0]);
      const claim = await post(right, entries.dev);
      await settle(await settlement(claim, { entry: entries.dev }));
      expect((await claim.state()).status).toBe(BigInt(Status.Final));
    } finally {
      arena.address = address;
    }
  });
});

describe("a settlement", () => {
  it.each(["twoRound", "groth16"] as const)("with the claim's outputs makes it final at once (%s)", async (system) => {
    const claim = await post(right, entries[system]);
    const { events } = await settle(await settlement(claim, { entry: entries[system], toy: system === "groth16" ? groth16 : twoRound }));
    expect(events.map(({ name }) => name)).toEqual(["Credited", "ClaimFinal"]);
    expect(events[1].args.settled).toBe(true);
    expect(await arena.read("outputOf", claim.id, 0)).toBe(toHex(honest[2]));
    expect(await arena.read("balanceOf", operator())).toBe(arena.parameters.claimBond);
  });

  it("with other outputs defeats it, to the reward of the one whom the proof names", async () => {
    const claim = await post(wrong, entries.twoRound);
    const args = await settlement(claim);
    await settle(args);
    expect((await claim.state()).status).toBe(BigInt(Status.Defeated));
    expect(await arena.read("balanceOf", stranger())).toBe(arena.parameters.claimBond / 2n);
    expect(await arena.etherOf(BURN)).toBe(arena.parameters.claimBond / 2n);
    expect(await refusal(args)).toBe("ClaimNotPosted");
  });

  it("ends disputes: challengers with the same outputs have their bonds back, others have lost", async () => {
    const claim = await post(right, entries.twoRound);
    // Wrong inside, with the same outputs: the proof says nothing about traces.
    const inner = await open(claim, challenger(), traceOfBytes(changed(honest, 1, 0)));
    const outer = await open(claim, stranger(), wrong);
    await inner.move(arena.accounts[4], "answer", await inner.answerArgs());
    await outer.move(arena.accounts[4], "answer", await outer.answerArgs());
    await settle(await settlement(claim));
    expect(await inner.game()).toMatchObject({ phase: BigInt(Phase.Released), bond: arena.parameters.challengeBond, sameOutputs: true });
    expect(await outer.game()).toMatchObject({ phase: BigInt(Phase.ChallengerLost), bond: arena.parameters.challengeBond, sameOutputs: false });
    expect(await arena.refusal(operator(), "finalize", [claim.id])).toBe("ClaimNotPosted");
    const before = await arena.read<bigint>("balanceOf", operator());

    await inner.collect(challenger());
    expect(await arena.read("balanceOf", challenger())).toBe(arena.parameters.challengeBond);
    const { operatorCredits } = await outer.game();
    await outer.collect(arena.accounts[4]);
    const rest = arena.parameters.challengeBond - operatorCredits * 10n ** 9n;
    expect(await arena.read("balanceOf", arena.accounts[4])).toBe(operatorCredits * 10n ** 9n);
    expect((await arena.read<bigint>("balanceOf", operator())) - before).toBe(rest / 2n);
    expect(await arena.read("balanceOf", stranger())).toBe(0n);
    for (const contest of [inner, outer]) expect((await contest.game()).bond).toBe(0n);
    // The operator's side of a released game has nobody to pay it.
    expect(await arena.refusal(challenger(), "collect", [claim.id, inner.challenged.root, arena.accounts[4]])).toBe("NothingToCollect");
  });

  it("gives back the bond of a trace under a mark: the mark is behind its outputs", async () => {
    // Right outputs, by a wrong way.
    const claim = await post(traceOfBytes(changed(honest, 1, 0)), entries.twoRound);
    const mark = Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? 1 : 0));
    const marked = await open(claim, challenger(), traceOfBytes(honest, { extra: [mark] }));
    await settle(await settlement(claim));
    expect(await marked.game()).toMatchObject({ phase: BigInt(Phase.Released), sameOutputs: true });
    await marked.collect(challenger());
    expect(await arena.read("balanceOf", challenger())).toBe(arena.parameters.challengeBond);
  });

  it("that defeats the claim gives all challengers their bonds, whatever they said", async () => {
    const claim = await post(wrong, entries.twoRound);
    const contests = [await open(claim, challenger(), right), await open(claim, arena.accounts[5], traceOfBytes(changed(honest, 1, 0)))];
    await settle(await settlement(claim));
    for (const [i, contest] of contests.entries()) {
      await contest.collect([challenger(), arena.accounts[5]][i]);
      expect((await contest.game()).phase).toBe(BigInt(Phase.Released));
      expect(await arena.read<bigint>("balanceOf", [challenger(), arena.accounts[5]][i])).toBeGreaterThan(arena.parameters.challengeBond);
    }
  });

  it("attack dispute-12: comes under the named entry only: not a stranger's key for the same model, not a dev key", async () => {
    const claim = await post(right, entries.twoRound);
    expect(await refusal(await settlement(claim, { entry: entries.stranger, toy: strangers }))).toBe("SettlementInvalid");
    expect(await refusal(await settlement(claim, { toy: strangers }))).toBe("SettlementInvalid");
    expect(await refusal(await settlement(claim, { entry: entries.dev }))).toBe("SettlementInvalid");
    const bare = await post(right, ZeroHash, 1n);
    expect(await refusal(await settlement(bare))).toBe("NoEntry");
  });

  it("is bound to the claim and to the beneficiary", async () => {
    const [claim, other] = [await post(right, entries.twoRound), await post(right, entries.twoRound, 1n)];
    expect(await refusal(await settlement(claim, { forClaim: other.id }))).toBe("SettlementInvalid");
    expect(await refusal(await settlement(claim, { recipient: challenger() }))).toBe("SettlementInvalid");
    const args = await settlement(claim);
    expect(await refusal([claim.id, challenger(), ...args.slice(2)])).toBe("SettlementInvalid");
    expect(await refusal([other.id, ...args.slice(1)])).toBe("SettlementInvalid");
    expect(await refusal(args)).toBe("done");
  });

  it("is of the claim's inputs and of all its outputs, in full", async () => {
    const claim = await post(right, entries.twoRound);
    const args = await settlement(claim);
    const part = (position: number, value: unknown): Promise<string> => refusal(args.map((argument, i) => (i === position ? value : argument)));
    expect(await part(2, [changed(honest, 0, 3)[0]])).toBe("InputsMismatch");
    expect(await part(2, [])).toBe("InputsMismatch");
    expect(await part(3, [])).toBe("OutputCount");
    expect(await part(3, [honest[2].subarray(0, 8)])).toBe("WrongTensorLength");
    expect(await part(3, [lie[2]])).toBe("SettlementInvalid");
    expect(await part(4, "0x")).toBe("reverted");
  });
});

describe("PriceFeed", () => {
  it("takes no claim under another entry than its own, which the entry's maker could settle as it likes", async () => {
    const feed = compiled("PriceFeed");
    const create = async (entry: string): Promise<string> =>
      arena.create(stranger(), concat([feed.bytecode, coder.encode(["address", "bytes32", "address", "bytes32"], [arena.address, model.modelId, operator(), entry])]));
    const claim = await post(right, entries.twoRound);
    await settle(await settlement(claim));
    const refusal = async (entry: string): Promise<string> => {
      const request = { from: stranger(), to: await create(entry), data: feed.abi.encodeFunctionData("update", [claim.id]) };
      return arena.rpc("eth_call", [request, "latest"]).then(
        () => "done",
        (error: unknown) => feed.abi.parseError((error as { data: string }).data)?.name ?? "reverted",
      );
    };
    expect(await refusal(ZeroHash)).toBe("NotTheEntry");
    expect(await refusal(entries.stranger)).toBe("NotTheEntry");
    expect(await refusal(entries.twoRound)).toBe("done");
  });
});

describe("opening a game on a claim that can be settled", () => {
  it("takes the outputs of the challenger's trace, with their places in it", async () => {
    const claim = await post(right, entries.twoRound);
    const args = openArgs(claim, wrong);
    const refused = (list: readonly unknown[]): Promise<string> => arena.refusal(challenger(), "open", list, arena.parameters.challengeBond);
    const [roots, siblings] = [args[3] as string[], args[4] as Uint8Array[][]];
    expect(await refused([...args.slice(0, 3), [], []])).toBe("OutputCount");
    expect(await refused([...args.slice(0, 4), []])).toBe("OutputCount");
    expect(await refused([...args.slice(0, 3), [...roots, ...roots], siblings])).toBe("OutputCount");
    // The claim's own output would have its bond refunded.
    expect(await refused([...args.slice(0, 3), [toHex(right.roots.nodes(0, 2, 1))], siblings])).toBe("PortMismatch");
    expect(await refused([...args.slice(0, 4), [siblings[0].slice(1)]])).toBe("PortMismatch");
    expect(await refused(args)).toBe("done");
  });
});
