/** Parties that commit to a wrong trace and play it for as long as the rules let them. */
import type { ChainMove } from "../../../../src/chain/claims/playMove.js";
import type { OwnExecution } from "../../../../src/optimistic/execution/party.js";
import { type GameRecord, nextMove } from "../../../../src/optimistic/dispute/player.js";
import type { Address, Side } from "../../../../src/optimistic/dispute/state.js";
import { type ClaimView, viewOf } from "../support/view.js";
import { type Actor, moveOf, openingOf, type Seat } from "./actor.js";

export interface Manners {
  /** Moves in the last second of its time. */
  readonly late?: boolean;
  /** Shows nothing any more in a game that has so many moves. */
  readonly silentFrom?: number;
  /** Another move than the player's; undefined: none. */
  readonly change?: (move: ChainMove, record: GameRecord) => ChainMove | undefined;
}

/** What operators and challengers that lie have in common. */
abstract class Liar implements Actor {
  constructor(
    protected readonly seat: Seat,
    readonly own: OwnExecution,
    protected readonly manners: Manners,
    private readonly side: Side,
  ) {}

  get address(): Address {
    return this.seat.address;
  }

  abstract act(): Promise<boolean>;

  /** The first move that it wants to make in any of its games. */
  protected async play({ claim, on }: ClaimView): Promise<boolean> {
    const { court, address } = this.seat;
    for (const record of on) {
      const move = nextMove(claim, record, { ...this.own, side: this.side }, court.now);
      const wanted = move === undefined ? undefined : this.#manner(move, record);
      if (wanted === undefined) continue;
      const transaction = moveOf(address, wanted);
      // What cannot be proven is not even tried. That time is over needs no proof, and shows with the next block only.
      if (wanted.kind !== "expire" && (await court.refusal(transaction)) !== "done") continue;
      await court.send(transaction);
      return true;
    }
    return false;
  }

  #manner(move: ChainMove, record: GameRecord): ChainMove | undefined {
    const { late = false, silentFrom = Infinity, change } = this.manners;
    const { deadline, moves } = record.game;
    if (late && this.seat.court.now < deadline) return undefined;
    if (move.kind !== "expire" && moves >= silentFrom) return undefined;
    // To have the element computed is to lose.
    if (move.kind === "execute") return undefined;
    return change === undefined ? move : change(move, record);
  }
}

/** Has posted a wrong claim: see post.ts. */
export class LyingOperator extends Liar {
  constructor(seat: Seat, own: OwnExecution, manners: Manners = {}) {
    super(seat, own, manners, "Operator");
  }

  async act(): Promise<boolean> {
    const { court, claimId, address } = this.seat;
    const view = await viewOf(court, claimId);
    const { status, deadline, openGames } = view.claim;
    if (status !== "Posted") return false;
    if (await this.play(view)) return true;
    if (court.now < deadline || openGames > 0) return false;
    return (await court.send({ from: address, name: "finalize", args: [claimId] })).done;
  }
}

/** Challenges a claim, right or wrong, with a trace of its own. */
export class LyingChallenger extends Liar {
  constructor(seat: Seat, own: OwnExecution, manners: Manners = {}) {
    super(seat, own, manners, "Challenger");
  }

  async act(): Promise<boolean> {
    const { court, claimId, address } = this.seat;
    const { root } = this.own.trace;
    const view = await viewOf(court, claimId);
    if (view.claim.status !== "Posted") return false;
    if (view.games.some((game) => game.root === root)) return this.play({ ...view, on: view.on.filter((game) => game.root === root) });
    const { late = false } = this.manners;
    if (court.now >= view.claim.deadline || (late && court.now < view.claim.deadline - 1)) return false;
    await court.send(openingOf(address, claimId, view.claim, this.own.trace));
    return true;
  }
}
