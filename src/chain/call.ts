/** Calls and transactions with decoded failures; the actions are built of these. */

import type { Interface, TransactionReceipt, TransactionRequest } from "ethers";
import { AssayError } from "../errors.js";
import { toAssayError } from "./chainErrors.js";
import { type Connection, requireAccount } from "./connect.js";

/** A contract function with its arguments. */
export interface Call {
  readonly to: string;
  readonly abi: Interface;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Calldata. */
export function encodeCall({ abi, name, args }: Call): string {
  return abi.encodeFunctionData(name, args);
}

/** The function's results. */
export function decodeResult({ abi, name }: Call, data: string): readonly unknown[] {
  return abi.decodeFunctionResult(name, data).toArray() as unknown[];
}

/** eth_call; the function's results. */
export async function readContract(connection: Connection, call: Call): Promise<readonly unknown[]> {
  try {
    const data = await connection.provider.call(await toRequest(connection, call));
    return decodeResult(call, data);
  } catch (error) {
    throw toAssayError(error, call.to);
  }
}

/** eth_estimateGas. */
export async function estimateGas(connection: Connection, call: Call): Promise<bigint> {
  try {
    return await connection.provider.estimateGas(await toRequest(connection, call));
  } catch (error) {
    throw toAssayError(error, call.to);
  }
}

/** Sends a transaction and waits until it is mined. */
export async function sendTransaction(connection: Connection, call: Call): Promise<TransactionReceipt> {
  return sendRequest(connection, await toRequest(connection, call));
}

/** As {@link sendTransaction}, with raw calldata. */
export async function sendRequest(connection: Connection, request: TransactionRequest): Promise<TransactionReceipt> {
  const where = typeof request.to === "string" ? request.to : "a new contract";
  try {
    const sent = await requireAccount(connection).sendTransaction(request);
    const receipt = await sent.wait();
    if (receipt === null) throw new AssayError("RPC_REJECTED", "the transaction was dropped", { where });
    return receipt;
  } catch (error) {
    throw toAssayError(error, where);
  }
}

async function toRequest(connection: Connection, call: Call): Promise<TransactionRequest> {
  const request = { to: call.to, data: encodeCall(call) };
  return connection.account === undefined ? request : { ...request, from: await connection.account.getAddress() };
}
