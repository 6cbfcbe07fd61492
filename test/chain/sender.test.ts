import { Wallet } from "ethers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connect, type Connection } from "../../src/chain/connect.js";
import { Endpoints } from "../../src/chain/endpoints.js";
import { GWEI, raisedFee, firstFee } from "../../src/chain/fees.js";
import { Sender, type SenderEvent, type SenderOptions } from "../../src/chain/sender.js";
import { AssayError } from "../../src/errors.js";
import { asAccount, type Chain, registryCall, startChain } from "./support/chain.js";
import { startProxy } from "./support/proxy.js";

let chain: Chain;
let accounts = 1;

beforeAll(async () => {
  chain = await startChain();
});
afterAll(() => chain.close());
afterEach(async () => {
  await rpc("evm_setAutomine", true);
  await cheapBlock();
});

const rpc = (method: string, ...params: unknown[]): Promise<unknown> => chain.connection.provider.send(method, params) as Promise<unknown>;
const mine = (blocks = 1): Promise<unknown> => rpc("anvil_mine", `0x${blocks.toString(16)}`);
/** A block whose base fee is above what was offered before, and then one that asks little. */
const dearBlock = async (): Promise<void> => { await baseFee(100n); };
const cheapBlock = async (): Promise<void> => { await baseFee(1n); };
async function baseFee(gwei: bigint): Promise<void> {
  await rpc("anvil_setNextBlockBaseFeePerGas", `0x${(gwei * GWEI).toString(16)}`);
  await mine();
}
const codeOf = (error: unknown): unknown => (error instanceof AssayError ? error.code : error);

interface Rig {
  readonly connection: Connection;
  readonly address: string;
  readonly events: SenderEvent[];
  /** Another process with the same account. */
  readonly sender: (options?: SenderOptions) => Sender;
  readonly nonce: (tag: string) => Promise<number>;
  /** Resolves with the next event of a kind. */
  readonly next: (kind: SenderEvent["kind"]) => Promise<SenderEvent>;
}

/** A fresh account each, with the key at hand or unlocked at the node. */
async function rig(key = true): Promise<Rig> {
  const connection = key ? await withKey() : await asAccount(chain, accounts++);
  const address = (await connection.account?.getAddress()) ?? "";
  const events: SenderEvent[] = [];
  const waiting: ((event: SenderEvent) => void)[] = [];
  const onEvent = (event: SenderEvent): void => {
    events.push(event);
    for (const tell of waiting) tell(event);
  };
  const sender = (options: SenderOptions = {}): Sender => new Sender(Endpoints.of(connection), { patience: 2, onEvent, ...options });
  const nonce = (tag: string): Promise<number> => connection.provider.getTransactionCount(address, tag);
  const next = (kind: SenderEvent["kind"]): Promise<SenderEvent> => new Promise((resolve) => waiting.push((event) => { if (event.kind === kind) resolve(event); }));
  return { connection, address, events, sender, nonce, next };
}

async function withKey(): Promise<Connection> {
  const account = new Wallet(Wallet.createRandom().privateKey, chain.connection.provider);
  await rpc("anvil_setBalance", account.address, "0x56bc75e2d63100000");
  return { ...chain.connection, account };
}

const payload = (data = "0x"): { to: string; data: string } => ({ to: `0x${"0a".repeat(20)}`, data });

describe("fees", () => {
  const market = { baseFee: 10n * GWEI, tip: GWEI };

  it("leave room above the base fee and stay below the limit", () => {
    expect(firstFee(market, 500n * GWEI)).toEqual({ maxFeePerGas: 21n * GWEI, maxPriorityFeePerGas: GWEI });
    expect(firstFee(market, 15n * GWEI).maxFeePerGas).toBe(15n * GWEI);
    expect(firstFee({ baseFee: 0n, tip: 50n * GWEI }, 500n * GWEI).maxPriorityFeePerGas).toBe(2n * GWEI);
  });

  it("are raised by an eighth at least, in both parts, or not at all", () => {
    for (const value of [0n, 1n, 7n, 8n, 999n, GWEI + 1n, 21n * GWEI]) {
      const old = { maxFeePerGas: value, maxPriorityFeePerGas: value };
      const raised = raisedFee(old, { baseFee: 0n, tip: 0n }, 500n * GWEI);
      expect(raised && raised.maxFeePerGas * 8n >= value * 9n && raised.maxFeePerGas > value).toBe(true);
      expect(raised && raised.maxPriorityFeePerGas * 8n >= value * 9n && raised.maxPriorityFeePerGas > value).toBe(true);
    }
    const old = { maxFeePerGas: 20n * GWEI, maxPriorityFeePerGas: GWEI };
    expect(raisedFee(old, market, 22n * GWEI)).toBeUndefined();
    expect(raisedFee(old, { baseFee: 100n * GWEI, tip: 0n }, 50n * GWEI)?.maxFeePerGas).toBe(50n * GWEI);
    expect(raisedFee(old, { baseFee: 100n * GWEI, tip: 0n }, 500n * GWEI)?.maxFeePerGas).toBeGreaterThan(200n * GWEI);
  });
});

describe("a sender", () => {
  it.each([["a key", true], ["an unlocked account", false]])("sends with %s, several at once in order", async (_, key) => {
    const { sender, nonce } = await rig(key);
    const one = sender();
    const before = await nonce("latest");
    const receipts = await Promise.all(["0x", "0x01", "0x02"].map((data) => one.send(payload(data), "test")));
    expect(receipts.map(({ status }) => status)).toEqual([1, 1, 1]);
    expect(await nonce("latest")).toBe(before + 3);
  });

  it("raises the fee of a stuck transaction by an eighth and more, until it is mined", async () => {
    const { sender, next, events } = await rig();
    await rpc("evm_setAutomine", false);
    await cheapBlock();
    const sent = next("sent");
    const receipt = sender().send(payload(), "stuck");
    const first = await sent;
    const raised = next("raised");
    await dearBlock();
    await dearBlock();
    const second = await raised;
    expect(first.kind === "sent" && second.kind === "raised" && second.maxFeePerGas * 8n >= first.maxFeePerGas * 9n).toBe(true);
    await cheapBlock();
    expect((await receipt).hash).toBe(second.kind === "raised" && second.hash);
    expect(events.map(({ kind }) => kind)).toEqual(["sent", "raised"]);
  });

  it("never offers more than the limit, and says that it is stuck", async () => {
    const { sender, next, events } = await rig();
    await rpc("evm_setAutomine", false);
    await cheapBlock();
    const sent = next("sent");
    const receipt = sender({ maxFee: 2n * GWEI }).send(payload(), "stuck");
    await sent;
    const stuck = next("stuck");
    await dearBlock();
    await dearBlock();
    await stuck;
    await cheapBlock();
    expect((await receipt).status).toBe(1);
    for (const event of events) if ("maxFeePerGas" in event) expect(event.maxFeePerGas).toBeLessThanOrEqual(2n * GWEI);
  });

  it("killed between sending and receipt: the next process lets the transaction be mined before it sends", async () => {
    const { sender, next, nonce } = await rig();
    await rpc("evm_setAutomine", false);
    await cheapBlock();
    const killed = new AbortController();
    const sent = next("sent");
    const lost = sender({ signal: killed.signal }).send(payload("0x01"), "first life").catch(codeOf);
    await sent;
    killed.abort();
    expect(await lost).toBe("ABORTED");
    const waiting = next("waiting");
    const again = sender().send(payload("0x02"), "second life");
    await waiting;
    const sentAgain = next("sent");
    await mine();
    expect(await sentAgain).toMatchObject({ nonce: 1 });
    await mine();
    expect((await again).status).toBe(1);
    expect(await nonce("latest")).toBe(2);
  });

  it("killed with a transaction that nobody mines: the next process replaces it", async () => {
    const { sender, next, nonce } = await rig();
    await rpc("evm_setAutomine", false);
    await cheapBlock();
    const killed = new AbortController();
    const sent = next("sent");
    const lost = sender({ signal: killed.signal }).send(payload("0x01"), "first life").catch(codeOf);
    const former = await sent;
    killed.abort();
    await lost;
    const waiting = next("waiting");
    const again = sender().send(payload("0x02"), "second life");
    await waiting;
    const replaced = next("sent");
    await dearBlock();
    await dearBlock();
    const later = await replaced;
    expect(later).toMatchObject({ nonce: 0 });
    expect(later.kind === "sent" && former.kind === "sent" && later.maxFeePerGas > former.maxFeePerGas).toBe(true);
    await cheapBlock();
    expect((await again).status).toBe(1);
    expect(await nonce("latest")).toBe(1);
  });

  it("refuses what nodes would not pass on, before anything is sent", async () => {
    const { sender, nonce } = await rig();
    await expect(sender().send(payload(`0x${"00".repeat(131_072)}`), "too large")).rejects.toSatisfy((error) => codeOf(error) === "TRANSACTION_TOO_LARGE");
    expect((await sender().send(payload(`0x${"00".repeat(130_000)}`), "large")).status).toBe(1);
    expect(await nonce("latest")).toBe(1);
  });

  it("tells why a contract refuses, without sending", async () => {
    const { sender, nonce } = await rig();
    const malformed = { modelId: `0x${"00".repeat(32)}`, key: "0x", contributions: 0, transcript: `0x${"00".repeat(32)}`, inputs: [], outputs: [] };
    await expect(sender().sendCall(registryCall(chain, "register", malformed))).rejects.toSatisfy((error) => codeOf(error) === "RPC_REJECTED");
    expect(await nonce("latest")).toBe(0);
  });

  it("gives more gas when the estimate was too low", async () => {
    const { connection, nonce } = await rig();
    const proxy = await startProxy(chain.node.rpcUrl);
    proxy.lie = ({ method }, result) => (method === "eth_estimateGas" ? `0x${((BigInt(String(result)) * 7n) / 10n).toString(16)}` : undefined);
    const misled = await connect(proxy.rpcUrl);
    const wallet = connection.account as Wallet;
    try {
      const sender = new Sender(Endpoints.of({ ...misled, account: wallet.connect(misled.provider) }));
      // A creation that writes ten words.
      const data = `0x${Array.from({ length: 10 }, (_, i) => `600160${i.toString(16).padStart(2, "0")}55`).join("")}00`;
      expect((await sender.send({ data }, "ten words")).status).toBe(1);
      expect(await nonce("latest"), "the first ran out of gas").toBe(2);
    } finally {
      misled.close();
      proxy.stop();
    }
  });

  it("an account without ether is told so", async () => {
    const { connection } = await rig();
    const poor = { ...connection, account: new Wallet(Wallet.createRandom().privateKey, connection.provider) };
    await expect(new Sender(Endpoints.of(poor)).send({ ...payload(), value: 1n }, "poor")).rejects.toSatisfy((error) => error instanceof AssayError && /cannot pay/.test(error.message));
  });
});
