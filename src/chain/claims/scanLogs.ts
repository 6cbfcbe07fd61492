/** Events over many blocks, in ranges that endpoints grant. */
import type { Log } from "ethers";
import { AssayError } from "../../errors.js";
import type { Endpoints, Head } from "../endpoints.js";

/** What most public endpoints grant. */
const RANGE = 10_000;

export interface LogFilter {
  readonly address: string;
  /** As eth_getLogs has them: an alternative each, null for any. */
  readonly topics: readonly (string | readonly string[] | null)[];
}

/** Oldest first; both blocks included. */
export async function scanLogs(endpoints: Endpoints, filter: LogFilter, from: number, to: number, range = RANGE): Promise<Log[]> {
  const logs: Log[] = [];
  for (let start = from; start <= to; start += range) logs.push(...(await logsOf(endpoints, filter, start, Math.min(to, start + range - 1))));
  return logs;
}

/** Endpoints refuse ranges, and answers that are too long, by words of their own: half of the range is tried then. */
async function logsOf(endpoints: Endpoints, { address, topics }: LogFilter, from: number, to: number): Promise<readonly Log[]> {
  try {
    return await endpoints.logs({ address, topics: topics.map((topic) => (topic === null || typeof topic === "string" ? topic : [...topic])), fromBlock: from, toBlock: to });
  } catch (error) {
    if (!(error instanceof AssayError) || error.code !== "RPC_REJECTED" || from === to) throw error;
    const middle = Math.floor((from + to) / 2);
    return [...(await logsOf(endpoints, { address, topics }, from, middle)), ...(await logsOf(endpoints, { address, topics }, middle + 1, to))];
  }
}

/** The first block that is not older than `timestamp`, in seconds since 1970. */
export async function firstBlockSince(endpoints: Endpoints, head: Head, timestamp: number): Promise<number> {
  let [low, high] = [0, head.number];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const time = await endpoints.ask(`block ${middle}`, async (provider) => (await provider.getBlock(middle))?.timestamp ?? 0);
    if (time >= timestamp) high = middle;
    else low = middle + 1;
  }
  return low;
}
