/** A claims contract on an embedded node, played by a harness: many moves a transaction, and what each of them did. */
import { getCreateAddress, Interface, keccak256, toQuantity } from "ethers";
import { startAnvil } from "../../../src/chain/anvil.js";
import { compileContracts } from "../../../src/chain/compileContracts.js";
import type { Address } from "../../../src/optimistic/dispute/state.js";
import { type Abi, calldata } from "../../optimistic/step/support/abi.js";
import { type Compiled, compiledContract, compileHarness } from "./compile.js";
import type { Abis } from "./calldata.js";

/** EIP-7825's cap on a transaction. */
const GAS = 16_777_216;
/** Of whom the first posts claims. */
export const ACTORS_A_LANE = 4;
const PLAYED = keccak256(Buffer.from("Played(bool,bytes4,bytes)"));

export const PARAMETERS = {
  window: 600,
  clock: 240,
  grace: 60,
  worstGas: 1_500_000n,
  statedPrice: 10n ** 9n,
  claimBond: 6n * 10n ** 15n,
  challengeBond: 16n * 10n ** 14n,
} as const;

export interface Step {
  readonly actor: number;
  readonly value: bigint;
  readonly claimId: string;
  readonly root: string;
  readonly data: string;
}

export interface Result {
  /** Name of the custom error; undefined: the move was accepted. */
  readonly error: string | undefined;
  /** Words of {Harness.stateOf}. */
  readonly state: readonly bigint[];
}

interface Receipt {
  readonly status: string;
  readonly contractAddress: string | null;
  readonly logs: readonly { readonly address: string; readonly topics: readonly string[]; readonly data: string }[];
}

export class Rig {
  readonly abis: Abis;
  #uploads = 0;

  private constructor(
    private readonly url: string,
    private readonly account: string,
    private readonly harnessAbi: Interface,
    private readonly harness: string,
    private readonly claims: string,
    readonly actors: readonly Address[],
    claimsAbi: Interface,
    readonly close: () => Promise<void>,
  ) {
    this.abis = { claims: claimsAbi, executor: compiledContract("StepExecutor").abi };
    this.#errors = errorNames([claimsAbi, this.abis.executor]);
  }

  readonly #errors: ReadonlyMap<string, string>;

  static async start(lanes: number): Promise<Rig> {
    compileContracts();
    const contracts = compileHarness();
    const node = await startAnvil();
    await rpc(node.rpcUrl, "evm_setAutomine", [false]);
    const [account] = (await rpc(node.rpcUrl, "eth_accounts", [])) as string[];
    const send = async (request: Readonly<Record<string, string>>): Promise<Receipt> => transact(node.rpcUrl, { from: account, ...request });
    const create = async ({ bytecode, abi }: Compiled, ...args: readonly unknown[]): Promise<string> => {
      const { contractAddress } = await send({ data: bytecode + abi.encodeDeploy([...args]).slice(2) });
      if (contractAddress === null) throw new Error("no contract was created");
      return contractAddress;
    };
    const executor = await create(contracts.BelievingExecutor);
    const registry = await create(contracts.BelievingRegistry);
    const compiled = compiledContract("Claims");
    const claims = await create(compiled, { ...PARAMETERS, allowDevEntries: false, executor, registry, groth16: registry, twoRound: registry });
    const harness = await create(contracts.Harness);
    const { abi } = contracts.Harness;
    for (let hired = 0; hired < lanes * ACTORS_A_LANE; hired += 20) await send({ to: harness, data: abi.encodeFunctionData("hire", [Math.min(20, lanes * ACTORS_A_LANE - hired)]) });
    await send({ to: harness, value: toQuantity(1000n * 10n ** 18n) });
    // A contract's nonces begin with 1.
    const actors = Array.from({ length: lanes * ACTORS_A_LANE }, (_, i) => getCreateAddress({ from: harness, nonce: i + 1 }).toLowerCase() as Address);
    return new Rig(node.rpcUrl, account, abi, harness, claims, actors, compiled.abi, () => node.stop());
  }

  async now(): Promise<number> {
    const block = (await rpc(this.url, "eth_getBlockByNumber", ["latest", false])) as { timestamp: string };
    return Number(block.timestamp);
  }

  /** A complete upload of the account's; its nonce. */
  async upload(bytes: Uint8Array): Promise<{ readonly uploader: string; readonly upload: number }> {
    const upload = this.#uploads++;
    await this.#send({ to: this.claims, data: calldata(this.abis.claims, "upload", [upload, 0, bytes, 1]) });
    return { uploader: this.account, upload };
  }

  /** Plays moves one after another at a time, which must be later than the last. */
  async play(steps: readonly Step[], now: number): Promise<Result[]> {
    const list: Abi = { list: steps.map(({ actor, value, claimId, root, data }): Abi => ({ tuple: [actor, value, claimId, root, Buffer.from(data.slice(2), "hex")] })) };
    const data = calldata(this.harnessAbi, "play", [BigInt(this.claims), list]);
    const { logs } = await this.#send({ to: this.harness, data }, now);
    const results = logs.filter(({ topics }) => topics[0] === PLAYED).map(({ data: words }) => this.#result(words));
    if (results.length !== steps.length) throw new Error("a transaction was too long for its gas");
    return results;
  }

  #result(data: string): Result {
    // bool, bytes4, offset, length, then the state.
    const words = Array.from({ length: (data.length - 2) / 64 }, (_, i) => data.slice(2 + 64 * i, 66 + 64 * i));
    const done = words[0].endsWith("1");
    const selector = words[1].slice(0, 8);
    return { error: done ? undefined : (this.#errors.get(selector) ?? `unknown ${selector}`), state: words.slice(4).map((word) => BigInt(`0x${word}`)) };
  }

  #send(request: Readonly<Record<string, string>>, now?: number): Promise<Receipt> {
    return transact(this.url, { from: this.account, ...request }, now);
  }
}

function errorNames(abis: readonly Interface[]): ReadonlyMap<string, string> {
  const names = new Map([["4e487b71", "Panic"], ["00000000", "no reason"]]);
  for (const abi of abis) abi.forEachError(({ selector, name }) => names.set(selector.slice(2), name));
  return names;
}

/** In a block of its own, at that time if one is given. */
async function transact(url: string, request: Readonly<Record<string, string>>, now?: number): Promise<Receipt> {
  const fees = { gas: toQuantity(GAS), maxFeePerGas: toQuantity(10n ** 12n), maxPriorityFeePerGas: toQuantity(10n ** 9n) };
  const hash = await rpc(url, "eth_sendTransaction", [{ ...fees, ...request }]);
  await rpc(url, "evm_mine", now === undefined ? [] : [now]);
  const receipt = (await rpc(url, "eth_getTransactionReceipt", [hash])) as Receipt | null;
  if (receipt?.status !== "0x1") throw new Error(`the transaction failed: ${JSON.stringify(receipt)}`);
  return receipt;
}

async function rpc(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }) });
  const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (error !== undefined) throw new Error(`${method}: ${error.message}`);
  return result;
}
