/** Claims with both sides at hand, on a development node of its own: for the demo and the benchmark. */
import { Wallet } from "ethers";
import type { Hash } from "../../optimistic/dispute/hash.js";
import { type Status, STATUSES } from "../../optimistic/dispute/state.js";
import { type OwnExecution, ownExecution } from "../../optimistic/execution/party.js";
import type { CommittedModel } from "../../optimistic/model/index.js";
import { type Lie, lyingExecution, lyingTrace } from "../../optimistic/rehearsal/liar.js";
import type { Trace } from "../../optimistic/trace/trace.js";
import { startAnvil } from "../anvil.js";
import { type ClaimsAccount, readClaims } from "../claims/contract.js";
import { type ClaimsParameters, deployClaims } from "../claims/deployment.js";
import { proveFraud, questionOf } from "../claims/proveFraud.js";
import { submitClaim, type SubmittedClaim } from "../claims/submitClaim.js";
import { connect, type Connection } from "../connect.js";
import { deploy } from "../deploy.js";
import { Endpoints } from "../endpoints.js";
import { DEFAULT_MAX_FEE } from "../fees.js";
import { Sender } from "../sender.js";
import type { ActionName, WatchEvent } from "../watch/events.js";
import { fixedExecutions } from "../watch/executions.js";
import { type Role, Watcher } from "../watch/watcher.js";

export interface RehearsedTransaction {
  readonly by: Role;
  readonly action: ActionName;
  readonly gas: number;
  /** Milliseconds that its side took from looking at the chain to the receipt. */
  readonly ms: number;
}

export interface RehearsedDispute {
  readonly claim: SubmittedClaim;
  readonly status: Status;
  /** From the opening of the game to its end. */
  readonly transactions: readonly RehearsedTransaction[];
  /** Collecting and withdrawing afterwards. */
  readonly payments: readonly RehearsedTransaction[];
}

const FUNDS = 10_000n * 10n ** 18n;
const PAYMENTS: ReadonlySet<ActionName> = new Set(["collect", "withdraw", "finalize"]);
const MAX_ROUNDS = 40;

interface Party {
  readonly account: ClaimsAccount;
  readonly role: Role;
  readonly own: OwnExecution;
}

export class Rehearsal {
  private constructor(
    private readonly connection: Connection,
    private readonly address: string,
    readonly parameters: ClaimsParameters,
  ) {}

  /** A fresh node with all contracts, for as long as the action takes. */
  static async on<T>(parameters: ClaimsParameters, action: (rehearsal: Rehearsal) => Promise<T>): Promise<T> {
    const node = await startAnvil();
    try {
      const connection = await connect(node.rpcUrl, { devAccount: true });
      try {
        await deploy(connection);
        return await action(new Rehearsal(connection, await deployClaims(connection, parameters), parameters));
      } finally {
        connection.close();
      }
    } finally {
      await node.stop();
    }
  }

  /** Posts a true claim, lets a watcher look at it, and finalizes it after its window. */
  async honestClaim(model: CommittedModel, trace: Trace): Promise<{ readonly claim: SubmittedClaim; readonly final: boolean }> {
    const operator = await this.#account();
    const claim = await this.#claim(operator, model, trace);
    const own = ownExecution(model, trace);
    await act({ account: await this.#account(), role: "watcher", own });
    await this.#wait(this.parameters.window);
    await act({ account: operator, role: "operator", own });
    return { claim, final: await readClaims<boolean>(operator, await operator.endpoints.head(), "isFinal", claim.claimId) };
  }

  /** Posts a claim of a trace with one wrong element; its operator defends it as long as it can, a watcher attacks it. */
  async dispute(model: CommittedModel, honest: Trace, lie: Lie): Promise<RehearsedDispute> {
    const [operator, watcher] = [await this.#account(), await this.#account()];
    const wrong = lyingTrace(honest, lie);
    const claim = await this.#claim(operator, model, wrong);
    const sides = [
      { account: watcher, role: "watcher", own: ownExecution(model, honest) },
      { account: operator, role: "operator", own: lyingExecution(model, wrong) },
    ] as const;
    return this.#play(claim, sides);
  }

  /** Posts a true claim that a challenger with one wrong element attacks, and waits for it wherever nobody moves. */
  async attack(model: CommittedModel, honest: Trace, lie: Lie): Promise<RehearsedDispute> {
    const [operator, attacker] = [await this.#account(), await this.#account()];
    const claim = await this.#claim(operator, model, honest);
    const sides = [
      { account: attacker, role: "watcher", own: lyingExecution(model, lyingTrace(honest, lie)) },
      { account: operator, role: "operator", own: ownExecution(model, honest) },
    ] as const;
    return this.#play(claim, sides);
  }

  /** Posts the same wrong claim, and defeats it in one transaction by its own trace. @returns that transaction's gas */
  async oneShot(model: CommittedModel, honest: Trace, lie: Lie): Promise<number> {
    const wrong = lyingTrace(honest, lie);
    const { claimId } = await this.#claim(await this.#account(), model, wrong);
    const found = { kind: "element" as const, ...lie, node: "", claimed: wrong.element(lie.slot, lie.element), computed: honest.element(lie.slot, lie.element) };
    const { gasUsed } = await proveFraud(await this.#account(), claimId, questionOf(model, wrong, found));
    return Number(gasUsed);
  }

  /** Both act in turn until the claim has ended; where neither does anything, a clock and a window go by. */
  async #play(claim: SubmittedClaim, sides: readonly Party[]): Promise<RehearsedDispute> {
    const { window, clock, grace } = this.parameters;
    const all: RehearsedTransaction[] = [];
    let status: Status = "Posted";
    for (let round = 0; round < MAX_ROUNDS && status === "Posted"; round++) {
      const moves: RehearsedTransaction[] = [];
      for (const side of sides) moves.push(...(await act(side)));
      if (moves.length === 0) await this.#wait(Math.max(window, clock + grace) + 1);
      all.push(...moves);
      status = await this.#statusOf(sides[0].account, claim.claimId);
    }
    for (const side of sides) all.push(...(await act(side)));
    const isPayment = ({ action }: RehearsedTransaction): boolean => PAYMENTS.has(action);
    return { claim, status, transactions: all.filter((transaction) => !isPayment(transaction)), payments: all.filter(isPayment) };
  }

  /** With money of its own. */
  async #account(): Promise<ClaimsAccount> {
    const { provider } = this.connection;
    const wallet = new Wallet(Wallet.createRandom().privateKey, provider);
    await provider.send("anvil_setBalance", [wallet.address, `0x${FUNDS.toString(16)}`]);
    const endpoints = Endpoints.of({ ...this.connection, account: wallet });
    return { endpoints, address: this.address, sender: new Sender(endpoints) };
  }

  #claim(account: ClaimsAccount, model: CommittedModel, trace: Trace): Promise<SubmittedClaim> {
    return submitClaim(account, model, trace, { nonce: 0n, bond: this.parameters.claimBond });
  }

  async #wait(seconds: number): Promise<void> {
    await this.connection.provider.send("evm_increaseTime", [seconds]);
    await this.connection.provider.send("evm_mine", []);
  }

  async #statusOf(account: ClaimsAccount, claimId: Hash): Promise<Status> {
    const { status } = await readClaims<{ readonly status: bigint }>(account, await account.endpoints.head(), "claim", claimId);
    return STATUSES[Number(status)];
  }
}

/** Does all that a side can do now. */
async function act({ account, role, own }: Party): Promise<RehearsedTransaction[]> {
  const transactions: RehearsedTransaction[] = [];
  let since = performance.now();
  const onEvent = (event: WatchEvent): void => {
    if (event.kind !== "action") return;
    const now = performance.now();
    transactions.push({ by: role, action: event.action, gas: Number(event.gasUsed), ms: now - since });
    since = now;
  };
  await new Watcher(account, fixedExecutions(own), { role, maxFee: DEFAULT_MAX_FEE, onEvent }).once();
  return transactions;
}
