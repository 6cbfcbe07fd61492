/** Parties without a trace of their own to defend: they copy, open and leave, or prove fraud. */
import type { Address } from "../../../../src/optimistic/dispute/state.js";
import type { Trace } from "../../../../src/optimistic/trace/trace.js";
import type { Listener, Transaction } from "../support/court.js";
import { viewOf } from "../support/view.js";
import { type Actor, openingOf, type Seat } from "./actor.js";

/** Opens a game with a root that it has no further use for, the right one perhaps, and never moves again. */
export class Staller implements Actor {
  constructor(
    private readonly seat: Seat,
    private readonly trace: Trace,
  ) {}

  get address(): Address {
    return this.seat.address;
  }

  async act(): Promise<boolean> {
    const { court, claimId, address } = this.seat;
    const { claim, games } = await viewOf(court, claimId);
    if (claim.status !== "Posted" || court.now >= claim.deadline || games.some(({ root }) => root === this.trace.root)) return false;
    await court.send(openingOf(address, claimId, claim, this.trace));
    return true;
  }
}

/** Sees transactions on their way, sends the same at a higher fee, and is mined first. */
export class FrontRunner implements Actor {
  /** What it copied, and whether the contract took it. */
  readonly copied: { readonly name: string; readonly done: boolean }[] = [];

  /** @param victims whose transactions it copies */
  constructor(
    private readonly seat: Seat,
    private readonly victims: ReadonlySet<Address>,
    private readonly wants: (seen: Transaction) => boolean = () => true,
    /** What it makes of what it sees. */
    private readonly change: (seen: Transaction) => Transaction = (seen) => seen,
  ) {
    seat.court.listeners.add(this.listener);
  }

  get address(): Address {
    return this.seat.address;
  }

  readonly listener: Listener = async (seen) => {
    if (!this.victims.has(seen.from) || seen.name === "collect" || seen.name === "withdraw" || !this.wants(seen)) return;
    const { done } = await this.seat.court.sendUnseen({ ...this.change(seen), from: this.address });
    this.copied.push({ name: seen.name, done });
  };

  /** Only ever reacts. */
  act(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

/** Defeats a claim in one transaction. */
export class FraudProver implements Actor {
  constructor(
    private readonly seat: Seat,
    /** Calldata of the executor's question, from the operator's own trace. */
    private readonly question: string,
  ) {}

  get address(): Address {
    return this.seat.address;
  }

  async act(): Promise<boolean> {
    const { court, claimId, address } = this.seat;
    const { claim } = await viewOf(court, claimId);
    if (claim.status !== "Posted") return false;
    await court.send({ from: address, name: "proveFraud", args: [claimId, this.question] });
    return true;
  }
}
