/** An embedded node with a claims contract of short clocks, and accounts whose money is added up after every transaction. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AbiCoder, concat, type EventLog, getAddress, Interface, type InterfaceAbi, keccak256, type LogDescription, Result, ZeroAddress } from "ethers";
import { expect } from "vitest";
import { type EmbeddedNode, startAnvil } from "../../../../src/chain/anvil.js";
import { compileContracts } from "../../../../src/chain/compileContracts.js";
import { packageRoot } from "../../../../src/packageRoot.js";

/** Largest transaction that nodes pass on; anvil takes larger ones. */
const MAX_TRANSACTION_BYTES = 131_072;
/** EIP-7825. */
const GAS = 16_777_216n;
const GWEI = 10n ** 9n;
export const BURN = "0x000000000000000000000000000000000000dEaD";

export const PARAMETERS = {
  window: 3600n,
  clock: 1800n,
  grace: 60n,
  worstGas: 3_000_000n,
  statedPrice: 100n * GWEI,
  claimBond: 2n * 10n ** 18n,
  challengeBond: 4n * 10n ** 17n,
  allowDevEntries: false,
};
export type Parameters = typeof PARAMETERS;

export interface Compiled {
  readonly abi: Interface;
  readonly bytecode: string;
}

export function compiled(name: string): Compiled {
  const { abi, bytecode } = JSON.parse(readFileSync(join(packageRoot(), "dist", "contracts", `${name}.json`), "utf8")) as { abi: InterfaceAbi; bytecode: string };
  return { abi: new Interface(abi), bytecode };
}

export interface Receipt {
  readonly gasUsed: bigint;
  /** Wei, of the whole transaction. */
  readonly fee: bigint;
  readonly calldata: string;
  /** Of the claims contract. */
  readonly events: readonly LogDescription[];
  readonly timestamp: number;
}

interface RawReceipt {
  readonly status: string;
  readonly gasUsed: string;
  readonly effectiveGasPrice: string;
  readonly contractAddress: string | null;
  readonly blockNumber: string;
  readonly logs: readonly (Pick<EventLog, "address" | "data"> & { readonly topics: string[] })[];
}

class RpcError extends Error {
  constructor(
    message: string,
    readonly data: unknown,
  ) {
    super(message);
  }
}

export class Arena {
  readonly claims = compiled("Claims").abi;
  readonly executor = compiled("StepExecutor").abi;
  /** Claims and games that were made, for the sums of what is locked. */
  #claimIds = new Set<string>();
  #games = new Map<string, readonly [string, string]>();
  /** The same at each snapshot. */
  readonly #known = new Map<string, { readonly claimIds: readonly string[]; readonly games: readonly (readonly [string, readonly [string, string]])[] }>();
  readonly #holders = new Set<string>();

  private constructor(
    readonly node: EmbeddedNode,
    readonly accounts: readonly string[],
    readonly addresses: Readonly<Record<"Registry" | "Groth16Verifier" | "TwoRoundVerifier" | "StepExecutor", string>>,
    readonly parameters: Parameters,
    public address: string,
  ) {
    for (const account of accounts) this.#holders.add(account);
  }

  static async start(part: Partial<Parameters> = {}): Promise<Arena> {
    compileContracts();
    const node = await startAnvil();
    const nothing = { Registry: "", Groth16Verifier: "", TwoRoundVerifier: "", StepExecutor: "" };
    const bare = new Arena(node, [], nothing, PARAMETERS, ZeroAddress);
    const accounts = ((await bare.rpc("eth_accounts", [])) as string[]).map(getAddress);
    const Registry = await bare.create(accounts[0], concat([compiled("Registry").bytecode, compiled("Registry").abi.encodeDeploy([true])]));
    const verifier = (name: string): Promise<string> => bare.create(accounts[0], concat([compiled(name).bytecode, AbiCoder.defaultAbiCoder().encode(["address"], [Registry])]));
    const addresses = {
      Registry,
      Groth16Verifier: await verifier("Groth16Verifier"),
      TwoRoundVerifier: await verifier("TwoRoundVerifier"),
      StepExecutor: await bare.create(accounts[0], compiled("StepExecutor").bytecode),
    };
    const arena = new Arena(node, accounts, addresses, { ...PARAMETERS, ...part }, ZeroAddress);
    arena.address = await bare.create(accounts[0], arena.creation(arena.parameters));
    return arena;
  }

  /** Creation code of a claims contract. */
  creation(parameters: Parameters): string {
    const { Registry: registry, Groth16Verifier: groth16, TwoRoundVerifier: twoRound, StepExecutor: executor } = this.addresses;
    const { bytecode, abi } = compiled("Claims");
    return concat([bytecode, abi.encodeDeploy([{ ...parameters, executor, registry, groth16, twoRound }])]);
  }

  async stop(): Promise<void> {
    await this.node.stop();
  }

  // ---------------------------------------------------------------- transactions

  /** Sends a call that must succeed; the money is added up afterwards. */
  async send(from: string, name: string, args: readonly unknown[], value = 0n): Promise<Receipt> {
    const data = this.claims.encodeFunctionData(name, args);
    if (name === "open") this.#games.set(`${String(args[0])}${String(args[1])}`, [String(args[0]), String(args[1])]);
    return this.sendData(from, this.address, data, value);
  }

  async sendData(from: string, to: string, data: string, value = 0n, fields: Readonly<Record<string, string>> = {}): Promise<Receipt> {
    expect(data.length / 2).toBeLessThan(MAX_TRANSACTION_BYTES);
    const request = { from, to, data, value: hex(value), gas: hex(GAS), ...fields };
    const receipt = await this.#mined(request);
    if (receipt.status !== "0x1") throw new Error(`reverted: ${await this.#reason(request)}`);
    const events = receipt.logs.filter(({ address }) => address.toLowerCase() === this.address.toLowerCase()).flatMap((log) => this.claims.parseLog(log) ?? []);
    for (const { name, args } of events) {
      if (name === "ClaimPosted") this.#claimIds.add(String(args.claimId));
      if (name === "Credited") this.#holders.add(String(args.account));
    }
    const block = (await this.rpc("eth_getBlockByNumber", [receipt.blockNumber, false])) as { timestamp: string };
    await this.checkMoney();
    return { gasUsed: BigInt(receipt.gasUsed), fee: BigInt(receipt.gasUsed) * BigInt(receipt.effectiveGasPrice), calldata: data, events, timestamp: Number(block.timestamp) };
  }

  /** Name of the error that the call reverts with, or "done". Nothing is mined. */
  async refusal(from: string, name: string, args: readonly unknown[], value = 0n): Promise<string> {
    return this.refusalOf(from, this.claims.encodeFunctionData(name, args), value);
  }

  async refusalOf(from: string, data: string, value = 0n, to: string | null = this.address): Promise<string> {
    return this.#reason({ from, data, value: hex(value), gas: hex(GAS), ...(to === null ? {} : { to }) });
  }

  async create(from: string, data: string): Promise<string> {
    const receipt = await this.#mined({ from, data, gas: hex(GAS) });
    if (receipt.status !== "0x1" || receipt.contractAddress === null) throw new Error(`no contract was created: ${await this.#reason({ from, data, gas: hex(GAS) })}`);
    return receipt.contractAddress;
  }

  /** A busy node mines a moment after it took the transaction. */
  async #mined(request: Readonly<Record<string, string>>): Promise<RawReceipt> {
    const hash = await this.rpc("eth_sendTransaction", [request]);
    for (;;) {
      const receipt = (await this.rpc("eth_getTransactionReceipt", [hash])) as RawReceipt | null;
      if (receipt !== null) return receipt;
    }
  }

  async #reason(request: Readonly<Record<string, string>>): Promise<string> {
    try {
      await this.rpc("eth_call", [request, "latest"]);
      return "done";
    } catch (error) {
      if (!(error instanceof RpcError) || typeof error.data !== "string") throw error;
      return errorName(error.data, [this.claims, this.executor, compiled("Registry").abi, compiled("Groth16Verifier").abi, LIBRARIES]);
    }
  }

  // ---------------------------------------------------------------- reading

  /** The function's only result. */
  async read<T = unknown>(name: string, ...args: readonly unknown[]): Promise<T> {
    const result = (await this.rpc("eth_call", [{ to: this.address, data: this.claims.encodeFunctionData(name, args) }, "latest"])) as string;
    const value: unknown = this.claims.decodeFunctionResult(name, result)[0];
    return (value instanceof Result ? value.toObject() : value) as T;
  }

  async readAll(name: string, ...args: readonly unknown[]): Promise<readonly unknown[]> {
    const result = (await this.rpc("eth_call", [{ to: this.address, data: this.claims.encodeFunctionData(name, args) }, "latest"])) as string;
    return this.claims.decodeFunctionResult(name, result).toArray() as unknown[];
  }

  async etherOf(account: string): Promise<bigint> {
    return BigInt((await this.rpc("eth_getBalance", [account, "latest"])) as string);
  }

  // ---------------------------------------------------------------- time

  async now(): Promise<number> {
    return Number(((await this.rpc("eth_getBlockByNumber", ["latest", false])) as { timestamp: string }).timestamp);
  }

  /** The next transaction's time; calls before it see the present block's. */
  async nextAt(timestamp: number | bigint): Promise<void> {
    await this.rpc("evm_setNextBlockTimestamp", [Number(timestamp)]);
  }

  /** Mines an empty block at this time, so that calls see it, too. */
  async mineAt(timestamp: number | bigint): Promise<void> {
    await this.nextAt(timestamp);
    await this.rpc("evm_mine", []);
  }

  async pass(seconds: number | bigint): Promise<void> {
    await this.mineAt((await this.now()) + Number(seconds));
  }

  async snapshot(): Promise<string> {
    const snapshot = (await this.rpc("evm_snapshot", [])) as string;
    this.#known.set(snapshot, { claimIds: [...this.#claimIds], games: [...this.#games] });
    return snapshot;
  }

  async restore(snapshot: string): Promise<void> {
    if (!(await this.rpc("evm_revert", [snapshot]))) throw new Error("no such snapshot");
    const { claimIds = [], games = [] } = this.#known.get(snapshot) ?? {};
    this.#claimIds = new Set(claimIds);
    this.#games = new Map(games);
  }

  // ---------------------------------------------------------------- money

  /** Ether of the contract = bonds locked + pots + balances. Whatever else left it was withdrawn or burned. */
  async checkMoney(): Promise<void> {
    const games = [...this.#games.values()];
    const pots = [...this.#claimIds, ...games.map(([claimId, root]) => gameIdOf(claimId, root))];
    const calls: (readonly [string, ...unknown[]])[] = [
      ...[...this.#claimIds].map((id) => ["claim", id] as const),
      ...games.map((game) => ["game", ...game] as const),
      ...pots.map((id) => ["pot", id] as const),
      ...[...this.#holders].map((account) => ["balanceOf", account] as const),
    ];
    const [ether, ...results] = await this.batch([
      { method: "eth_getBalance", params: [this.address, "latest"] },
      ...calls.map(([name, ...args]) => ({ method: "eth_call", params: [{ to: this.address, data: this.claims.encodeFunctionData(name, args) }, "latest"] })),
    ]);
    const owed = calls.map(([name], i) => wei(this.claims.decodeFunctionResult(name, results[i] as string)[0])).reduce((sum, amount) => sum + amount, 0n);
    expect(BigInt(ether as string), "ether of the contract = what it owes").toBe(owed);
  }

  // ---------------------------------------------------------------- requests

  async rpc(method: string, params: readonly unknown[]): Promise<unknown> {
    return (await this.batch([{ method, params }]))[0];
  }

  /** Several requests at once; the first error is thrown. */
  async batch(requests: readonly { readonly method: string; readonly params: readonly unknown[] }[]): Promise<unknown[]> {
    const body = JSON.stringify(requests.map((request, id) => ({ jsonrpc: "2.0", id, ...request })));
    const response = await fetch(this.node.rpcUrl, { method: "POST", headers: { "content-type": "application/json" }, body });
    const answers = (await response.json()) as { id: number; result?: unknown; error?: { message: string; data?: unknown } }[];
    return [...answers]
      .sort((a, b) => a.id - b.id)
      .map(({ id, result, error }) => {
        if (error !== undefined) throw new RpcError(`${requests[id].method}: ${error.message}`, error.data);
        return result;
      });
  }
}

export function gameIdOf(claimId: string, root: string): string {
  return keccak256(concat([claimId, root]));
}

/** A balance, or what a claim, a game or a pot holds. */
function wei(value: unknown): bigint {
  if (typeof value === "bigint") return value;
  const { bond, amount } = (value as Result).toObject() as { bond?: bigint; amount?: bigint };
  return bond ?? amount ?? 0n;
}

/** Errors of libraries are in no contract's ABI. */
const LIBRARIES = new Interface(["error ProofLength(uint256,uint256)", "error IndexOutOfRange(uint256)", "error ChunkLength(uint256,uint256)", "error Panic(uint256)"]);

function errorName(data: string, interfaces: readonly Interface[]): string {
  if (data === "0x") return "reverted";
  for (const candidate of interfaces) {
    const name = candidate.parseError(data)?.name;
    if (name !== undefined) return name;
  }
  return data;
}

export function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}
