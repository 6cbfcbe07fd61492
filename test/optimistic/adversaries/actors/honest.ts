/** Honest parties: what they do is the library's decision, made anew from the chain's state each time. */
import type { OwnExecution } from "../../../../src/optimistic/execution/party.js";
import { type Task, tasksOf } from "../../../../src/optimistic/dispute/watch.js";
import type { DescriptorProof, StepProof } from "../../../../src/optimistic/step/index.js";
import type { Address } from "../../../../src/optimistic/dispute/state.js";
import type { Transaction } from "../support/court.js";
import { type ClaimView, owedTo, viewOf } from "../support/view.js";
import { type Actor, moveOf, openingOf, type Seat } from "./actor.js";

export type Action = Exclude<Task<DescriptorProof, StepProof>, { readonly kind: "alarm" }>;

export interface Decision {
  readonly action: Action;
  readonly transaction: Transaction;
}

/** Defends its own claim, and challenges those of others. */
export class HonestParty implements Actor {
  readonly alarms: string[] = [];

  constructor(
    private readonly seat: Seat,
    /** Its own execution, from wherever it keeps it. */
    private readonly load: () => OwnExecution,
  ) {}

  get address(): Address {
    return this.seat.address;
  }

  async act(): Promise<boolean> {
    const decided = await this.decide();
    if (decided === undefined) return false;
    await this.seat.court.send(decided.transaction);
    return true;
  }

  /** What it would do now. */
  async decide(): Promise<Decision | undefined> {
    const { court, claimId, address } = this.seat;
    const view = await viewOf(court, claimId);
    const owed = await owedTo(court, view, address);
    const own = this.load();
    for (const task of tasksOf({ ...view, owed }, { self: address, own }, court.now)) {
      if (task.kind !== "alarm") return { action: task, transaction: this.#transaction(task, view, own) };
      this.alarms.push(task.reason);
    }
    return undefined;
  }

  #transaction(task: Action, { claim }: ClaimView, own: OwnExecution): Transaction {
    const { claimId, address: from } = this.seat;
    switch (task.kind) {
      case "challenge":
        return openingOf(from, claimId, claim, own.marked(task.mark).trace);
      case "move":
        return moveOf(from, task.move);
      case "finalize":
        return { from, name: "finalize", args: [claimId] };
      case "collect":
        return { from, name: "collect", args: [claimId, task.root, from] };
    }
  }
}
