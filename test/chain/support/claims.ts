/** A claims contract with short clocks, a small model, and parties that play on it. */
import { Wallet } from "ethers";
import type { ClaimsAccount } from "../../../src/chain/claims/contract.js";
import { type ClaimsParameters, DEFAULT_PARAMETERS, deployClaims } from "../../../src/chain/claims/deployment.js";
import { submitClaim, type SubmittedClaim } from "../../../src/chain/claims/submitClaim.js";
import { Endpoints } from "../../../src/chain/endpoints.js";
import { DEFAULT_MAX_FEE, GWEI } from "../../../src/chain/fees.js";
import { Sender, type SenderOptions } from "../../../src/chain/sender.js";
import type { WatchEvent } from "../../../src/chain/watch/events.js";
import { fixedExecutions } from "../../../src/chain/watch/executions.js";
import { type Role, Watcher } from "../../../src/chain/watch/watcher.js";
import { ownExecution, type OwnExecution } from "../../../src/optimistic/execution/party.js";
import { commitInMemory, type CommittedModel } from "../../../src/optimistic/model/model.js";
import { referenceTrace, type Trace } from "../../../src/optimistic/trace/trace.js";
import type { Program, TensorData } from "../../../src/program/types.js";
import { ProgramBuilder } from "../../../src/quantize/builder.js";
import { port } from "../../support/operationPrograms.js";
import { constant } from "../../support/tinyModels.js";
import { type Chain, startChain } from "./chain.js";
import { Random } from "./random.js";

export const PARAMETERS: ClaimsParameters = {
  ...DEFAULT_PARAMETERS,
  window: 600,
  clock: 300,
  grace: 60,
  worstGas: 3_000_000n,
  statedPrice: 10n * GWEI,
  claimBond: 2n * 10n ** 17n,
  challengeBond: 3n * 10n ** 16n,
};

/** 1,200 terms an element, then 12, then a rescaling in the same step: games with partial sums and without. */
export function toyProgram(): Program {
  const random = new Random(7);
  const numbers = (count: number, low: number, high: number): number[] => Array.from({ length: count }, () => random.between(low, high));
  const builder = new ProgramBuilder();
  const x = builder.input("x", [1, 1200], "u8");
  const long = builder.push({ kind: "linear", node: "long", input: x, weight: constant([12, 1200], numbers(14_400, -20, 20)), bias: constant([12], numbers(12, -99, 99)) }, "long");
  const hidden = builder.push({ kind: "requantize", node: "long", input: long, shifts: [9], low: 0, high: 255 }, "hidden", "u8");
  const short = builder.push({ kind: "linear", node: "short", input: hidden, weight: constant([300, 12], numbers(3600, -20, 20)), bias: constant([300], numbers(300, -99, 99)) }, "short");
  const wide = builder.push({ kind: "requantize", node: "short", input: short, shifts: [5], low: 0, high: 255 }, "wide", "u8");
  const last = builder.push({ kind: "linear", node: "last", input: wide, weight: constant([10, 300], numbers(3000, -20, 20)), bias: constant([10], numbers(10, -99, 99)) }, "last");
  const scores = builder.push({ kind: "requantize", node: "last", input: last, shifts: [4], low: -32768, high: 32767 }, "scores", "i16");
  return builder.finish([port("x", x)], [port("scores", scores)]);
}

export function toyInput(seed = 1): TensorData[] {
  const random = new Random(seed);
  return [Float64Array.from({ length: 1200 }, () => random.between(0, 255))];
}

/** Someone with an account and an opinion. */
export interface Player {
  readonly account: ClaimsAccount;
  readonly address: string;
  readonly events: WatchEvent[];
  /** Acts on the chain as it stands. */
  readonly act: () => Promise<void>;
  readonly watcher: (role: Role, signal?: AbortSignal) => Watcher;
}

export class ClaimsRig {
  readonly model: CommittedModel = commitInMemory(toyProgram());

  private constructor(
    readonly chain: Chain,
    readonly address: string,
  ) {}

  static async start(parameters: ClaimsParameters = PARAMETERS): Promise<ClaimsRig> {
    const chain = await startChain();
    return new ClaimsRig(chain, await deployClaims(chain.connection, parameters));
  }

  close(): Promise<void> {
    return this.chain.close();
  }

  rpc(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return this.chain.connection.provider.send(method, [...params]) as Promise<unknown>;
  }

  /** Seconds go by, and a block is mined. */
  async wait(seconds: number): Promise<void> {
    await this.rpc("evm_increaseTime", seconds);
    await this.rpc("anvil_mine", "0x1");
  }

  honest(input = toyInput()): Trace {
    return referenceTrace(this.model.plan, input);
  }

  async account(options: SenderOptions = {}, ether = 100n): Promise<ClaimsAccount> {
    const { provider } = this.chain.connection;
    const wallet = new Wallet(Wallet.createRandom().privateKey, provider);
    await this.rpc("anvil_setBalance", wallet.address, `0x${(ether * 10n ** 18n).toString(16)}`);
    const endpoints = Endpoints.of({ ...this.chain.connection, account: wallet });
    return { endpoints, address: this.address, sender: new Sender(endpoints, options) };
  }

  /** @param trace what the player holds for the execution of every claim; undefined: it lacks the model */
  async player(role: Role, trace: Trace | undefined, given?: ClaimsAccount): Promise<Player> {
    return playerOf(given ?? (await this.account()), role, trace === undefined ? undefined : ownExecution(this.model, trace));
  }

  claim(account: ClaimsAccount, trace: Trace, nonce = 0n): Promise<SubmittedClaim> {
    return submitClaim(account, this.model, trace, { nonce, bond: PARAMETERS.claimBond });
  }
}

export async function playerOf(account: ClaimsAccount, role: Role, own: OwnExecution | undefined): Promise<Player> {
  const events: WatchEvent[] = [];
  const watcher = (as: Role, signal?: AbortSignal): Watcher => new Watcher(account, fixedExecutions(own), { role: as, maxFee: DEFAULT_MAX_FEE, signal, onEvent: (event) => events.push(event), intervalMs: 20 });
  return { account, address: await account.sender.address(), events, act: () => watcher(role).once(), watcher };
}
