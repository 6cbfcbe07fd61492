/** Carries out what a watcher decides: each task once at a time, beside the others. */
import { AssayError } from "../../errors.js";
import type { TransactionReceipt } from "ethers";
import type { Hash } from "../../optimistic/dispute/hash.js";
import type { Task } from "../../optimistic/dispute/watch.js";
import type { DescriptorProof, StepProof } from "../../optimistic/step/index.js";
import type { ClaimsAccount } from "../claims/contract.js";
import type { PostedClaim } from "../claims/events.js";
import { collect, finalizeClaim, readBalance, withdraw } from "../claims/money.js";
import { openMove } from "../claims/openMove.js";
import { openGame, playMove } from "../claims/playMove.js";
import { readClaim } from "../claims/readClaim.js";
import type { Deployment } from "../claims/readParameters.js";
import type { Head } from "../endpoints.js";
import type { ActionName, WatchEvent } from "./events.js";
import type { OwnState } from "./executions.js";
import { fundsMissing, fundsToOpen } from "./funds.js";

export type Action = Exclude<Task<DescriptorProof, StepProof>, { readonly kind: "alarm" }>;

export interface Situation {
  readonly head: Head;
  readonly parameters: Deployment | undefined;
  readonly own: OwnState;
}

/** A withdrawal takes some 40,000 gas; small balances wait until it is worth it. */
const WITHDRAW_GAS = 2_000_000n;

export class Actor {
  readonly #running = new Map<string, Promise<void>>();
  /** Transactions so far. */
  mined = 0;
  /** Roots of games that this account plays. */
  readonly #games = new Set<string>();

  constructor(
    private readonly account: ClaimsAccount,
    private readonly options: { readonly maxFee: bigint; readonly onEvent: (event: WatchEvent) => void },
  ) {}

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  /** Unless it is under way already. */
  start(posted: PostedClaim, action: Action, situation: Situation): void {
    const root = rootOf(action);
    this.#begin(keyOf(posted.claimId, action), { claimId: posted.claimId, root, action: nameOf(action) }, () => this.#perform(posted, action, situation));
  }

  /** Pays out what has come together. */
  async withdraw(head: Head): Promise<void> {
    const self = await this.account.sender.address();
    const balance = await readBalance(this.account, head, self);
    if (balance <= WITHDRAW_GAS * head.baseFee) return;
    this.#begin("withdraw", { claimId: undefined, root: undefined, action: "withdraw" }, () => withdraw(this.account, self));
  }

  #begin(key: string, subject: { readonly claimId: Hash | undefined; readonly root: Hash | undefined; readonly action: ActionName }, send: () => Promise<TransactionReceipt>): void {
    if (this.#running.has(key)) return;
    const { onEvent } = this.options;
    const work = send().then(
      ({ hash, gasUsed }) => {
        this.mined++;
        onEvent({ kind: "action", ...subject, transaction: hash, gasUsed });
      },
      (error: unknown) => {
        const problem = error instanceof AssayError ? error : new AssayError("INTERNAL", error instanceof Error ? error.message : String(error));
        const { code, message, hint } = problem;
        const harmless = code === "RPC_REJECTED" || code === "TRANSACTION_LOST" || code === "ABORTED";
        onEvent(harmless ? { kind: "refused", claimId: subject.claimId, action: subject.action, message } : { kind: "alarm", claimId: subject.claimId, code, message, hint });
      },
    );
    this.#running.set(key, work.finally(() => this.#running.delete(key)));
  }

  async #perform(posted: PostedClaim, action: Action, situation: Situation): Promise<TransactionReceipt> {
    const { claimId } = posted;
    switch (action.kind) {
      case "challenge":
        return this.#open(posted, action.mark, situation);
      case "move":
        this.#games.add(`${claimId} ${action.move.root}`);
        return playMove(this.account, action.move);
      case "finalize":
        return finalizeClaim(this.account, claimId);
      case "collect":
        this.#games.delete(`${claimId} ${action.root}`);
        return collect(this.account, claimId, action.root, await this.account.sender.address());
    }
  }

  async #open(posted: PostedClaim, mark: number, { head, parameters, own }: Situation): Promise<TransactionReceipt> {
    if (own.kind !== "ready" || parameters === undefined) throw new AssayError("INTERNAL", "a game without an own execution");
    const funds = await fundsToOpen(this.account, head, parameters, this.#games.size, this.options.maxFee);
    if (funds.has < funds.needs) throw fundsMissing(funds, await this.account.sender.address());
    const { trace } = own.own.marked(mark);
    this.#games.add(`${posted.claimId} ${trace.root}`);
    const claim = await readClaim(this.account, head, posted);
    return openGame(this.account, openMove(posted.claimId, claim, trace), parameters.challengeBond);
  }
}

function keyOf(claimId: Hash, action: Action): string {
  return [claimId, action.kind, rootOf(action) ?? "", action.kind === "move" ? action.move.answered : ""].join(" ");
}

function rootOf(action: Action): Hash | undefined {
  if (action.kind === "move") return action.move.root;
  return action.kind === "finalize" ? undefined : action.root;
}

function nameOf(action: Action): ActionName {
  if (action.kind === "move") return action.move.kind;
  return action.kind === "challenge" ? "open" : action.kind;
}
