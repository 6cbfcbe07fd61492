/**
 * The contract's history as it grows. Events of final blocks are kept; later ones are asked for again each time, so that a
 * reorganisation needs no care.
 */
import type { Log } from "ethers";
import type { Hash } from "../../optimistic/dispute/hash.js";
import type { Head } from "../endpoints.js";
import type { ClaimsContract } from "./contract.js";
import { type ClaimsHistory, historyOf, historyTopics } from "./events.js";
import { firstBlockSince, scanLogs } from "./scanLogs.js";

export class ClaimsFollower {
  #settled: Log[] = [];

  private constructor(
    private readonly contract: ClaimsContract,
    /** The first block whose events are not settled. */
    private next: number,
  ) {}

  /** @param seconds how far back a claim can matter: a window and the longest game after it */
  static async since(contract: ClaimsContract, head: Head, seconds: number): Promise<ClaimsFollower> {
    return new ClaimsFollower(contract, await firstBlockSince(contract.endpoints, head, head.timestamp - seconds));
  }

  async update(head: Head): Promise<ClaimsHistory> {
    const { endpoints, address } = this.contract;
    const fresh = await scanLogs(endpoints, { address, topics: historyTopics() }, this.next, head.number);
    const history = historyOf([...this.#settled, ...fresh]);
    this.#settled.push(...fresh.filter(({ blockNumber }) => blockNumber <= head.finalized));
    this.next = Math.max(this.next, head.finalized + 1);
    return history;
  }

  /** Drops what is known of a claim and its games. */
  forget(claimId: Hash, games: readonly Hash[]): void {
    const ids = new Set<string>([claimId, ...games]);
    this.#settled = this.#settled.filter(({ topics }) => !ids.has(topics[1]));
  }
}
