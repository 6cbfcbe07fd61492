/** Ends of claims and games, and what they pay. */
import type { TransactionReceipt } from "ethers";
import { AssayError } from "../../errors.js";
import type { Hash } from "../../optimistic/dispute/hash.js";
import type { Head } from "../endpoints.js";
import { type ClaimsAccount, claimsCall, type ClaimsContract, readClaims, sendClaims } from "./contract.js";

/** Makes a claim final after its window, when all its games were won. */
export function finalizeClaim(account: ClaimsAccount, claimId: Hash): Promise<TransactionReceipt> {
  return sendClaims(account, `finalize claim ${claimId}`, "finalize", [claimId]);
}

/** Moves to balances what a game that is over owes its mover. */
export function collect(account: ClaimsAccount, claimId: Hash, root: Hash, mover: string): Promise<TransactionReceipt> {
  return sendClaims(account, `collect from the game of ${root} against claim ${claimId}`, "collect", [claimId, root, mover]);
}

/** Pays out the account's whole balance. */
export function withdraw(account: ClaimsAccount, to: string): Promise<TransactionReceipt> {
  return sendClaims(account, "withdraw", "withdraw", [to]);
}

/** Wei. */
export function readBalance(contract: ClaimsContract, head: Head, account: string): Promise<bigint> {
  return readClaims<bigint>(contract, head, "balanceOf", account);
}

/** Whether {@link collect} would pay, or end, something. */
export async function isOwed(contract: ClaimsContract, head: Head, claimId: Hash, root: Hash, mover: string): Promise<boolean> {
  try {
    await contract.endpoints.read(head, claimsCall(contract, "collect", [claimId, root, mover]));
    return true;
  } catch (error) {
    if (error instanceof AssayError && error.code === "RPC_REJECTED") return false;
    throw error;
  }
}
