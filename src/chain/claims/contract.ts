/** Contract Claims on a chain, read at a block and written through a sender. */
import { Result, type TransactionReceipt } from "ethers";
import { loadArtifact } from "../artifacts.js";
import type { Call } from "../call.js";
import type { Endpoints, Head } from "../endpoints.js";
import type { Sender } from "../sender.js";

export interface ClaimsContract {
  readonly endpoints: Endpoints;
  readonly address: string;
}

export interface ClaimsAccount extends ClaimsContract {
  readonly sender: Sender;
}

export function claimsCall({ address }: ClaimsContract, name: string, args: readonly unknown[]): Call {
  return { to: address, abi: loadArtifact("Claims").abi, name, args };
}

/** The only result of a getter; a struct as an object, since "length" is one of its fields. */
export async function readClaims<T>(contract: ClaimsContract, head: Head, name: string, ...args: readonly unknown[]): Promise<T> {
  const [result] = await contract.endpoints.read(head, claimsCall(contract, name, args));
  return (result instanceof Result ? result.toObject() : result) as T;
}

/** @param label what the transaction is for, in messages */
export function sendClaims(account: ClaimsAccount, label: string, name: string, args: readonly unknown[], value = 0n): Promise<TransactionReceipt> {
  return account.sender.sendCall(claimsCall(account, name, args), label, value);
}
