/** An honest party whose every move is first tried by a stranger, broken in every way. */
import type { OwnExecution } from "../../../../src/optimistic/execution/party.js";
import type { Address } from "../../../../src/optimistic/dispute/state.js";
import { brokenExpansions, garbageFor } from "../support/garbage.js";
import type { Court, Transaction } from "../support/court.js";
import { viewOf } from "../support/view.js";
import type { Actor } from "./actor.js";
import type { Decision, HonestParty } from "./honest.js";

export class Garbler implements Actor {
  /** How often each error came. */
  readonly refused = new Map<string, number>();
  /** What the contract would have taken. */
  readonly taken: string[] = [];
  #mined = 0;

  constructor(
    private readonly court: Court,
    private readonly party: HonestParty,
    private readonly stranger: Address,
    private readonly own: OwnExecution,
  ) {}

  get address(): Address {
    return this.party.address;
  }

  async act(): Promise<boolean> {
    const decided = await this.party.decide();
    if (decided === undefined) return false;
    await this.#tryAll(decided);
    await this.court.send(decided.transaction);
    return true;
  }

  async #tryAll(decided: Decision): Promise<void> {
    const garbage = await this.#garbageOf(decided);
    const answers = await this.court.refusals(garbage.map(({ transaction }) => transaction));
    for (const [i, answer] of answers.entries()) {
      if (answer === "done") this.taken.push(garbage[i].how);
      this.refused.set(answer, (this.refused.get(answer) ?? 0) + 1);
    }
    // One of them is mined, too: a revert leaves nothing behind.
    const chosen = garbage.at(this.#mined++ % Math.max(1, garbage.length));
    if (chosen !== undefined && (await this.court.sendUnseen(chosen.transaction)).done) this.taken.push(`${chosen.how}, mined`);
  }

  async #garbageOf({ action, transaction }: Decision): Promise<{ readonly how: string; readonly transaction: Transaction }[]> {
    const { stranger: from } = this;
    if (action.kind === "move") {
      // Partial results are the operator's to give: broken ones come from it as well.
      const sender = action.move.kind === "sums" ? transaction.from : from;
      const { evidence, model } = this.own;
      const { games } = await viewOf(this.court, action.move.claimId);
      const { index = 0, tensor } = games.find(({ root }) => root === action.move.root)?.game ?? {};
      return garbageFor(sender, action.move, { definition: evidence.definition(model.slots.length - 1), segment: (i) => evidence.segment(tensor?.slot ?? 0, index, i) });
    }
    if (action.kind !== "challenge") return [];
    const { args, value = 0n } = transaction;
    return [
      ...brokenExpansions(args[2] as Uint8Array).map(([how, expansion]) => ({ how: `open: expansion ${how}`, transaction: { ...transaction, from, args: args.with(2, expansion) } })),
      { how: "open: without the bond", transaction: { ...transaction, from, value: 0n } },
      { how: "open: with another bond", transaction: { ...transaction, from, value: value + 1n } },
      { how: "open: with outputs that nobody needs", transaction: { ...transaction, from, args: args.with(3, [args[1]]) } },
      { how: "open: with bytes that nobody needs", transaction: { ...transaction, from, padding: "00" } },
    ];
  }
}
