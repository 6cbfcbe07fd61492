/** One claim with its games, looked for backwards from the latest block. */
import { AssayError } from "../../errors.js";
import type { Hash } from "../../optimistic/dispute/hash.js";
import type { GameRecord } from "../../optimistic/dispute/player.js";
import type { Claim } from "../../optimistic/dispute/state.js";
import type { Head } from "../endpoints.js";
import { lower } from "../hex.js";
import type { ClaimsContract } from "./contract.js";
import { historyOf, historyTopics, type OpenedGame, type PostedClaim, topicOf } from "./events.js";
import { readClaim } from "./readClaim.js";
import { readGame } from "./readGame.js";
import { scanLogs } from "./scanLogs.js";

export interface FoundGame {
  readonly opened: OpenedGame;
  readonly record: GameRecord;
}

export interface FoundClaim {
  readonly posted: PostedClaim;
  readonly claim: Claim;
  readonly games: readonly FoundGame[];
}

const FIRST_SPAN = 10_000;

/**
 * A claim's state at a block, by its id or that of one of its games.
 * @throws AssayError CLAIM_MISSING
 */
export async function findClaim(contract: ClaimsContract, head: Head, id: Hash): Promise<FoundClaim> {
  const place = await findPosting(contract, head, id);
  if (place === undefined) throw new AssayError("CLAIM_MISSING", "the contract has no claim and no game of this id", { where: `${id}, contract ${contract.address}`, hint: "assay claims --rpc URL lists them" });
  const { address, endpoints } = contract;
  const history = historyOf(await scanLogs(endpoints, { address, topics: historyTopics() }, place.block, head.number));
  const posted = history.claims.get(place.claimId);
  if (posted === undefined) throw new AssayError("CHAIN_DISAGREES", "the claim's events are incomplete", { where: `claim ${place.claimId}`, hint: "another --rpc may have them" });
  const opened = [...history.games.values()].filter(({ claimId }) => claimId === place.claimId);
  const games = await Promise.all(opened.map(async (game) => ({ opened: game, record: await readGame(contract, head, posted, game) })));
  return { posted, claim: await readClaim(contract, head, posted), games };
}

async function findPosting(contract: ClaimsContract, head: Head, id: Hash): Promise<{ readonly claimId: Hash; readonly block: number } | undefined> {
  const wanted = [[topicOf("ClaimPosted"), topicOf("GameOpened")], id];
  const log = await lastLog(contract, wanted, head.number);
  if (log === undefined) return undefined;
  if (log.topics[0] === topicOf("ClaimPosted")) return { claimId: id, block: log.blockNumber };
  const claimId = lower(log.topics[2]);
  const posting = await lastLog(contract, [topicOf("ClaimPosted"), claimId], log.blockNumber);
  return posting === undefined ? undefined : { claimId, block: posting.blockNumber };
}

async function lastLog({ endpoints, address }: ClaimsContract, topics: readonly (string | readonly string[])[], to: number): Promise<{ readonly topics: readonly string[]; readonly blockNumber: number } | undefined> {
  for (let [last, span] = [to, FIRST_SPAN]; last >= 0; last -= span, span *= 4) {
    const logs = await scanLogs(endpoints, { address, topics }, Math.max(0, last - span + 1), last);
    if (logs.length > 0) return logs[logs.length - 1];
  }
  return undefined;
}
