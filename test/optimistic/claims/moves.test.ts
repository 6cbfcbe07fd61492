/** Moves that the contract refuses, and what it says. */
import { concat, ZeroHash } from "ethers";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { finishValue, segmentValues, stepData, stepOf } from "../../../src/optimistic/step/index.js";
import type { Contest } from "./support/contest.js";
import { definitionOf, encodeDefinition, opening, Phase } from "./support/player.js";
import { Rig } from "./support/rig.js";
import { changed, traceOfBytes } from "./support/toy.js";

const rig = await Rig.start();
const { arena } = rig;
const { challengeBond } = arena.parameters;
/** Wrong in a step of few terms, in a step of many, and in a long tensor. */
const [few, many, long] = [changed(rig.honest, 12, 19), changed(rig.honest, 3, 7), changed(rig.honest, 1, 9000)].map((bytes) => traceOfBytes(bytes));

afterAll(async () => {
  await rig.stop();
});

beforeEach(async () => {
  await rig.reset();
});

async function opened(claimed = few): Promise<Contest> {
  return (await rig.claim(claimed)).open(rig.challenger, rig.right);
}

/** In anyone's name: the roots fix the moves. */
async function refusal(name: string, args: readonly unknown[], from = rig.stranger): Promise<string> {
  return arena.refusal(from, name, args);
}

/** Arguments of a move with one of them replaced. */
function replaced(args: readonly unknown[], position: number, value: unknown): unknown[] {
  return args.map((argument, i) => (i === position ? value : argument));
}

describe("opening", () => {
  it("takes a root other than the claim's, its expansion, and the bond", async () => {
    const claim = await rig.claim(few);
    const args = claim.contest(rig.right).openArgs();
    const open = (list: readonly unknown[], bond = challengeBond): Promise<string> => arena.refusal(rig.challenger, "open", list, bond);
    expect(await open(args, challengeBond - 1n)).toBe("BondMismatch");
    expect(await open(args, challengeBond + 1n)).toBe("BondMismatch");
    expect(await open(claim.contest(few).openArgs())).toBe("RootsEqual");
    expect(await open(replaced(args, 0, ZeroHash))).toBe("ClaimNotPosted");
    expect(await open(replaced(args, 1, ZeroHash))).toBe("ExpansionMismatch");
    expect(await open(replaced(args, 2, opening(few)))).toBe("ExpansionMismatch");
    expect(await open(replaced(args, 2, opening(rig.right).subarray(32)))).toBe("ExpansionLength");
    expect(await open(replaced(args, 2, concat([opening(rig.right), new Uint8Array(32)])))).toBe("ExpansionLength");
    expect(await open(replaced(args, 3, [ZeroHash]))).toBe("OutputCount");
    expect(await open(replaced(args, 4, [[]]))).toBe("OutputCount");
    expect(await open(args)).toBe("done");
  });

  it("on a root that was opened before joins that game: the bond is the sender's again, and nothing else happens", async () => {
    const contest = await opened();
    const before = await contest.game();
    const receipt = await arena.send(rig.stranger, "open", contest.openArgs(), challengeBond);
    expect(receipt.events.map(({ name }) => name)).toEqual(["Credited", "GameJoined"]);
    expect(await arena.read("balanceOf", rig.stranger)).toBe(challengeBond);
    expect(await contest.game()).toEqual(before);
    expect((await contest.claim.state()).openGames).toBe(1n);
  });

  it("does not bring back a game that is over", async () => {
    const claim = await rig.claim(rig.right);
    const contest = await claim.open(rig.challenger, few);
    await contest.descend(rig.operator, rig.challenger);
    await contest.execute(rig.operator);
    await arena.send(rig.challenger, "open", contest.openArgs(), challengeBond);
    expect((await contest.game()).phase).toBe(BigInt(Phase.ChallengerLost));
    expect((await claim.state()).openGames).toBe(0n);
  });
});

describe("an answer", () => {
  it("names the state that it answers", async () => {
    const contest = await opened();
    const first = await contest.answerArgs();
    expect(await refusal("answer", replaced(first, 2, ZeroHash))).toBe("StateMismatch");
    await contest.move(rig.operator, "answer", first);
    expect(await refusal("answer", first)).toBe("StateMismatch");
    // The right state with the moves of another.
    expect(await refusal("answer", replaced(first, 2, await contest.stateHash()))).toBe("ExpansionLength");
  });

  it("belongs to a game: not to another claim, another root, or none", async () => {
    const contest = await opened();
    const other = await rig.claim(few, { nonce: 1n });
    const args = await contest.answerArgs();
    expect(await refusal("answer", replaced(args, 0, other.id))).toBe("GameMissing");
    expect(await refusal("answer", replaced(args, 1, few.root))).toBe("GameMissing");
    const second = await other.open(rig.challenger, rig.right);
    expect(await refusal("answer", replaced(args, 0, other.id))).toBe("StateMismatch");
    expect(await refusal("answer", await second.answerArgs())).toBe("done");
  });

  it("has both sides' expansions, of the right length and of the right side", async () => {
    const contest = await opened(long);
    for (let step = 0; step < 5; step++) {
      const args = await contest.answerArgs();
      const [theirs, mine, next] = [3, 4, 5].map((i) => args[i] as Uint8Array);
      const spoiled = mine.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
      expect(await refusal("answer", replaced(replaced(args, 3, mine), 4, theirs))).toBe("ExpansionMismatch");
      expect(await refusal("answer", replaced(args, 3, mine))).toBe("ExpansionMismatch");
      expect(await refusal("answer", replaced(args, 4, spoiled))).toBe("ExpansionMismatch");
      for (const position of [3, 4]) expect(await refusal("answer", replaced(args, position, mine.subarray(32)))).toBe("ExpansionLength");
      const { length } = next;
      if (length > 0) {
        expect(await refusal("answer", replaced(args, 5, new Uint8Array(length)))).toBe("NextMismatch");
        expect(await refusal("answer", replaced(args, 5, new Uint8Array(0)))).toBe("ExpansionLength");
        expect(await refusal("answer", replaced(args, 5, next.subarray(0, length / 2)))).toBe("ExpansionLength");
      } else {
        expect(await refusal("answer", replaced(args, 5, mine))).toBe("NextMismatch");
      }
      await contest.move(rig.stranger, "answer", args);
    }
    expect((await contest.game()).phase).toBe(BigInt(Phase.Execute));
  });

  it("has a slot's own descriptor where one is needed, and only there", async () => {
    const contest = await opened();
    const definition = (slot: number): string => encodeDefinition(definitionOf(rig.model, slot));
    expect(await refusal("answer", await contest.answerArgs({ definition: definition(12) }))).toBe("DefinitionNotNeeded");
    await contest.move(rig.operator, "answer", await contest.answerArgs());
    expect(await refusal("answer", await contest.answerArgs({ definition: "0x" }))).toBe("DefinitionMissing");
    expect(await refusal("answer", await contest.answerArgs({ definition: definition(11) }))).toBe("DescriptorMismatch");
    expect(await refusal("answer", await contest.answerArgs({ definition: `0x${"00".repeat(64)}` }))).toBe("EvidenceMalformed");
    await contest.move(rig.challenger, "answer", await contest.answerArgs());
    expect(await refusal("answer", await contest.answerArgs({ definition: definition(12) }))).toBe("DefinitionNotNeeded");
  });

  it("has no bytes that nobody needs", async () => {
    const contest = await opened();
    const data = arena.claims.encodeFunctionData("answer", await contest.answerArgs());
    expect(await arena.refusalOf(rig.stranger, concat([data, "0x00"]))).toBe("CalldataPadded");
    expect(await arena.refusalOf(rig.stranger, concat([data, new Uint8Array(10_000)]))).toBe("CalldataPadded");
    expect(await arena.refusalOf(rig.stranger, data)).toBe("done");
    const expire = arena.claims.encodeFunctionData("expire", await contest.head());
    expect(await arena.refusalOf(rig.stranger, concat([expire, "0x00"]))).toBe("CalldataPadded");
    const open = arena.claims.encodeFunctionData("open", contest.openArgs());
    expect(await arena.refusalOf(rig.stranger, concat([open, new Uint8Array(40_000)]))).toBe("CalldataPadded");
  });

  it("is no answer any more where the element is known, nor are other moves answers", async () => {
    const contest = await opened();
    for (const [name, rest] of [["execute", [true, "0x"]], ["refute", [true, [], 0, "0x"]]] as const) {
      expect(await refusal(name, [...(await contest.head()), ...rest])).toBe("WrongPhase");
    }
    expect(await refusal("sums", [...(await contest.head()), true, [], "0x"], rig.operator)).toBe("WrongPhase");
    const last = await contest.answerArgs();
    await contest.descend(rig.operator, rig.challenger);
    expect(await refusal("answer", replaced(last, 2, await contest.stateHash()))).toBe("WrongPhase");
  });
});

describe("an execution", () => {
  it("is of the element in question, with evidence of it, against one of the two roots", async () => {
    const contest = await opened();
    await contest.descend(rig.operator, rig.challenger);
    const args = [...(await contest.head()), true, (await contest.evidence(true)).evidence];
    expect(await refusal("execute", replaced(args, 4, "0x"))).toBe("EvidenceMalformed");
    expect(await refusal("execute", replaced(args, 4, encodeDefinition(definitionOf(rig.model, 12))))).toBe("reverted");
    // Operands lie before the difference: they are in both traces, each with its own siblings.
    expect(await refusal("execute", replaced(args, 3, false))).toBe("TensorMismatch");
    expect(await refusal("execute", [...(await contest.head()), false, (await contest.evidence(false)).evidence])).toBe("done");
    await contest.move(rig.stranger, "execute", args);
    expect(await refusal("execute", args)).toBe("GameOver");
  });
});

describe("partial results", () => {
  /** A game that waits for the operator's. */
  async function waiting(): Promise<{ readonly contest: Contest; readonly right: bigint[] }> {
    const claim = await rig.claim(rig.right);
    const contest = await claim.open(rig.challenger, many);
    const { slot, index } = await contest.descend(rig.operator, rig.challenger);
    const step = stepOf(rig.model.trees.plan, Number(slot));
    return { contest, right: segmentValues(step, Number(index), stepData(rig.model.trees, rig.right, step)) };
  }

  it("are the operator's to give, as many as there are segments, and end in the claimed value", async () => {
    const { contest, right } = await waiting();
    const sum = right[0] + right[1];
    const args = await contest.sumsArgs(right, sum);
    expect(await refusal("sums", args)).toBe("NotOperator");
    expect(await refusal("sums", args, rig.challenger)).toBe("NotOperator");
    expect(await refusal("sums", replaced(args, 4, [sum]), rig.operator)).toBe("SumsCount");
    expect(await refusal("sums", replaced(args, 4, [...right, 0n]), rig.operator)).toBe("SumsCount");
    expect(await refusal("sums", replaced(args, 4, [right[0] + (1n << 20n), right[1]]), rig.operator)).toBe("SumsMismatch");
    expect(await refusal("execute", [...(await contest.head()), true, (await contest.evidence(true)).evidence])).toBe("WrongPhase");
    expect(await refusal("sums", args, rig.operator)).toBe("done");
  });

  it("wrap like the executor's sums, so that no shift by 2**256 hides in them", async () => {
    const { contest, right } = await waiting();
    const shifted = [BigInt.asIntN(256, right[0] + (1n << 255n)), BigInt.asIntN(256, right[1] + (1n << 255n))];
    await contest.move(rig.operator, "sums", replaced(await contest.sumsArgs(right, right[0] + right[1]), 4, shifted));
    await contest.move(rig.challenger, "refute", await contest.refuteArgs(shifted, 0));
    expect((await contest.game()).phase).toBe(BigInt(Phase.ClaimLost));
  });

  it("are refuted by a segment that is wrong, of those that were given", async () => {
    const { contest, right } = await waiting();
    await contest.move(rig.operator, "sums", await contest.sumsArgs(right, right[0] + right[1]));
    const other = [right[0] + 1n, right[1] - 1n];
    for (const segment of [0, 1]) {
      expect(await refusal("refute", await contest.refuteArgs(right, segment))).toBe("NotRefuted");
      expect(await refusal("refute", await contest.refuteArgs(other, segment))).toBe("PartialsMismatch");
    }
    const args = await contest.refuteArgs(right, 0);
    expect(await refusal("refute", replaced(args, 5, 2))).toBe("SegmentMissing");
    expect(await refusal("refute", replaced(args, 5, 1))).toBe("ChunkMissing");
  });

  it("of a sum are not those of a maximum: the fold is the step's own", async () => {
    const claim = await rig.claim(traceOfBytes(changed(rig.honest, 19, 4)));
    const contest = await claim.open(rig.challenger, rig.right);
    const { slot, index, content, segments } = await contest.descend(rig.operator, rig.challenger);
    const step = stepOf(rig.model.trees.plan, Number(slot));
    const claimed = BigInt.asIntN(256, BigInt(content));
    expect(segments).toBe(36n);
    expect(finishValue(step, Number(index), claimed, stepData(rig.model.trees, rig.right, step))).toBe(claimed);
    // They add up to the claimed value; their maximum is larger.
    const adding = [claimed + 5n, -5n, ...Array.from({ length: 34 }, () => 0n)];
    expect(await refusal("sums", await contest.sumsArgs(adding, claimed), rig.operator)).toBe("SumsMismatch");
    const most = Array.from({ length: 36 }, () => claimed);
    expect(await refusal("sums", await contest.sumsArgs(most, claimed), rig.operator)).toBe("done");
  });
});
