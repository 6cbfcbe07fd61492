/**
 * Follows the claims of a contract and plays their games. What to do is decided anew at every block from the chain's state and
 * the own executions (optimistic/dispute/watch.ts): nothing is remembered that a killed process would miss.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { AssayError } from "../../errors.js";
import type { Hash } from "../../optimistic/dispute/hash.js";
import type { GameRecord } from "../../optimistic/dispute/player.js";
import { type AlarmReason, type Task, tasksOf } from "../../optimistic/dispute/watch.js";
import { isOver } from "../../optimistic/dispute/world.js";
import type { DescriptorProof, StepProof } from "../../optimistic/step/index.js";
import type { ClaimsAccount } from "../claims/contract.js";
import { longestDelay } from "../claims/deployment.js";
import type { ClaimsHistory, OpenedGame, PostedClaim } from "../claims/events.js";
import { ClaimsFollower } from "../claims/follower.js";
import { isOwed } from "../claims/money.js";
import { readClaim } from "../claims/readClaim.js";
import { readGame } from "../claims/readGame.js";
import { type Deployment, readParameters } from "../claims/readParameters.js";
import type { EndpointReport, EndpointState, Head } from "../endpoints.js";
import { lower } from "../hex.js";
import { Actor } from "./actor.js";
import type { Verdict, WatchEvent } from "./events.js";
import { type Executions, missingModel, type OwnState } from "./executions.js";

/** An operator defends its own claims; a watcher challenges those of others. */
export type Role = "operator" | "watcher";

export interface WatcherOptions {
  readonly role: Role;
  /** Wei per gas; as the sender's. */
  readonly maxFee: bigint;
  readonly signal?: AbortSignal;
  readonly onEvent: (event: WatchEvent) => void;
  /** Milliseconds between looks at the chain; default: as the endpoint is polled. */
  readonly intervalMs?: number;
}

export class Watcher {
  readonly #said = new Set<string>();
  readonly #done = new Set<Hash>();
  readonly #endpoints = new Map<string, EndpointState>();
  readonly #actor: Actor;
  #follower: ClaimsFollower | undefined;
  #parameters: Deployment | undefined;

  constructor(
    private readonly account: ClaimsAccount,
    private readonly executions: Executions,
    private readonly options: WatcherOptions,
  ) {
    this.#actor = new Actor(account, { maxFee: options.maxFee, onEvent: (event) => this.#relay(event) });
  }

  /** Claims found wrong so far. */
  readonly wrong = new Set<Hash>();

  /** Until the signal. */
  async run(): Promise<void> {
    let last: string | undefined;
    let changed = true;
    while (!this.#stopped()) {
      const head = await this.#look();
      // Between blocks only finished executions change anything.
      if (head !== undefined && (changed || head.hash !== last)) {
        [changed, last] = [false, head.hash];
        const { again } = await this.#tryRound(head);
        if (again) void this.executions.settled().then(() => { changed = true; });
      }
      await this.#pause();
    }
    await this.#actor.settled();
  }

  /** Does what can be done now, and what that makes possible at once. */
  async once(): Promise<void> {
    for (;;) {
      const before = this.#actor.mined;
      const { again } = await this.#round(await this.#head());
      await this.executions.settled();
      await this.#actor.settled();
      if ((this.#actor.mined === before && !again) || this.#stopped()) return;
    }
  }

  #stopped(): boolean {
    return this.options.signal?.aborted === true;
  }

  async #head(): Promise<Head> {
    const { endpoints } = this.account;
    const head = await endpoints.head();
    for (const report of endpoints.reports) this.#tellEndpoint(report);
    return head;
  }

  async #look(): Promise<Head | undefined> {
    try {
      return await this.#head();
    } catch (error) {
      this.#alarm(undefined, error);
      return undefined;
    }
  }

  /** `again`: there is more to do as soon as the executions are there. */
  async #tryRound(head: Head): Promise<{ readonly again: boolean }> {
    try {
      return await this.#round(head);
    } catch (error) {
      this.#alarm(undefined, error);
      return { again: true };
    }
  }

  /** One look at every claim. */
  async #round(head: Head): Promise<{ readonly again: boolean }> {
    const parameters = (this.#parameters ??= await readParameters(this.account, head));
    // A claim can matter for a window and its longest game; what it owes, for some time after.
    this.#follower ??= await ClaimsFollower.since(this.account, head, parameters.window + longestDelay(parameters));
    const history = await this.#follower.update(head);
    const self = lower(await this.account.sender.address());
    let again = false;
    for (const posted of this.#followed(history, self)) {
      try {
        const tasks = await this.#tasksOf(posted, history, head, self);
        if (tasks === "working") again = true;
        else this.#start(posted, tasks, head);
      } catch (error) {
        this.#alarm(posted.claimId, error);
        if (!isDamage(error)) continue;
        this.executions.forget(posted);
        again = true;
      }
    }
    await this.#actor.withdraw(head);
    return { again };
  }

  /** The claims that concern this role, and are no history yet. */
  #followed({ claims }: ClaimsHistory, self: Hash): PostedClaim[] {
    return [...claims.values()].filter((posted) => !this.#done.has(posted.claimId) && (posted.operator === self) === (this.options.role === "operator"));
  }

  async #tasksOf(posted: PostedClaim, history: ClaimsHistory, head: Head, self: Hash): Promise<Task<DescriptorProof, StepProof>[] | "working"> {
    const { claimId } = posted;
    const claim = await readClaim(this.account, head, posted);
    if (claim.status === "None") return [];
    const opened = [...history.games.values()].filter((game) => game.claimId === claimId);
    const games = await Promise.all(opened.map((game) => readGame(this.account, head, posted, game)));
    const owed = await this.#owed(opened, games, head, self);
    if (claim.status !== "Posted") this.#end(posted, claim.status, history, { head, self, owed });
    const state = claim.status === "Posted" ? this.executions.of(posted, head) : undefined;
    if (state !== undefined) this.#judge(posted, state);
    if (state?.kind === "working") return "working";
    if (state?.kind === "failed") throw state.problem;
    const own = state?.kind === "ready" ? state.own : undefined;
    return tasksOf({ claimId, claim, games: this.#polite(games, self, head), owed }, { self, own }, head.timestamp);
  }

  /** A game that somebody else opened is that player's to play, for half of the time that no clock counts. */
  #polite(games: readonly GameRecord[], self: Hash, head: Head): GameRecord[] {
    const patience = (this.#parameters?.grace ?? 0) / 2;
    const foreign = (record: GameRecord): boolean => this.options.role === "watcher" && record.game.challenger !== self && !isOver(record.game.phase);
    return games.map((record) => (foreign(record) && head.timestamp < record.game.lastMoveAt + patience ? waiting(record) : record));
  }

  /** Ended games that this account has moved in, and that owe something. */
  async #owed(opened: readonly OpenedGame[], games: readonly GameRecord[], head: Head, self: Hash): Promise<Hash[]> {
    const ended = games.filter(({ root, game }) => isOver(game.phase) && opened.some((one) => one.root === root && one.events.some(({ mover }) => mover === self)));
    const owed = await Promise.all(ended.map(({ claimId, root }) => isOwed(this.account, head, claimId, root, self)));
    return ended.filter((_, i) => owed[i]).map(({ root }) => root);
  }

  #end(posted: PostedClaim, status: "Final" | "Defeated" | "None", history: ClaimsHistory, { head, self, owed }: { readonly head: Head; readonly self: Hash; readonly owed: readonly Hash[] }): void {
    const { claimId } = posted;
    this.#tell(`ended ${claimId} ${status}`, { kind: "ended", claimId, status });
    const end = history.ends.get(claimId);
    if (end === undefined || end.block > head.finalized || owed.length > 0) return;
    this.#done.add(claimId);
    if (!this.#followed(history, self).some((other) => sameExecution(other, posted))) this.executions.forget(posted);
    this.#follower?.forget(claimId, [...history.games.values()].filter((game) => game.claimId === claimId).map(({ gameId }) => gameId));
  }

  #judge({ claimId, modelId, operator, traceRoot }: PostedClaim, state: OwnState): void {
    const verdict = verdictOf(state, traceRoot);
    if (verdict === undefined) return;
    if (verdict === "wrong") this.wrong.add(claimId);
    this.#tell(`verdict ${claimId} ${verdict}`, { kind: "claim", claimId, modelId, operator, verdict });
  }

  #start(posted: PostedClaim, tasks: readonly Task<DescriptorProof, StepProof>[], head: Head): void {
    for (const task of tasks) {
      if (task.kind === "alarm") this.#alarm(posted.claimId, alarmOf(task.reason, posted));
      else this.#actor.start(posted, task, { head, parameters: this.#parameters, own: this.executions.of(posted, head) });
    }
  }

  /** The same failure again, block after block, is said once. */
  #relay(event: WatchEvent): void {
    if (event.kind === "refused" || event.kind === "alarm") this.#tell(`${event.kind} ${event.claimId ?? ""} ${event.message}`, event);
    else this.options.onEvent(event);
  }

  #alarm(claimId: Hash | undefined, error: unknown): void {
    const problem = error instanceof AssayError ? error : new AssayError("INTERNAL", error instanceof Error ? error.message : String(error));
    const { code, message, hint } = problem;
    this.#tell(`alarm ${claimId ?? ""} ${code} ${message}`, { kind: "alarm", claimId, code, message: problem.where === undefined ? message : `${message} (${problem.where})`, hint });
  }

  /** Each thing once. */
  #tell(key: string, event: WatchEvent): void {
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.options.onEvent(event);
  }

  /** Whenever it changes; that all is well, not at first. */
  #tellEndpoint(report: EndpointReport): void {
    const before = this.#endpoints.get(report.rpcUrl) ?? "agrees";
    this.#endpoints.set(report.rpcUrl, report.state);
    if (report.state !== before) this.options.onEvent({ kind: "endpoint", report });
  }

  async #pause(): Promise<void> {
    const interval = this.options.intervalMs ?? this.account.endpoints.primary.provider.pollingInterval;
    await sleep(interval, undefined, { signal: this.options.signal }).catch(() => undefined);
  }
}

/** Claims of the same output share one. */
function sameExecution(left: PostedClaim, right: PostedClaim): boolean {
  return left.modelId === right.modelId && left.inputRoots.join() === right.inputRoots.join();
}

/** Of files of an own execution, which can be computed again. */
function isDamage(error: unknown): boolean {
  return error instanceof AssayError && (error.code === "ARTEFACT_STALE" || error.code === "ARTEFACT_MISSING" || error.code === "FILE_NOT_READABLE");
}

/** As if it were the other side's turn: only an expired clock is acted upon. */
function waiting(record: GameRecord): GameRecord {
  return { ...record, game: { ...record.game, phase: "None" } };
}

function verdictOf(state: OwnState, traceRoot: Hash): Verdict | undefined {
  switch (state.kind) {
    case "ready":
      return state.own.trace.root === traceRoot ? "right" : "wrong";
    case "no model":
      return "unknown model";
    case "failed":
      return "not computed";
    case "working":
      return undefined;
  }
}

function alarmOf(reason: AlarmReason, posted: PostedClaim): AssayError {
  const where = `claim ${posted.claimId}`;
  switch (reason) {
    case "no model":
      return missingModel(posted);
    case "own claim is wrong":
      return new AssayError("CLAIM_WRONG", "this account has claimed what this machine does not compute; its bond is at stake", { where });
    case "window closed":
      return new AssayError("CLAIM_WRONG", "a wrong claim can no longer be challenged", { where });
    case "game run out":
      return new AssayError("CLAIM_WRONG", "the clock of a game against this wrong claim ran out, and its window is over", { where, hint: "was this process stopped for longer than the clock?" });
    case "game lost":
      return new AssayError("CLAIM_WRONG", "the contract judged against what this machine computes", { where, hint: "compute the claim on another machine; is the model's directory intact?" });
  }
}
