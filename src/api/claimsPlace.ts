/** Where claims are, and what the functions about them share. */
import { resolve } from "node:path";
import type { Sources } from "../chain/claims/challengeClaim.js";
import type { ClaimsAccount, ClaimsContract } from "../chain/claims/contract.js";
import { type ClaimsPlace, type ClaimsUse, requireRpc, withClaims } from "../chain/claims/withClaims.js";
import type { EndpointReport } from "../chain/endpoints.js";
import { GWEI } from "../chain/fees.js";
import { type Hex, lower } from "../chain/hex.js";
import type { SenderEvent } from "../chain/sender.js";
import { AssayError } from "../errors.js";
import { FastExecutors } from "../fast/index.js";
import { ModelLibrary } from "../optimistic/execution/modelLibrary.js";
import { modelsDirectory, tracesDirectory } from "./committed.js";
import type { CallOptions, Job } from "./session.js";

/** Endpoints, contract, and what transactions may cost. Accounts come from ASSAY_PRIVATE_KEY or ASSAY_KEYSTORE. */
export interface ClaimsOptions extends ClaimsPlace, CallOptions {
  /** Most that a transaction may offer, wei a gas; default 500 gwei. */
  readonly maxFee?: bigint;
}

/** What claims are recomputed with. */
export interface RecomputeOptions {
  /** Directory of committed models, or one of them; default: those in the cache. */
  readonly models?: string;
  /** Where executions are kept; default: the cache. */
  readonly traces?: string;
}

/** With an account; without `rpc` on an embedded node. */
export function claimsAccount<T>(session: Job, options: ClaimsOptions, action: (account: ClaimsAccount) => Promise<T>): Promise<T> {
  const use: ClaimsUse = { writes: true, maxFee: options.maxFee, signal: session.signal, onEvent: (event) => session.note(senderNote(event)), onLeftOut: leftOut(session) };
  return withClaims(options, use, action);
}

/** For what only reads, of a chain that the user names. */
export function claimsContract<T>(session: Job, options: ClaimsOptions, action: (contract: ClaimsContract) => Promise<T>): Promise<T> {
  requireRpc(options);
  return withClaims(options, { writes: false, onLeftOut: leftOut(session) }, action);
}

/** Models, executors and directories that live as long as the action. */
export async function withSources<T>(session: Job, { models, traces }: RecomputeOptions, action: (sources: Sources) => Promise<T>): Promise<T> {
  const library = new ModelLibrary(resolve(models ?? modelsDirectory()));
  const executors = new FastExecutors();
  try {
    return await action({ library, executors, traces: resolve(traces ?? tracesDirectory()), pool: session.pool });
  } finally {
    await executors.close();
  }
}

/** @throws AssayError BAD_USAGE */
export function toId(text: string): Hex {
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return lower(text);
  throw new AssayError("BAD_USAGE", "an id has 64 hexadecimal digits after 0x", { where: text });
}

function leftOut(session: Job): (report: EndpointReport) => void {
  return ({ rpcUrl, state, detail }) => session.note(`warning: endpoint ${rpcUrl} is left out, ${state}: ${detail}`);
}

export function senderNote(event: SenderEvent): string {
  switch (event.kind) {
    case "sent":
      return `sent: ${event.label} (${event.hash})`;
    case "raised":
      return `fee raised to ${gweiText(event.maxFeePerGas)}: ${event.label} (${event.hash})`;
    case "stuck":
      return `warning: ${event.label} waits: the base fee is ${gweiText(event.baseFee)}, --max-fee allows ${gweiText(event.maxFeePerGas)}`;
    case "waiting":
      return `waiting for ${event.pending} transactions that an earlier run sent`;
  }
}

function gweiText(wei: bigint): string {
  return `${Number(wei) / Number(GWEI)} gwei`;
}
