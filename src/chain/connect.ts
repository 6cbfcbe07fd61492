import { FetchRequest, JsonRpcProvider, Network, type Signer } from "ethers";
import { AssayError } from "../errors.js";
import { findAccount, unlockedAccount } from "./account.js";
import { toAssayError } from "./chainErrors.js";

const PROBE_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** Local nodes mine at once; polling a public one faster than this would be rude. */
const LOCAL_POLLING_MS = 50;
const REMOTE_POLLING_MS = 2_000;

export interface Connection {
  readonly rpcUrl: string;
  readonly chainId: number;
  readonly provider: JsonRpcProvider;
  /** Undefined: the chain can be read but not written. */
  readonly account: Signer | undefined;
  close(): void;
}

export interface ConnectOptions {
  /** How long the endpoint may take to answer at all. */
  readonly timeoutMs?: number;
  /** A dev node's own unlocked account, whatever the environment holds. */
  readonly devAccount?: boolean;
}

/** Connects to a JSON-RPC endpoint that answers; see {@link findAccount} for whose account is used. */
export async function connect(rpcUrl: string, options: ConnectOptions = {}): Promise<Connection> {
  // Asked by hand first: ethers' own start-up retries for ever, and logs that.
  const chainId = await probeChainId(rpcUrl, options.timeoutMs ?? PROBE_TIMEOUT_MS);
  const request = new FetchRequest(rpcUrl);
  request.timeout = REQUEST_TIMEOUT_MS;
  const provider = new JsonRpcProvider(request, Network.from(chainId), { staticNetwork: true, cacheTimeout: -1 });
  provider.pollingInterval = isLocal(rpcUrl) ? LOCAL_POLLING_MS : REMOTE_POLLING_MS;
  const close = (): void => { provider.destroy(); };
  const account = (): Promise<Signer | undefined> =>
    options.devAccount === true ? unlockedAccount(provider, chainId) : findAccount(provider, chainId);
  try {
    return { rpcUrl, chainId, provider, account: await account(), close };
  } catch (error) {
    close();
    throw toAssayError(error, rpcUrl);
  }
}

/** The connection's account, or a message that says how to give one. */
export function requireAccount(connection: Connection): Signer {
  if (connection.account !== undefined) return connection.account;
  throw new AssayError("ACCOUNT_MISSING", `no account to sign with on chain ${connection.chainId}`, {
    hint: "set ASSAY_PRIVATE_KEY, or ASSAY_KEYSTORE and ASSAY_KEYSTORE_PASSWORD",
  });
}

async function probeChainId(rpcUrl: string, timeoutMs: number): Promise<number> {
  if (!/^https?:$/.test(parseUrl(rpcUrl).protocol)) {
    throw new AssayError("BAD_USAGE", "the endpoint must be an http or https address", { where: rpcUrl });
  }
  let answer: unknown;
  try {
    const response = await fetch(rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    answer = await response.json();
  } catch (cause) {
    throw new AssayError("RPC_UNREACHABLE", "the JSON-RPC endpoint does not answer", {
      where: rpcUrl,
      hint: "check the address, and that the node runs",
      cause,
    });
  }
  const result = (answer as { result?: unknown } | null)?.result;
  if (typeof result !== "string" || !/^0x[0-9a-f]{1,13}$/i.test(result)) {
    throw new AssayError("RPC_UNREACHABLE", "the endpoint does not speak Ethereum's JSON-RPC", { where: rpcUrl });
  }
  return Number(result);
}

function parseUrl(rpcUrl: string): URL {
  try {
    return new URL(rpcUrl);
  } catch {
    throw new AssayError("BAD_USAGE", "the endpoint is no address", { where: rpcUrl, hint: "http://127.0.0.1:8545" });
  }
}

function isLocal(rpcUrl: string): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(parseUrl(rpcUrl).hostname);
}
