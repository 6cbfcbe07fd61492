/** An honest party whose process is killed all the time; each next one has nothing but the disk and the chain. */
import type { Address } from "../../../../src/optimistic/dispute/state.js";
import type { Court } from "../support/court.js";
import type { Actor } from "./actor.js";
import type { HonestParty } from "./honest.js";

/** Where a process is lost. */
export const LOSSES = ["before sending", "between sending and receipt", "after the receipt"] as const;

export type Loss = (typeof LOSSES)[number];

export class CrashingParty implements Actor {
  /** How often each happened. */
  readonly lost: Record<Loss, number> = { "before sending": 0, "between sending and receipt": 0, "after the receipt": 0 };
  #turn = 0;

  constructor(
    private readonly court: Court,
    readonly address: Address,
    /** A new process. */
    private readonly start: () => HonestParty,
    private readonly losses: readonly Loss[] = LOSSES,
  ) {}

  async act(): Promise<boolean> {
    const loss = this.losses[this.#turn % this.losses.length];
    const decided = await this.start().decide();
    if (decided === undefined) return false;
    this.#turn++;
    this.lost[loss]++;
    switch (loss) {
      case "before sending":
        return true;
      case "after the receipt":
        await this.court.send(decided.transaction);
        return true;
      case "between sending and receipt": {
        // The next process sees the chain as it was, decides the same, and both transactions are mined.
        const again = await this.start().decide();
        if (again === undefined) throw new Error("decided otherwise in the same state");
        const [first, second] = await this.court.together([decided.transaction, again.transaction]);
        if (!first.done) throw new Error(`${decided.transaction.name} was refused`);
        // A second opening joins the first, with its bond back; every other second move answers a state that is gone.
        if (second.done !== (again.transaction.name === "open")) throw new Error(`${again.transaction.name} counted twice`);
        return true;
      }
    }
  }
}
