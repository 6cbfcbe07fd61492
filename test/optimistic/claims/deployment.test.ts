/** What a deployment may be, and the example of a consumer. */
import { AbiCoder, concat, ZeroAddress, ZeroHash } from "ethers";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { compiled, type Parameters } from "./support/arena.js";
import { Rig } from "./support/rig.js";
import { toHex } from "./support/toy.js";

const rig = await Rig.start();
const { arena } = rig;

afterAll(async () => {
  await rig.stop();
});

beforeEach(async () => {
  await rig.reset();
});

async function creation(part: Partial<Parameters>): Promise<string> {
  return arena.refusalOf(rig.operator, arena.creation({ ...arena.parameters, ...part }), 0n, null);
}

describe("a deployment", () => {
  it("has clocks that somebody can keep, and bonds that cover the worst game", async () => {
    expect(await creation({})).toBe("done");
    const most = arena.parameters.worstGas * arena.parameters.statedPrice;
    const tooSmall: Partial<Parameters>[] = [{ window: 119n }, { clock: 119n }, { grace: 23n }, { worstGas: 1_499_999n }, { statedPrice: 0n }, { challengeBond: most - 1n }, { claimBond: 4n * most - 1n }];
    for (const part of tooSmall) expect(await creation(part), JSON.stringify(Object.keys(part))).toBe("ParameterTooSmall");
    expect(await creation({ window: 120n, clock: 120n, grace: 24n, worstGas: 1_500_000n, statedPrice: 1n, challengeBond: 1_500_000n, claimBond: 6_000_000n })).toBe("done");
  });

  it("says what it is", async () => {
    expect(await arena.read("parameters")).toMatchObject(arena.parameters);
    for (const [name, value] of [["STORED_BYTES", 4096n], ["MAX_SLOTS", 1n << 20n], ["MAX_TENSOR_BYTES", 1n << 36n], ["CALLBACK_GAS", 300_000n]] as const) {
      expect(await arena.read(name)).toBe(value);
    }
  });

  it("takes no ether that nobody owns", async () => {
    expect(await arena.refusalOf(rig.operator, "0x", 1n)).toBe("reverted");
    expect(await arena.refusal(rig.operator, "withdraw", [rig.operator], 1n)).toBe("reverted");
  });
});

describe("PriceFeed", () => {
  const feed = compiled("PriceFeed");
  const create = async (modelId = rig.model.modelId, operator = rig.operator): Promise<string> =>
    arena.create(rig.stranger, concat([feed.bytecode, AbiCoder.defaultAbiCoder().encode(["address", "bytes32", "address", "bytes32"], [arena.address, modelId, operator, ZeroHash])]));
  const read = async (address: string, name: string): Promise<unknown> =>
    feed.abi.decodeFunctionResult(name, (await arena.rpc("eth_call", [{ to: address, data: feed.abi.encodeFunctionData(name) }, "latest"])) as string)[0];

  it("is told of a final claim and keeps its output", async () => {
    const address = await create();
    const { id } = await rig.claim(rig.right, { consumer: address });
    await arena.pass(arena.parameters.window);
    const { events } = await arena.send(rig.stranger, "finalize", [id]);
    expect(events.map(({ name }) => name)).not.toContain("CallbackFailed");
    expect(await read(address, "latest")).toBe(id);
    expect(await read(address, "prices")).toBe(toHex(rig.honest[18]));
  });

  it("relies on one contract, one model and one operator, and on final claims only", async () => {
    const address = await create();
    const { id } = await rig.claim(rig.right);
    const refusal = async (name: string, to = address): Promise<string> => {
      const data = feed.abi.encodeFunctionData(name, [id]);
      return arena.rpc("eth_call", [{ from: rig.stranger, to, data }, "latest"]).then(
        () => "done",
        (error: unknown) => feed.abi.parseError((error as { data: string }).data)?.name ?? "reverted",
      );
    };
    expect(await refusal("onClaimFinal")).toBe("NotTheClaimsContract");
    expect(await refusal("update")).toBe("NotFinal");
    await arena.pass(arena.parameters.window);
    await arena.send(rig.stranger, "finalize", [id]);
    expect(await refusal("update")).toBe("done");
    expect(await refusal("update", await create(`0x${"11".repeat(32)}`))).toBe("NotTheModel");
    expect(await refusal("update", await create(rig.model.modelId, ZeroAddress))).toBe("NotTheOperator");
    await arena.sendData(rig.stranger, address, feed.abi.encodeFunctionData("update", [id]));
    expect(await refusal("update")).toBe("NotNewer");
  });
});
