/** An operator that posts a wrong claim and defends it as long as it can. */
import type { ClaimsAccount } from "../../../src/chain/claims/contract.js";
import { submitClaim, type SubmittedClaim } from "../../../src/chain/claims/submitClaim.js";
import type { WatchEvent } from "../../../src/chain/watch/events.js";
import { Watcher } from "../../../src/chain/watch/watcher.js";
import { DEFAULT_MAX_FEE } from "../../../src/chain/fees.js";
import { type OwnExecution, ownExecution } from "../../../src/optimistic/execution/party.js";
import type { CommittedModel } from "../../../src/optimistic/model/index.js";
import { finishValue, foldSegments, segmentValues, stepData, stepOf } from "../../../src/optimistic/step/index.js";
import type { Trace } from "../../../src/optimistic/trace/trace.js";

export interface Manners {
  /** Answers no more once its trace's difference is narrowed down to an element, and must be executed by others. */
  readonly stalls?: boolean;
  /** Gives partial results that end in its claimed value, one of them wrong. */
  readonly hostileSums?: boolean;
}

export class LyingOperator {
  readonly events: WatchEvent[] = [];
  readonly #own: OwnExecution;

  constructor(
    readonly account: ClaimsAccount,
    private readonly model: CommittedModel,
    /** What it claims; see lyingTrace.ts. */
    readonly trace: Trace,
    manners: Manners = {},
  ) {
    const own = ownExecution(model, trace);
    this.#own = manners.hostileSums === true ? withHostileSums(own, model, trace) : own;
  }

  claim(bond: bigint, nonce = 0n): Promise<SubmittedClaim> {
    return submitClaim(this.account, this.model, this.trace, { nonce, bond });
  }

  /** Makes the moves that a defender makes, as the chain stands. */
  async defend(): Promise<void> {
    const state = { kind: "ready", own: this.#own } as const;
    const executions = { of: () => state, forget: () => undefined, settled: () => Promise.resolve() };
    await new Watcher(this.account, executions, { role: "operator", maxFee: DEFAULT_MAX_FEE, onEvent: (event) => this.events.push(event) }).once();
  }
}

/** The first partial result makes up for the lie. */
function withHostileSums(own: OwnExecution, model: CommittedModel, trace: Trace): OwnExecution {
  const partials = (slot: number, element: number): bigint[] => {
    const step = stepOf(model.plan, slot);
    const data = stepData(model, trace, step);
    const [first, ...rest] = segmentValues(step, element, data);
    const wanted = trace.element(slot, element);
    const fitting = searchFrom(first, (candidate) => finishValue(step, element, foldSegments(step, [candidate, ...rest]), data) === wanted);
    return [fitting, ...rest];
  };
  return { ...own, evidence: { ...own.evidence, partials } };
}

/** The nearest number that fits. */
function searchFrom(start: bigint, fits: (candidate: bigint) => boolean): bigint {
  for (let distance = 0n; distance < 1_000_000n; distance++) {
    for (const candidate of [start + distance, start - distance]) if (fits(candidate)) return candidate;
  }
  throw new Error("nothing fits");
}
