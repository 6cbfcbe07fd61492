/** What the chain tells of a claim, as the library reads it: all that an actor may know. */
import type { Log } from "ethers";
import { type ClaimsHistory, historyOf, historyTopics, type PostedClaim } from "../../../../src/chain/claims/events.js";
import { isOwed } from "../../../../src/chain/claims/money.js";
import { readClaim } from "../../../../src/chain/claims/readClaim.js";
import { readGame } from "../../../../src/chain/claims/readGame.js";
import { scanLogs } from "../../../../src/chain/claims/scanLogs.js";
import type { Head } from "../../../../src/chain/endpoints.js";
import type { Hash } from "../../../../src/optimistic/dispute/hash.js";
import type { GameRecord } from "../../../../src/optimistic/dispute/player.js";
import type { Address, Claim } from "../../../../src/optimistic/dispute/state.js";
import { isOver } from "../../../../src/optimistic/dispute/world.js";
import type { Court } from "./court.js";

export interface ClaimView {
  readonly claimId: Hash;
  readonly claim: Claim;
  readonly games: readonly GameRecord[];
  /** Those that are not over. */
  readonly on: readonly GameRecord[];
  readonly posted: PostedClaim;
  readonly history: ClaimsHistory;
}

/** The latest views: of a block and a claim. Actors that look at the same block see the same. */
const seen = new WeakMap<Court, { readonly block: string; readonly views: Map<Hash, Promise<ClaimView>> }>();

export async function viewOf(court: Court, claimId: Hash): Promise<ClaimView> {
  const head = await court.head();
  const block = `${court.cases} ${head.hash}`;
  const known = seen.get(court);
  const views = known?.block === block ? known.views : new Map<Hash, Promise<ClaimView>>();
  if (known?.block !== block) seen.set(court, { block, views });
  const view = views.get(claimId) ?? read(court, claimId, head);
  views.set(claimId, view);
  return view;
}

async function read(court: Court, claimId: Hash, head: Head): Promise<ClaimView> {
  const { contract } = court;
  const history = historyOf(await logsOf(court, head));
  const posted = history.claims.get(claimId);
  if (posted === undefined) throw new Error(`no claim ${claimId}`);
  const opened = [...history.games.values()].filter((game) => game.claimId === claimId);
  const [claim, ...games] = await Promise.all([readClaim(contract, head, posted), ...opened.map((game) => readGame(contract, head, posted, game))]);
  return { claimId, claim, games, posted, history, on: games.filter(({ game }) => !isOver(game.phase)) };
}

function logsOf({ contract }: Court, head: Head): Promise<Log[]> {
  return scanLogs(contract.endpoints, { address: contract.address, topics: historyTopics() }, 0, head.number);
}

/** Games that are over and owe somebody something. */
export async function owedTo(court: Court, view: ClaimView, mover: Address): Promise<Hash[]> {
  const mine = moversOf(view).filter(({ root, movers }) => movers.has(mover) && !view.on.some((game) => game.root === root));
  const head = await court.head();
  const due = await Promise.all(mine.map(({ root }) => isOwed(court.contract, head, view.claimId, root, mover)));
  return mine.flatMap(({ root }, i) => (due[i] ? [root] : []));
}

/** All who have moved in a claim's games, challengers included. */
export function moversOf({ history, claimId }: Pick<ClaimView, "history" | "claimId">): { readonly root: Hash; readonly movers: ReadonlySet<Address> }[] {
  const games = [...history.games.values()].filter((game) => game.claimId === claimId);
  return games.map(({ root, challenger, events }) => ({ root, movers: new Set([challenger, ...events.map(({ mover }) => mover).filter((mover) => mover.length === 42)]) }));
}
