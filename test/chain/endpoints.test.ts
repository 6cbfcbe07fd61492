import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadArtifact } from "../../src/chain/artifacts.js";
import { Endpoints } from "../../src/chain/endpoints.js";
import { type EmbeddedNode, startAnvil } from "../../src/chain/anvil.js";
import { AssayError } from "../../src/errors.js";
import { type Chain, startChain } from "./support/chain.js";
import { type Proxy, startProxy } from "./support/proxy.js";

let chain: Chain;
/** Of the same chain id, with other blocks. */
let fork: EmbeddedNode;
let one: Proxy;
let two: Proxy;

const CLOSED = "http://127.0.0.1:1";

beforeAll(async () => {
  [chain, fork] = await Promise.all([startChain(), startAnvil()]);
  [one, two] = await Promise.all([startProxy(chain.node.rpcUrl), startProxy(chain.node.rpcUrl)]);
});
afterAll(async () => {
  one.stop();
  two.stop();
  await Promise.all([chain.close(), fork.stop()]);
});
beforeEach(() => {
  for (const proxy of [one, two]) {
    proxy.lie = undefined;
    proxy.silent = false;
  }
});

async function using<T>(urls: readonly [string, ...string[]], action: (endpoints: Endpoints) => Promise<T>): Promise<T> {
  const endpoints = await Endpoints.connect(urls);
  try {
    return await action(endpoints);
  } finally {
    endpoints.close();
  }
}

const states = (endpoints: Endpoints): string[] => endpoints.reports.map(({ state }) => state);
const codeOf = (error: unknown): unknown => (error instanceof AssayError ? error.code : error);

describe("several endpoints", () => {
  it("that agree are one chain", async () => {
    await using([chain.node.rpcUrl, one.rpcUrl, two.rpcUrl], async (endpoints) => {
      const head = await endpoints.head();
      const block = await chain.connection.provider.getBlock("latest");
      expect(head).toMatchObject({ number: block?.number, hash: block?.hash, timestamp: block?.timestamp });
      expect(states(endpoints)).toEqual(["agrees", "agrees", "agrees"]);
    });
  });

  it("two with different blocks stop everything", async () => {
    await mineFork();
    await using([chain.node.rpcUrl, fork.rpcUrl], async (endpoints) => {
      await expect(endpoints.head()).rejects.toSatisfy((error) => codeOf(error) === "CHAIN_DISAGREES");
    });
  });

  it("of three, the majority is followed and the third is named", async () => {
    await mineFork();
    await using([fork.rpcUrl, chain.node.rpcUrl, one.rpcUrl], async (endpoints) => {
      expect((await endpoints.head()).hash).toBe((await chain.connection.provider.getBlock("latest"))?.hash);
      expect(endpoints.reports[0]).toMatchObject({ rpcUrl: fork.rpcUrl, state: "disagrees" });
      expect(endpoints.primary.rpcUrl).toBe(chain.node.rpcUrl);
    });
  });

  it("one that cannot be reached is reported, and taken in when it is there", async () => {
    one.silent = true;
    await using([one.rpcUrl, CLOSED, chain.node.rpcUrl], async (endpoints) => {
      await endpoints.head();
      expect(states(endpoints)).toEqual(["unreachable", "unreachable", "agrees"]);
      one.silent = false;
      await endpoints.head();
      expect(states(endpoints)).toEqual(["agrees", "unreachable", "agrees"]);
      one.silent = true;
      await endpoints.head();
      expect(states(endpoints)).toEqual(["unreachable", "unreachable", "agrees"]);
    });
    await expect(Endpoints.connect([CLOSED])).rejects.toSatisfy((error) => codeOf(error) === "RPC_UNREACHABLE");
  });

  it("one that lags is left behind, without holding up the others", async () => {
    const { number } = await using([chain.node.rpcUrl], (endpoints) => endpoints.head());
    await chain.connection.provider.send("anvil_mine", ["0x3"]);
    one.lie = ({ method, params }, result) => (method === "eth_getBlockByNumber" && params[0] === "latest" ? { ...(result as object), number: `0x${number.toString(16)}` } : undefined);
    await using([one.rpcUrl, two.rpcUrl, chain.node.rpcUrl], async (endpoints) => {
      expect((await endpoints.head()).number).toBe(number + 3);
      expect(states(endpoints)).toEqual(["behind", "agrees", "agrees"]);
    });
  });

  it("of different chains are refused", async () => {
    const other = await startAnvil({ chainId: 5 });
    try {
      await expect(Endpoints.connect([chain.node.rpcUrl, other.rpcUrl])).rejects.toSatisfy((error) => codeOf(error) === "BAD_USAGE");
    } finally {
      await other.stop();
    }
  });
});

describe("what contracts answer", () => {
  const call = (): { to: string; abi: ReturnType<typeof loadArtifact>["abi"]; name: string; args: unknown[] } => ({ to: chain.addresses.verifier, abi: loadArtifact("Groth16Verifier").abi, name: "registry", args: [] });
  const forged = `0x${"00".repeat(12)}${"ab".repeat(20)}`;

  it("one liar among three is outvoted", async () => {
    one.lie = ({ method }) => (method === "eth_call" ? forged : undefined);
    await using([one.rpcUrl, two.rpcUrl, chain.node.rpcUrl], async (endpoints) => {
      const [registry] = await endpoints.read(await endpoints.head(), call());
      expect(registry).toBe(chain.addresses.registry);
      expect(states(endpoints)).toEqual(["disagrees", "agrees", "agrees"]);
    });
  });

  it("one liar of two stops everything", async () => {
    one.lie = ({ method }) => (method === "eth_call" ? forged : undefined);
    await using([one.rpcUrl, chain.node.rpcUrl], async (endpoints) => {
      const head = await endpoints.head();
      await expect(endpoints.read(head, call())).rejects.toSatisfy((error) => codeOf(error) === "CHAIN_DISAGREES");
    });
  });

  it("a refusal is an answer", async () => {
    const missing = { to: chain.addresses.registry, abi: loadArtifact("Registry").abi, name: "entry", args: [`0x${"11".repeat(32)}`] };
    await using([one.rpcUrl, chain.node.rpcUrl], async (endpoints) => {
      const head = await endpoints.head();
      await expect(endpoints.read(head, missing)).rejects.toSatisfy((error) => codeOf(error) === "ENTRY_MISSING");
      one.lie = ({ method }) => (method === "eth_call" ? forged : undefined);
      await expect(endpoints.read(head, missing)).rejects.toSatisfy((error) => codeOf(error) !== "ENTRY_MISSING");
    });
  });

  it("events that only one has are a disagreement", async () => {
    const { hash } = await using([chain.node.rpcUrl], (endpoints) => endpoints.head());
    const log = { address: chain.addresses.registry, topics: [hash], data: "0x", blockNumber: "0x1", blockHash: hash, transactionHash: hash, transactionIndex: "0x0", logIndex: "0x0", removed: false };
    one.lie = ({ method }) => (method === "eth_getLogs" ? [log] : undefined);
    await using([one.rpcUrl, two.rpcUrl, chain.node.rpcUrl], async (endpoints) => {
      const { number } = await endpoints.head();
      expect(await endpoints.logs({ fromBlock: 0, toBlock: number })).toEqual([]);
      expect(states(endpoints)).toEqual(["disagrees", "agrees", "agrees"]);
    });
    await using([one.rpcUrl, two.rpcUrl], async (endpoints) => {
      const { number } = await endpoints.head();
      await expect(endpoints.logs({ fromBlock: 0, toBlock: number })).rejects.toSatisfy((error) => codeOf(error) === "CHAIN_DISAGREES");
    });
  });
});

async function mineFork(): Promise<void> {
  const { number } = await using([chain.node.rpcUrl], (endpoints) => endpoints.head());
  await using([fork.rpcUrl], async (endpoints) => {
    const behind = number - (await endpoints.head()).number;
    if (behind > 0) await endpoints.primary.provider.send("anvil_mine", [`0x${behind.toString(16)}`]);
  });
}
