/**
 * A node with a claims contract of short clocks. Time goes by as the test says; after every transaction, mined or reverted, all
 * money is added up.
 */
import { getAddress, Interface, JsonRpcProvider, keccak256, type Log, type LogDescription, type Result, toBeHex } from "ethers";
import { expect } from "vitest";
import { loadArtifact } from "../../../../src/chain/artifacts.js";
import type { ClaimsContract } from "../../../../src/chain/claims/contract.js";
import { type ClaimsParameters, DEFAULT_PARAMETERS, deployClaims } from "../../../../src/chain/claims/deployment.js";
import { type Deployment, readParameters } from "../../../../src/chain/claims/readParameters.js";
import { Endpoints, type Head } from "../../../../src/chain/endpoints.js";
import { lower } from "../../../../src/chain/hex.js";
import type { Hash } from "../../../../src/optimistic/dispute/hash.js";
import type { Address } from "../../../../src/optimistic/dispute/state.js";
import { type Chain, startChain } from "../../../chain/support/chain.js";
import { Ledger } from "./ledger.js";
import { hex, type Request, Rpc, RpcError } from "./rpc.js";

export const GWEI = 10n ** 9n;
const WORST_GAS = 3_000_000n;
const PRICE = 20n * GWEI;

/** Bonds as small as the contract takes them, so that nothing is paid from what is there by chance. */
export const PARAMETERS: ClaimsParameters = {
  ...DEFAULT_PARAMETERS,
  window: 600,
  clock: 300,
  grace: 60,
  worstGas: WORST_GAS,
  statedPrice: PRICE,
  claimBond: 4n * WORST_GAS * PRICE,
  challengeBond: WORST_GAS * PRICE,
};

/** EIP-7825. */
const GAS = 16_777_216n;
/** What nodes pass on. */
const MAX_TRANSACTION_BYTES = 131_072;
const FUNDS = 1000n * 10n ** 18n;
const BURN = "0x000000000000000000000000000000000000dEaD";
/** Functions whose gas is credited. */
const MOVES = new Set(["open", "answer", "execute", "sums", "refute", "expire"]);

/** A call of the claims contract. */
export interface Transaction {
  readonly from: Address;
  readonly name: string;
  readonly args: readonly unknown[];
  /** Wei. */
  readonly value?: bigint;
  /** Bytes behind the arguments. */
  readonly padding?: string;
}

export interface Mined {
  /** Whether the contract took it. */
  readonly done: boolean;
  readonly timestamp: number;
  /** Wei. */
  readonly fee: bigint;
  readonly events: readonly LogDescription[];
}

/** Sees a transaction before it is mined, and may be faster. */
export type Listener = (seen: Transaction) => Promise<void>;

/** All that a test leaves behind. */
interface Case {
  readonly ledger: Ledger;
  readonly claims: Set<Hash>;
  /** Claim and root by game id. */
  readonly games: Map<Hash, readonly [claimId: Hash, root: Hash]>;
  readonly holders: Set<Address>;
  readonly listeners: Set<Listener>;
  /** Time of the next transaction. */
  now: number;
  /** Wei a gas; undefined: as the chain has it. */
  baseFee: bigint | undefined;
}

interface RawReceipt {
  readonly status: string;
  readonly gasUsed: string;
  readonly effectiveGasPrice: string;
  readonly blockNumber: string;
  readonly logs: readonly (Pick<Log, "address" | "data"> & { readonly topics: string[] })[];
}

export class Court {
  readonly abi = loadArtifact("Claims").abi;
  readonly #rpc: Rpc;
  #case: Case = emptyCase(0);
  #base = "";
  #accounts = 0;
  /** Cases so far, and transactions in all of them. */
  cases = 0;
  transactions = 0;

  private constructor(
    private readonly chain: Chain,
    private readonly provider: JsonRpcProvider,
    readonly contract: ClaimsContract,
  ) {
    this.#rpc = new Rpc(chain.node.rpcUrl);
  }

  static async start(parameters: ClaimsParameters = PARAMETERS): Promise<Court> {
    const chain = await startChain();
    const address = await deployClaims(chain.connection, parameters);
    const provider = new JsonRpcProvider(chain.node.rpcUrl, chain.connection.chainId, { staticNetwork: true, cacheTimeout: -1, batchStallTime: 0 });
    const court = new Court(chain, provider, { endpoints: Endpoints.of({ ...chain.connection, provider }), address });
    await court.#rpc.call("anvil_autoImpersonateAccount", true);
    await court.rest();
    return court;
  }

  async stop(): Promise<void> {
    this.provider.destroy();
    await this.chain.close();
  }

  // ---------------------------------------------------------------- cases

  /** What is there now is where every case begins. */
  async rest(): Promise<void> {
    this.#base = (await this.#rpc.call("evm_snapshot")) as string;
    this.#case = emptyCase((await this.head()).timestamp + 1);
    this.cases++;
  }

  /** Begins a case. */
  async reset(): Promise<void> {
    if (!(await this.#rpc.call("evm_revert", this.#base))) throw new Error("the snapshot is gone");
    await this.rest();
  }

  get ledger(): Ledger {
    return this.#case.ledger;
  }

  get listeners(): Set<Listener> {
    return this.#case.listeners;
  }

  get claims(): readonly Hash[] {
    return [...this.#case.claims];
  }

  get holders(): readonly Address[] {
    return [...this.#case.holders];
  }

  /** Somebody new, with ether. */
  async account(): Promise<Address> {
    const address = lower(getAddress(`0x${keccak256(toBeHex(++this.#accounts)).slice(26)}`));
    await this.#rpc.call("anvil_setBalance", address, hex(FUNDS));
    this.ledger.open(address, FUNDS);
    return address;
  }

  // ---------------------------------------------------------------- time

  /** The next transaction's. */
  get now(): number {
    return this.#case.now;
  }

  /** Nothing happens until then. */
  passTo(timestamp: number): void {
    if (timestamp < this.#case.now) throw new Error("time only goes on");
    this.#case.now = timestamp;
  }

  /** From now on. */
  setBaseFee(wei: bigint): void {
    this.#case.baseFee = wei;
  }

  // ---------------------------------------------------------------- transactions

  /** Mines a transaction, unless others come first. */
  async send(transaction: Transaction): Promise<Mined> {
    for (const listener of this.listeners) await listener(transaction);
    return this.sendUnseen(transaction);
  }

  /** Mines a transaction that nobody sees coming. */
  async sendUnseen(transaction: Transaction): Promise<Mined> {
    return this.#await(transaction, await this.submit(transaction));
  }

  /** As {@link sendUnseen}; a revert is an error. */
  async must(transaction: Transaction): Promise<Mined> {
    const mined = await this.sendUnseen(transaction);
    if (!mined.done) throw new Error(`${transaction.name} reverted: ${await this.refusal(transaction)}`);
    return mined;
  }

  /** Name of the error that the call reverts with now, or "done". Nothing is mined. */
  async refusal(transaction: Transaction): Promise<string> {
    return (await this.refusals([transaction]))[0];
  }

  async refusals(transactions: readonly Transaction[]): Promise<string[]> {
    return Promise.all(
      transactions.map(async (transaction) => {
        try {
          await this.#rpc.call("eth_call", this.#request(transaction), "latest");
          return "done";
        } catch (error) {
          if (!(error instanceof RpcError) || typeof error.data !== "string") throw error;
          return errorName(error.data);
        }
      }),
    );
  }

  /** Gives a transaction to the node; its hash. */
  async submit(transaction: Transaction): Promise<string> {
    const request = this.#request(transaction);
    expect(request.data.length / 2, `bytes of ${transaction.name}`).toBeLessThan(MAX_TRANSACTION_BYTES);
    const { now, baseFee } = this.#case;
    await this.#rpc.call("evm_setNextBlockTimestamp", now);
    if (baseFee !== undefined) await this.#rpc.call("anvil_setNextBlockBaseFeePerGas", hex(baseFee));
    return (await this.#rpc.call("eth_sendTransaction", request)) as string;
  }

  /** What a transaction that was given to the node came to. */
  async #await(transaction: Transaction, hash: string): Promise<Mined> {
    for (;;) {
      // A busy node mines a moment after it took the transaction.
      const receipt = (await this.#rpc.call("eth_getTransactionReceipt", hash)) as RawReceipt | null;
      if (receipt !== null) return this.#book(transaction, receipt);
    }
  }

  /** Mines transactions in one block: all were on their way at the same time. */
  async together(transactions: readonly Transaction[]): Promise<Mined[]> {
    await this.#rpc.call("evm_setAutomine", false);
    const hashes: string[] = [];
    for (const transaction of transactions) hashes.push(await this.submit(transaction));
    await this.#rpc.call("evm_mine");
    await this.#rpc.call("evm_setAutomine", true);
    const receipts = (await this.#rpc.batch(hashes.map((hash) => ({ method: "eth_getTransactionReceipt", params: [hash] })))) as RawReceipt[];
    const mined: Mined[] = [];
    for (const [i, receipt] of receipts.entries()) mined.push(await this.#book(transactions[i], receipt, i === receipts.length - 1));
    return mined;
  }

  #request({ from, name, args, value = 0n, padding = "" }: Transaction): Record<"from" | "to" | "data" | "value" | "gas" | "maxFeePerGas" | "maxPriorityFeePerGas", string> {
    const data = this.abi.encodeFunctionData(name, args) + padding;
    return { from, to: this.contract.address, data, value: hex(value), gas: hex(GAS), maxFeePerGas: hex(PRICE), maxPriorityFeePerGas: hex(GWEI) };
  }

  async #book({ from, name, args, value = 0n }: Transaction, receipt: RawReceipt, isLast = true): Promise<Mined> {
    const { claims, games, holders, ledger, now } = this.#case;
    const done = receipt.status === "0x1";
    const fee = BigInt(receipt.gasUsed) * BigInt(receipt.effectiveGasPrice);
    const events = receipt.logs.filter(({ address }) => lower(address) === lower(this.contract.address)).flatMap((log) => this.abi.parseLog(log) ?? []);
    let paidOut = 0n;
    for (const { name: event, args: said } of events) {
      if (event === "ClaimPosted") claims.add(lower(said.claimId as string));
      if (event === "GameOpened") games.set(lower(said.gameId as string), [lower(said.claimId as string), lower(said.root as string)]);
      if (event === "Credited") holders.add(lower(said.account as string));
      if (event === "Withdrawn") paidOut += said.amount as bigint;
    }
    const isMove = done && MOVES.has(name) && !events.some((event) => event.name === "GameJoined");
    ledger.book({ from, fee, paidIn: done ? value : 0n, paidOut: name === "withdraw" && String(args[0]) === from ? paidOut : 0n, isMove });
    this.transactions++;
    if (isLast) {
      this.#case.now = now + 1;
      await this.checkMoney();
    }
    return { done, timestamp: now, fee, events };
  }

  // ---------------------------------------------------------------- reading

  async head(): Promise<Head> {
    const block = (await this.#rpc.call("eth_getBlockByNumber", "latest", false)) as Readonly<Record<"number" | "hash" | "timestamp" | "baseFeePerGas" | "gasLimit", string>>;
    return { number: Number(block.number), hash: block.hash, timestamp: Number(block.timestamp), baseFee: BigInt(block.baseFeePerGas), gasLimit: BigInt(block.gasLimit), finalized: 0 };
  }

  parameters(): Promise<Deployment> {
    return this.head().then((head) => readParameters(this.contract, head));
  }

  /** The getter's only result. */
  async read<T>(name: string, ...args: readonly unknown[]): Promise<T> {
    return this.#decode(name, await this.#rpc.call("eth_call", ...this.#getter(name, args).params)) as T;
  }

  async etherOf(address: string): Promise<bigint> {
    return BigInt((await this.#rpc.call("eth_getBalance", address, "latest")) as string);
  }

  // ---------------------------------------------------------------- money

  /** The contract's ether = bonds locked + pots + balances = all that was paid in − paid out − burned. */
  async checkMoney(): Promise<void> {
    const { claims, games, holders, ledger } = this.#case;
    const calls: (readonly [name: string, ...args: unknown[]])[] = [
      ...[...claims].flatMap((id) => [["claim", id], ["pot", id]] as const),
      ...[...games].flatMap(([id, game]) => [["game", ...game], ["pot", id]] as const),
      ...[...holders].map((holder) => ["balanceOf", holder] as const),
    ];
    const [ether, burned, ...results] = await this.#rpc.batch([
      { method: "eth_getBalance", params: [this.contract.address, "latest"] },
      { method: "eth_getBalance", params: [BURN, "latest"] },
      ...calls.map(([name, ...args]) => this.#getter(name, args)),
    ]);
    const owed = calls.map(([name], i) => weiOf(this.#decode(name, results[i]))).reduce((sum, wei) => sum + wei, 0n);
    expect(BigInt(ether as string), "the contract's ether = what it owes").toBe(owed);
    expect(owed, "money in = money out + burned + held").toBe(ledger.held(BigInt(burned as string)));
  }

  /** When all has been collected and withdrawn. */
  async expectEmpty(): Promise<void> {
    const { claims, games } = this.#case;
    expect(await this.etherOf(this.contract.address), "nothing is stuck").toBe(0n);
    for (const id of [...claims, ...games.keys()]) expect(weiOf(await this.read("pot", id)), `pot ${id}`).toBe(0n);
  }

  #getter(name: string, args: readonly unknown[]): Request {
    return { method: "eth_call", params: [{ to: this.contract.address, data: this.abi.encodeFunctionData(name, args) }, "latest"] };
  }

  #decode(name: string, data: unknown): unknown {
    return this.abi.decodeFunctionResult(name, data as string)[0];
  }
}

function emptyCase(now: number): Case {
  return { ledger: new Ledger(), claims: new Set(), games: new Map(), holders: new Set(), listeners: new Set(), now, baseFee: undefined };
}

/** A balance, or what a claim or game has locked, or what a pot holds. */
function weiOf(value: unknown): bigint {
  if (typeof value === "bigint") return value;
  const { bond, amount } = (value as Result).toObject() as { readonly bond?: bigint; readonly amount?: bigint };
  return bond ?? amount ?? 0n;
}

/** Errors of libraries are in no contract's ABI. */
const LIBRARIES = new Interface(["error ProofLength(uint256,uint256)", "error IndexOutOfRange(uint256)", "error ChunkLength(uint256,uint256)", "error IndicesLength(uint256)", "error IndicesUnordered(uint256)", "error Panic(uint256)"]);

function errorName(data: string): string {
  if (data === "0x") return "reverted";
  for (const abi of [loadArtifact("Claims").abi, loadArtifact("StepExecutor").abi, LIBRARIES]) {
    const name = abi.parseError(data)?.name;
    if (name !== undefined) return name;
  }
  return data;
}
