/** An operator that posts a wrong claim and defends it as long as it can. */
import type { ClaimsAccount } from "../../../src/chain/claims/contract.js";
import { submitClaim, type SubmittedClaim } from "../../../src/chain/claims/submitClaim.js";
import type { WatchEvent } from "../../../src/chain/watch/events.js";
import { fixedExecutions } from "../../../src/chain/watch/executions.js";
import { Watcher } from "../../../src/chain/watch/watcher.js";
import { DEFAULT_MAX_FEE } from "../../../src/chain/fees.js";
import { type OwnExecution, ownExecution } from "../../../src/optimistic/execution/party.js";
import type { CommittedModel } from "../../../src/optimistic/model/index.js";
import { lyingExecution } from "../../../src/optimistic/rehearsal/liar.js";
import type { Trace } from "../../../src/optimistic/trace/trace.js";

export interface Manners {
  /** Makes so many moves in a game and then no more: it withholds what its root commits to. */
  readonly movesAtMost?: number;
  /** Gives partial results that end in its claimed value, one of them wrong. */
  readonly hostileSums?: boolean;
}

export class LyingOperator {
  readonly events: WatchEvent[] = [];
  readonly #own: OwnExecution;
  readonly #moves: number;

  constructor(
    readonly account: ClaimsAccount,
    private readonly model: CommittedModel,
    /** What it claims; see lyingTrace.ts. */
    readonly trace: Trace,
    manners: Manners = {},
  ) {
    this.#own = manners.hostileSums === true ? lyingExecution(model, trace) : ownExecution(model, trace);
    this.#moves = manners.movesAtMost ?? Infinity;
  }

  claim(bond: bigint, nonce = 0n): Promise<SubmittedClaim> {
    return submitClaim(this.account, this.model, this.trace, { nonce, bond });
  }

  /** Makes the moves that a defender makes, as the chain stands. */
  async defend(): Promise<void> {
    const moves = this.events.filter(({ kind }) => kind === "action").length;
    if (moves >= this.#moves) return;
    await new Watcher(this.account, fixedExecutions(this.#own), { role: "operator", maxFee: DEFAULT_MAX_FEE, onEvent: (event) => this.events.push(event) }).once();
  }
}
