/**
 * Several JSON-RPC endpoints of one chain as one source: what they say is compared by block hash, and what contracts answer at
 * that block word for word. More than half of those that answer decide; without such a majority nothing is acted upon.
 */
import type { Filter, JsonRpcProvider, Log } from "ethers";
import { AssayError } from "../errors.js";
import { type Call, decodeResult, encodeCall } from "./call.js";
import { toAssayError } from "./chainErrors.js";
import { connect, type Connection, type ConnectOptions } from "./connect.js";

/** A block that a majority of the endpoints has. */
export interface Head {
  readonly number: number;
  readonly hash: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  /** Wei per gas. */
  readonly baseFee: bigint;
  readonly gasLimit: bigint;
  /** The number of a block that the chain does not take back; blocks before it are history. */
  readonly finalized: number;
}

/** How an endpoint's last answer stood to what more than half of them say. */
export type EndpointState = "agrees" | "unreachable" | "behind" | "disagrees";

/** Why an endpoint counts, or does not. */
export interface EndpointReport {
  /** As it was given. */
  readonly rpcUrl: string;
  /** Only what agrees is listened to. */
  readonly state: EndpointState;
  /** For people; empty where it agrees. */
  readonly detail: string;
}

interface Block {
  readonly number: number;
  readonly hash: string;
  readonly timestamp: number;
  readonly baseFee: bigint;
  readonly gasLimit: bigint;
}

interface Endpoint {
  readonly rpcUrl: string;
  /** Undefined until it has answered once. */
  connection: Connection | undefined;
  state: EndpointState;
  detail: string;
}

interface Answer<T> {
  readonly endpoint: Endpoint;
  readonly value: T;
}

/** What a question came to: a value, or a contract's or node's refusal. */
type Outcome<T> = { readonly problem?: undefined; readonly value: T } | { readonly problem: AssayError; readonly value?: undefined };

export class Endpoints {
  readonly #options: ConnectOptions;
  readonly #endpoints: Endpoint[];
  #chainId: number | undefined;

  private constructor(urls: readonly string[], options: ConnectOptions) {
    this.#options = options;
    this.#endpoints = urls.map((rpcUrl) => ({ rpcUrl, connection: undefined, state: "unreachable", detail: "not asked yet" }));
  }

  /**
   * Connects to all that answer.
   * @throws AssayError RPC_UNREACHABLE when none does; BAD_USAGE when two are of different chains or an address is none
   */
  static async connect(urls: readonly [string, ...string[]], options: ConnectOptions = {}): Promise<Endpoints> {
    const endpoints = new Endpoints([...new Set(urls)], options);
    try {
      await endpoints.#connectMissing();
      if (endpoints.connections.length === 0) throw endpoints.#silence();
      return endpoints;
    } catch (error) {
      endpoints.close();
      throw error;
    }
  }

  /** One endpoint that is connected already; closing stays with its owner. */
  static of(connection: Connection): Endpoints {
    const endpoints = new Endpoints([connection.rpcUrl], {});
    endpoints.#chainId = connection.chainId;
    endpoints.#endpoints[0].connection = { ...connection, close: () => undefined };
    endpoints.#endpoints[0].state = "agrees";
    return endpoints;
  }

  get chainId(): number {
    return this.primary.chainId;
  }

  /** The connection that estimates and signs: the first that agreed when last asked. */
  get primary(): Connection {
    const usable = this.connections.at(0) ?? this.#endpoints.find(({ connection }) => connection !== undefined)?.connection;
    if (usable === undefined) throw this.#silence();
    return usable;
  }

  /** Those that agreed when last asked. */
  get connections(): readonly Connection[] {
    return this.#endpoints.flatMap(({ state, connection }) => (state === "agrees" && connection !== undefined ? [connection] : []));
  }

  /** How each stood when last asked. */
  get reports(): readonly EndpointReport[] {
    return this.#endpoints.map(({ rpcUrl, state, detail }) => ({ rpcUrl, state, detail }));
  }

  /**
   * The latest block that more than half of the reachable endpoints have.
   * @throws AssayError CHAIN_DISAGREES when they have different blocks there; RPC_UNREACHABLE
   */
  async head(): Promise<Head> {
    await this.#connectMissing();
    const latest = await this.#each(this.#connected(), ({ provider }) => blockOf(provider, "latest"));
    if (latest.length === 0) throw this.#silence();
    const numbers = latest.map(({ value }) => value.number).sort((a, b) => b - a);
    const number = numbers[Math.floor(latest.length / 2)] ?? 0;
    for (const { endpoint, value } of latest) if (value.number < number) mark(endpoint, "behind", `at block ${value.number}, others at ${number}`);
    const there = latest.filter(({ value }) => value.number >= number);
    const blocks = await this.#each(there.map(({ endpoint }) => endpoint), ({ provider }) => blockOf(provider, number));
    const block = majority(blocks, ({ hash }) => hash, `block ${number}`, latest.length);
    return { ...block, finalized: await this.#finalized(number) };
  }

  /** eth_call at a block, asked of every endpoint that agrees. */
  async read(head: Head, call: Call): Promise<readonly unknown[]> {
    const request = { to: call.to, data: encodeCall(call), blockTag: head.number };
    return decodeResult(call, await this.#same(`${call.name} at block ${head.number}`, ({ provider }) => provider.call(request), call.to));
  }

  /** The events of some blocks, the last of them at most the head's, oldest first. */
  async logs(filter: Filter): Promise<readonly Log[]> {
    const where = `events of blocks ${String(filter.fromBlock)} to ${String(filter.toBlock)}`;
    return this.#same(where, ({ provider }) => provider.getLogs(filter), where, (logs) => JSON.stringify(logs.map(({ blockHash, index, topics, data, removed }) => [blockHash, index, topics, data, removed])));
  }

  /** Anything else that all must answer alike. */
  async ask<T>(what: string, question: (provider: JsonRpcProvider) => Promise<T>): Promise<T> {
    return this.#same(what, ({ provider }) => question(provider), what, (value) => JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? String(part) : part)));
  }

  close(): void {
    for (const { connection } of this.#endpoints) connection?.close();
  }

  /** A contract's refusal is an answer as well. */
  async #same<T>(what: string, question: (connection: Connection) => Promise<T>, where: string, textOf: (value: T) => string = String): Promise<T> {
    const asked = this.#endpoints.filter(({ state }) => state === "agrees");
    const answers = await this.#each(asked, async (connection): Promise<Outcome<T>> => {
      try {
        return { value: await question(connection) };
      } catch (error) {
        const problem = toAssayError(error, where);
        if (problem.code === "RPC_UNREACHABLE") throw problem;
        return { problem };
      }
    });
    if (answers.length === 0) throw new AssayError("RPC_UNREACHABLE", "no JSON-RPC endpoint answers any more", { where });
    const outcome = majority(answers, ({ problem, value }) => (problem === undefined ? `= ${textOf(value)}` : `! ${problem.message}`), what, answers.length);
    if (outcome.problem !== undefined) throw outcome.problem;
    return outcome.value;
  }

  #silence(): AssayError {
    const where = this.#endpoints.map(({ rpcUrl }) => rpcUrl).join(", ");
    return new AssayError("RPC_UNREACHABLE", "no JSON-RPC endpoint answers", { where, hint: "check the address, and that the node runs" });
  }

  #connected(): Endpoint[] {
    return this.#endpoints.filter(({ connection }) => connection !== undefined);
  }

  async #connectMissing(): Promise<void> {
    const missing = this.#endpoints.filter(({ connection }) => connection === undefined);
    await Promise.all(missing.map((endpoint) => this.#connectOne(endpoint)));
  }

  async #connectOne(endpoint: Endpoint): Promise<void> {
    let connection: Connection;
    try {
      connection = await connect(endpoint.rpcUrl, this.#options);
    } catch (error) {
      const problem = toAssayError(error, endpoint.rpcUrl);
      if (problem.code !== "RPC_UNREACHABLE") throw problem;
      mark(endpoint, "unreachable", problem.message);
      return;
    }
    this.#chainId ??= connection.chainId;
    if (connection.chainId !== this.#chainId) {
      connection.close();
      throw new AssayError("BAD_USAGE", `the endpoints are of different chains: ${this.#chainId} and ${connection.chainId}`, { where: endpoint.rpcUrl });
    }
    endpoint.connection = connection;
    mark(endpoint, "agrees", "");
  }

  /** Asks endpoints at the same time; those that do not answer are marked and left out. */
  async #each<T>(asked: readonly Endpoint[], question: (connection: Connection) => Promise<T>): Promise<Answer<T>[]> {
    const answers = await Promise.all(
      asked.map(async (endpoint): Promise<Answer<T>[]> => {
        if (endpoint.connection === undefined) return [];
        try {
          const value = await question(endpoint.connection);
          mark(endpoint, "agrees", "");
          return [{ endpoint, value }];
        } catch (error) {
          mark(endpoint, "unreachable", toAssayError(error, endpoint.rpcUrl).message);
          return [];
        }
      }),
    );
    return answers.flat();
  }

  /** Chains without the tag: as many blocks as two of Ethereum's epochs. */
  async #finalized(head: number): Promise<number> {
    try {
      const block = await this.primary.provider.getBlock("finalized");
      return Math.min(head, block?.number ?? 0);
    } catch {
      return Math.max(0, head - 64);
    }
  }
}

/** What more than half of `voters` say; the others are marked. */
function majority<T>(answers: readonly Answer<T>[], textOf: (value: T) => string, what: string, voters: number): T {
  const groups = new Map<string, Answer<T>[]>();
  for (const answer of answers) groups.set(textOf(answer.value), [...(groups.get(textOf(answer.value)) ?? []), answer]);
  const winner = [...groups.values()].find((group) => 2 * group.length > voters);
  if (winner === undefined) {
    const sides = [...groups.values()].map((group) => group.map(({ endpoint }) => endpoint.rpcUrl).join(", "));
    throw new AssayError("CHAIN_DISAGREES", `the endpoints disagree on ${what}`, {
      where: sides.join(" against "),
      hint: "one of them follows another chain or lies; nothing is done until a majority agrees: check them, or give a third --rpc",
    });
  }
  for (const { endpoint } of answers.filter((answer) => !winner.includes(answer))) mark(endpoint, "disagrees", `differs on ${what}`);
  return winner[0].value;
}

function mark(endpoint: Endpoint, state: EndpointState, detail: string): void {
  endpoint.state = state;
  endpoint.detail = detail;
}

async function blockOf(provider: JsonRpcProvider, tag: number | "latest"): Promise<Block> {
  const block = await provider.getBlock(tag);
  if (block === null || block.hash === null) throw new AssayError("RPC_UNREACHABLE", `the endpoint does not have block ${tag}`);
  const { number, hash, timestamp, baseFeePerGas, gasLimit } = block;
  return { number, hash, timestamp, baseFee: baseFeePerGas ?? 0n, gasLimit };
}
