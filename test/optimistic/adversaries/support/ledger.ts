/**
 * Who paid and got what. Of an account, at any time:
 *
 *   ether = ether at the start − fees − paid in + paid out
 *
 * and of an honest one, when all is over and withdrawn:
 *
 *   paid out ≥ paid in + fees of its moves
 *
 * Its moves are the transactions that the contract counts: open (unless the game was there), answer, execute, sums, refute,
 * expire. Nobody gives back what the others cost: uploads, posting, finalizing, fraud proofs, collecting, withdrawing,
 * abandoned or late transactions that revert. A fraud proof has the reward instead.
 */
import { expect } from "vitest";

export interface Account {
  /** Wei before its first transaction. */
  readonly start: bigint;
  /** Wei for transactions that are moves, and for all others. */
  moves: bigint;
  others: bigint;
  /** Wei sent along: bonds. */
  paidIn: bigint;
  /** Wei withdrawn. */
  paidOut: bigint;
}

/** A mined transaction, as far as it is about money. */
export interface Booking {
  readonly from: string;
  readonly fee: bigint;
  /** 0 if it reverted. */
  readonly paidIn: bigint;
  readonly paidOut: bigint;
  readonly isMove: boolean;
}

export class Ledger {
  readonly accounts = new Map<string, Account>();

  open(address: string, start: bigint): void {
    this.accounts.set(address, { start, moves: 0n, others: 0n, paidIn: 0n, paidOut: 0n });
  }

  of(address: string): Account {
    const account = this.accounts.get(address);
    if (account === undefined) throw new Error(`no account ${address}`);
    return account;
  }

  book({ from, fee, paidIn, paidOut, isMove }: Booking): void {
    const account = this.of(from);
    if (isMove) account.moves += fee;
    else account.others += fee;
    account.paidIn += paidIn;
    account.paidOut += paidOut;
  }

  /** What the contract must have left of all that was paid in, if so much was burned. */
  held(burned: bigint): bigint {
    return [...this.accounts.values()].reduce((sum, { paidIn, paidOut }) => sum + paidIn - paidOut, -burned);
  }

  /** @param ether that the account has now */
  expectExact(address: string, ether: bigint): void {
    const { start, moves, others, paidIn, paidOut } = this.of(address);
    expect(ether, "what an account has").toBe(start - moves - others - paidIn + paidOut);
  }

  /** Of an honest party, when all is over. */
  expectPaid(address: string): void {
    const { moves, paidIn, paidOut } = this.of(address);
    expect(paidOut - paidIn, "an honest party has its bonds back and its moves paid").toBeGreaterThanOrEqual(moves);
  }
}
