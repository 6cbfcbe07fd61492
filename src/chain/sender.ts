/**
 * Sends transactions safely: keeps the nonce, raises the fee of a stuck one, refuses what nodes would refuse. Nothing is written
 * down: after a restart the chain's state decides what is still to be done, transactions of a former life are awaited or
 * replaced, and a move that is sent twice fails by the state that it names.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isError, JsonRpcSigner, keccak256, type TransactionReceipt, type TransactionRequest } from "ethers";
import { AssayError } from "../errors.js";
import { type Call, encodeCall } from "./call.js";
import { toAssayError } from "./chainErrors.js";
import { type Connection, requireAccount } from "./connect.js";
import type { Endpoints } from "./endpoints.js";
import { DEFAULT_MAX_FEE, type Fee, type FeeMarket, firstFee, raisedFee } from "./fees.js";

/** Largest transaction that nodes pass on (go-ethereum's txMaxSize); anvil takes larger ones. Bytes. */
export const MAX_TRANSACTION_BYTES = 131_072;

/** What a transaction takes beside its calldata: at most some 200 bytes. */
const ENVELOPE_BYTES = 512;
/** EIP-7825. */
const MAX_TRANSACTION_GAS = 16_777_216n;
/** Percent above the estimate, since state may change before the block; the second is tried when the first was too little. */
const GAS_MARGINS = [20n, 150n] as const;
/** Polls in a row without an answer, after which a transaction counts as lost. */
const MAX_SILENT_POLLS = 60;

export interface SenderOptions {
  /** Wei per gas that no transaction offers more than. */
  readonly maxFee?: bigint;
  /** Blocks that a transaction may wait before its fee is raised; default 3. */
  readonly patience?: number;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: SenderEvent) => void;
}

export type SenderEvent =
  | { readonly kind: "sent"; readonly label: string; readonly nonce: number; readonly hash: string; readonly maxFeePerGas: bigint }
  | { readonly kind: "raised"; readonly label: string; readonly nonce: number; readonly hash: string; readonly maxFeePerGas: bigint }
  /** The fee cannot be raised further without more than the user allows. */
  | { readonly kind: "stuck"; readonly label: string; readonly nonce: number; readonly maxFeePerGas: bigint; readonly baseFee: bigint }
  /** Transactions of this account that this process did not send. */
  | { readonly kind: "waiting"; readonly pending: number };

/** A transaction to send; without `to` a creation. */
export interface Payload {
  readonly to?: string;
  readonly data: string;
  /** Wei. */
  readonly value?: bigint;
}

interface Flight {
  readonly label: string;
  readonly payload: Payload;
  readonly nonce: number;
  readonly gasLimit: bigint;
  fee: Fee;
  /** Of every fee that was tried. */
  readonly hashes: string[];
  /** Block of the latest broadcast. */
  sentAt: number;
  saidStuck: boolean;
}

interface Mined {
  readonly flight: Flight;
  readonly receipt: TransactionReceipt;
}

export class Sender {
  readonly #endpoints: Endpoints;
  readonly #maxFee: bigint;
  readonly #patience: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onEvent: (event: SenderEvent) => void;
  readonly #flights = new Map<number, Flight>();
  /** Estimates, nonces and first broadcasts, one after another. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(endpoints: Endpoints, options: SenderOptions = {}) {
    this.#endpoints = endpoints;
    this.#maxFee = options.maxFee ?? DEFAULT_MAX_FEE;
    this.#patience = options.patience ?? 3;
    this.#signal = options.signal;
    this.#onEvent = options.onEvent ?? ((): void => undefined);
  }

  address(): Promise<string> {
    return requireAccount(this.#connection).getAddress();
  }

  /** Waits for what a killed process has sent, so that the chain's state is what it will be. Some blocks at most. */
  async ready(): Promise<void> {
    if (this.#flights.size === 0) await this.#awaitFormerLife(await this.address());
  }

  /**
   * Sends a call and waits until it is mined.
   * @throws AssayError TRANSACTION_TOO_LARGE; RPC_REJECTED when the contract refuses, before or after mining; TRANSACTION_LOST when
   *         another transaction took its nonce, so that only the chain's state tells what happened; ABORTED
   */
  sendCall(call: Call, label: string = call.name, value = 0n): Promise<TransactionReceipt> {
    return this.send({ to: call.to, data: encodeCall(call), value }, label);
  }

  /** As {@link sendCall}, with raw calldata. */
  async send(payload: Payload, label: string): Promise<TransactionReceipt> {
    requireSize(payload, label);
    const [usual, generous] = GAS_MARGINS;
    const first = await this.#sendWith(payload, label, usual);
    const { receipt, flight } = isOutOfGas(first) ? await this.#sendWith(payload, label, generous) : first;
    return receipt.status === 0 ? this.#explain(flight, receipt) : receipt;
  }

  async #sendWith(payload: Payload, label: string, margin: bigint): Promise<Mined> {
    const started = this.#queue.then(() => this.#start(payload, label, margin));
    this.#queue = started.catch(() => undefined);
    const flight = await started;
    try {
      return { flight, receipt: await this.#follow(flight) };
    } finally {
      this.#flights.delete(flight.nonce);
    }
  }

  get #connection(): Connection {
    return this.#endpoints.primary;
  }

  async #start(payload: Payload, label: string, margin: bigint): Promise<Flight> {
    const where = payload.to ?? "a new contract";
    try {
      const from = await this.address();
      if (this.#flights.size === 0) await this.#awaitFormerLife(from);
      const { provider } = this.#connection;
      const fee = firstFee(await this.#market(), this.#maxFee);
      // With the price: what a move earns depends on it, and what it takes to note that down.
      const estimate = await provider.estimateGas({ type: 2, ...payload, from, ...fee });
      const gasLimit = withMargin(estimate, margin);
      const [nonce, block] = await Promise.all([this.#nextNonce(from), provider.getBlockNumber()]);
      const flight: Flight = { label, payload, nonce, gasLimit, fee, hashes: [], sentAt: block, saidStuck: false };
      this.#flights.set(nonce, flight);
      try {
        await this.#broadcastFirst(flight);
      } catch (error) {
        this.#flights.delete(nonce);
        throw error;
      }
      this.#onEvent({ kind: "sent", label, nonce, hash: flight.hashes[flight.hashes.length - 1], maxFeePerGas: flight.fee.maxFeePerGas });
      return flight;
    } catch (error) {
      if (isError(error, "NONCE_EXPIRED")) throw lost(label, error);
      throw toAssayError(error, where);
    }
  }

  async #nextNonce(from: string): Promise<number> {
    const mined = await this.#connection.provider.getTransactionCount(from, "latest");
    return Math.max(mined, ...[...this.#flights.keys()].map((nonce) => nonce + 1));
  }

  /** Transactions that a killed process left behind get some blocks; after that, new ones replace them. */
  async #awaitFormerLife(from: string): Promise<void> {
    const { provider } = this.#connection;
    const start = await provider.getBlockNumber();
    let said = false;
    for (;;) {
      const [mined, pending, block] = await Promise.all([provider.getTransactionCount(from, "latest"), provider.getTransactionCount(from, "pending"), provider.getBlockNumber()]);
      if (pending <= mined || block - start >= this.#patience) return;
      if (!said) this.#onEvent({ kind: "waiting", pending: pending - mined });
      said = true;
      await this.#pause();
    }
  }

  async #market(): Promise<FeeMarket> {
    const { provider } = this.#connection;
    const [block, tip] = await Promise.all([provider.getBlock("latest"), suggestedTip(this.#connection)]);
    return { baseFee: block?.baseFeePerGas ?? 0n, tip };
  }

  /** The nonce may hold a transaction of a former life, which only a higher fee replaces. */
  async #broadcastFirst(flight: Flight): Promise<void> {
    for (;;) {
      try {
        await this.#broadcast(flight);
        return;
      } catch (error) {
        if (!isUnderpriced(error)) throw error;
        const fee = raisedFee(flight.fee, await this.#market(), this.#maxFee);
        if (fee === undefined) throw this.#feeTooLow(flight);
        flight.fee = fee;
      }
    }
  }

  #feeTooLow({ label, nonce }: Flight): AssayError {
    return new AssayError("RPC_REJECTED", `an older transaction holds nonce ${nonce} with a higher fee than ${this.#maxFee} wei per gas allows`, {
      where: label,
      hint: "raise --max-fee, or wait until it is mined",
    });
  }

  /** To every endpoint that agrees; one that takes it is enough. */
  async #broadcast(flight: Flight): Promise<void> {
    const { payload, nonce, gasLimit, fee, hashes } = flight;
    const account = requireAccount(this.#connection);
    const request: TransactionRequest = { type: 2, chainId: this.#connection.chainId, ...payload, nonce, gasLimit, ...fee };
    if (account instanceof JsonRpcSigner) {
      hashes.push(await account.sendUncheckedTransaction(request));
      return;
    }
    const signed = await account.signTransaction(request);
    const hash = keccak256(signed);
    const results = await Promise.allSettled(this.#endpoints.connections.map(({ provider }) => provider.send("eth_sendRawTransaction", [signed])));
    const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
    const taken = results.length > failures.length || failures.some(isKnown);
    if (!taken) throw failures[0];
    if (!hashes.includes(hash)) hashes.push(hash);
  }

  /** Until one of the flight's transactions is mined. */
  async #follow(flight: Flight): Promise<TransactionReceipt> {
    let silent = 0;
    for (;;) {
      try {
        const receipt = await this.#look(flight);
        silent = 0;
        if (receipt !== undefined) return receipt;
      } catch (error) {
        const problem = toAssayError(error, flight.label);
        if (problem.code !== "RPC_UNREACHABLE" || ++silent >= MAX_SILENT_POLLS) throw problem;
      }
      await this.#pause();
    }
  }

  async #look(flight: Flight): Promise<TransactionReceipt | undefined> {
    const { provider } = this.#connection;
    const from = await this.address();
    // The count first: a nonce that is used up by then has its receipt.
    const [mined, block] = await Promise.all([provider.getTransactionCount(from, "latest"), provider.getBlockNumber()]);
    for (const hash of flight.hashes) {
      const receipt = await provider.getTransactionReceipt(hash);
      if (receipt !== null) return receipt;
    }
    if (mined > flight.nonce) throw lost(flight.label);
    if (block - flight.sentAt >= this.#patience) await this.#raise(flight, block);
    return undefined;
  }

  async #raise(flight: Flight, block: number): Promise<void> {
    const market = await this.#market();
    const fee = raisedFee(flight.fee, market, this.#maxFee);
    flight.sentAt = block;
    if (fee === undefined) {
      const { label, nonce, fee: { maxFeePerGas } } = flight;
      if (!flight.saidStuck) this.#onEvent({ kind: "stuck", label, nonce, maxFeePerGas, baseFee: market.baseFee });
      flight.saidStuck = true;
    }
    const before = flight.fee;
    flight.fee = fee ?? before;
    try {
      // Without a higher fee again as it was: nodes forget.
      await this.#broadcast(flight);
    } catch (error) {
      flight.fee = before;
      // Mined meanwhile, not dropped at all, or below what the node takes at the moment: the next look shows.
      if (toAssayError(error, flight.label).code === "RPC_UNREACHABLE") throw error;
      return;
    }
    if (fee !== undefined) this.#onEvent({ kind: "raised", label: flight.label, nonce: flight.nonce, hash: flight.hashes[flight.hashes.length - 1], maxFeePerGas: fee.maxFeePerGas });
  }

  /** @throws AssayError always: the contract's reason, as far as it can be found out afterwards */
  async #explain(flight: Flight, receipt: TransactionReceipt): Promise<never> {
    const where = flight.payload.to ?? "a new contract";
    const details = { where, hint: `transaction ${receipt.hash}` };
    try {
      await this.#connection.provider.call({ ...flight.payload, from: receipt.from, gasLimit: flight.gasLimit, blockTag: receipt.blockNumber });
    } catch (error) {
      const problem = toAssayError(error, where);
      throw new AssayError(problem.code, `${flight.label} failed: ${problem.message}`, { ...details, cause: error });
    }
    throw new AssayError("RPC_REJECTED", `${flight.label} failed when it was mined`, details);
  }

  async #pause(): Promise<void> {
    try {
      await sleep(this.#connection.provider.pollingInterval, undefined, { signal: this.#signal });
    } catch {
      throw new AssayError("ABORTED", "interrupted while a transaction was under way; the next run goes on from the chain's state");
    }
  }
}

function requireSize({ data }: Payload, label: string): void {
  const bytes = (data.length - 2) / 2 + ENVELOPE_BYTES;
  if (bytes <= MAX_TRANSACTION_BYTES) return;
  throw new AssayError("TRANSACTION_TOO_LARGE", `the transaction takes ${bytes} bytes; nodes refuse more than ${MAX_TRANSACTION_BYTES}`, { where: label });
}

/** A contract that runs out of gas says nothing; callees may leave a 64th of it. */
function isOutOfGas({ receipt, flight }: Mined): boolean {
  return receipt.status === 0 && receipt.gasUsed * 10n >= flight.gasLimit * 9n;
}

/** Not beyond what a transaction may have, unless it needs it. */
function withMargin(estimate: bigint, percent: bigint): bigint {
  const limit = (estimate * (100n + percent)) / 100n;
  if (limit <= MAX_TRANSACTION_GAS) return limit;
  return estimate > MAX_TRANSACTION_GAS ? estimate : MAX_TRANSACTION_GAS;
}

function lost(label: string, cause?: unknown): AssayError {
  return new AssayError("TRANSACTION_LOST", "another transaction of this account took the place of this one", { where: label, hint: "is the account in use elsewhere?", cause });
}

async function suggestedTip({ provider }: Connection): Promise<bigint> {
  try {
    return BigInt((await provider.send("eth_maxPriorityFeePerGas", [])) as string);
  } catch {
    return 1_000_000_000n;
  }
}

function isUnderpriced(error: unknown): boolean {
  return isError(error, "REPLACEMENT_UNDERPRICED") || /underpriced/i.test(textOf(error));
}

function isKnown(error: unknown): boolean {
  return /already known|already imported|known transaction/i.test(textOf(error));
}

/** ethers hides a node's own words in varying places. */
function textOf(error: unknown): string {
  return error instanceof Error ? `${error.message} ${JSON.stringify((error as { error?: unknown }).error ?? "")}` : String(error);
}
