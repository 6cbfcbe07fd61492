/** What the contract said of claims and games: the facts that its storage does not keep. */
import type { Interface, Log, LogDescription } from "ethers";
import type { Hash } from "../../optimistic/dispute/hash.js";
import type { Address, Nodes } from "../../optimistic/dispute/state.js";
import type { StepHeader } from "../../optimistic/step/index.js";
import { loadArtifact } from "../artifacts.js";
import { fromHex, lower } from "../hex.js";
import type { UploadRef } from "./uploadInput.js";

/** A posted claim, as its transaction announced it. */
export interface PostedClaim {
  readonly claimId: Hash;
  readonly operator: Address;
  readonly modelId: Hash;
  readonly traceRoot: Hash;
  readonly nonce: bigint;
  /** Wei. */
  readonly bond: bigint;
  /** Seconds since 1970. */
  readonly deadline: number;
  /** 0: none. */
  readonly entry: Hash;
  readonly consumer: Address;
  readonly header: StepHeader;
  readonly uploads: readonly UploadRef[];
  readonly inputRoots: readonly Hash[];
  readonly outputRoots: readonly Hash[];
  /** Bytes of the outputs, where they are stored. */
  readonly outputs: readonly Uint8Array[];
  readonly block: number;
  readonly transaction: string;
}

/** One of a game's moves, as the contract told it. */
export type GameMoveEvent = { readonly mover: Address; readonly moves: number; readonly transaction: string; readonly block: number } & (
  | { readonly kind: "opened"; readonly expansion: Uint8Array }
  | { readonly kind: "answered"; readonly nodes: Nodes; readonly mine: Uint8Array; readonly next: Uint8Array }
  | { readonly kind: "element"; readonly element: number; readonly claimed: bigint; readonly challenged: bigint }
  | { readonly kind: "summed"; readonly partials: readonly bigint[] }
  | { readonly kind: "computed"; readonly value: bigint }
  | { readonly kind: "ended"; readonly phase: number }
);

export interface OpenedGame {
  readonly gameId: Hash;
  readonly claimId: Hash;
  /** The challenger's. */
  readonly root: Hash;
  readonly challenger: Address;
  readonly sameOutputs: boolean;
  /** Oldest first; the opening is the first. */
  readonly events: readonly GameMoveEvent[];
}

/** How a claim ended. */
export interface ClaimEnd {
  readonly kind: "final" | "defeated";
  readonly block: number;
  readonly transaction: string;
}

/** All claims and games that some events speak of. */
export interface ClaimsHistory {
  readonly claims: ReadonlyMap<Hash, PostedClaim>;
  /** By game id. */
  readonly games: ReadonlyMap<Hash, OpenedGame>;
  readonly ends: ReadonlyMap<Hash, ClaimEnd>;
}

const NAMES = ["ClaimPosted", "ClaimContents", "ClaimFinal", "ClaimDefeated", "GameOpened", "Answered", "ElementFound", "Summed", "Computed", "GameEnded"] as const;

/** For eth_getLogs: everything of the above, and not the inputs' pieces, which are large. */
export function historyTopics(): (readonly string[])[] {
  return [NAMES.map((name) => topicOf(name))];
}

export function topicOf(name: string): string {
  const event = loadArtifact("Claims").abi.getEvent(name);
  if (event === null) throw new TypeError(`contract Claims has no event ${name}`);
  return event.topicHash;
}

/** @param logs oldest first */
export function historyOf(logs: readonly Log[]): ClaimsHistory {
  const { abi } = loadArtifact("Claims");
  const history = { claims: new Map<Hash, PostedClaim>(), games: new Map<Hash, OpenedGame & { events: GameMoveEvent[] }>(), ends: new Map<Hash, ClaimEnd>() };
  let posted: LogDescription | undefined;
  for (const log of logs) {
    const event = parse(abi, log);
    if (event === undefined) continue;
    const { args, name } = event;
    if (name === "ClaimPosted") posted = event;
    else if (name === "ClaimContents") {
      // The contract emits both in this order, in one transaction.
      if (posted !== undefined && posted.args.claimId === args.claimId) history.claims.set(lower(args.claimId as string), postedClaim(posted, event, log));
    } else if (name === "ClaimFinal" || name === "ClaimDefeated") {
      history.ends.set(lower(args.claimId as string), { kind: name === "ClaimFinal" ? "final" : "defeated", block: log.blockNumber, transaction: log.transactionHash });
    } else addGameEvent(history.games, event, log);
  }
  return history;
}

function addGameEvent(games: Map<Hash, OpenedGame & { events: GameMoveEvent[] }>, event: LogDescription, log: Log): void {
  const { args, name } = event;
  const gameId = lower(args.gameId as string);
  if (name === "GameOpened") {
    const challenger = lower(args.challenger as string);
    games.set(gameId, { gameId, claimId: lower(args.claimId as string), root: lower(args.root as string), challenger, sameOutputs: args.sameOutputs as boolean, events: [] });
  }
  const move = moveEvent(event, log);
  if (move !== undefined) games.get(gameId)?.events.push(move);
}

function moveEvent({ name, args }: LogDescription, { transactionHash, blockNumber }: Log): GameMoveEvent | undefined {
  const place = { transaction: transactionHash, block: blockNumber };
  const by = { ...place, mover: lower((args.mover ?? args.challenger ?? "0x") as string), moves: Number(args.moves ?? 0) };
  switch (name) {
    case "GameOpened":
      return { ...by, kind: "opened", moves: 1, expansion: fromHex(args.expansion as string) };
    case "Answered": {
      const nodes = { claim: lower(args.claimNode as string), challenger: lower(args.challengerNode as string) };
      return { ...by, kind: "answered", nodes, mine: fromHex(args.mine as string), next: fromHex(args.next as string) };
    }
    case "ElementFound":
      return { ...by, kind: "element", element: Number(args.element), claimed: args.claimed as bigint, challenged: args.challenged as bigint };
    case "Summed":
      return { ...by, kind: "summed", partials: [...(args.partials as Iterable<bigint>)] };
    case "Computed":
      return { ...by, kind: "computed", value: args.value as bigint };
    case "GameEnded":
      return { ...by, kind: "ended", phase: Number(args.phase) };
    default:
      return undefined;
  }
}

interface DecodedHeader extends Readonly<Record<"structureRoot" | "stepsTop" | "parametersRoot" | "weightsRoot" | "tablesRoot", string>> {
  readonly parametersLength: bigint;
  readonly weightsLength: bigint;
  readonly tablesLength: bigint;
  readonly slots: bigint;
  readonly inputs: bigint;
  readonly outputs: Iterable<bigint>;
}

function postedClaim({ args: head }: LogDescription, { args: contents }: LogDescription, log: Log): PostedClaim {
  return {
    claimId: lower(head.claimId as string),
    operator: lower(head.operator as string),
    modelId: lower(head.modelId as string),
    traceRoot: lower(head.traceRoot as string),
    nonce: head.nonce as bigint,
    bond: head.bond as bigint,
    deadline: Number(head.deadline),
    entry: lower(head.entry as string),
    consumer: lower(head.consumer as string),
    header: headerOf(contents.header as DecodedHeader),
    uploads: Array.from(contents.uploads as Iterable<UploadRef>, ({ uploader, nonce }) => ({ uploader, nonce })),
    inputRoots: Array.from(contents.inputRoots as Iterable<string>, lower),
    outputRoots: Array.from(contents.outputRoots as Iterable<string>, lower),
    outputs: Array.from(contents.outputs as Iterable<string>, fromHex),
    block: log.blockNumber,
    transaction: log.transactionHash,
  };
}

function headerOf(header: DecodedHeader): StepHeader {
  return {
    structureRoot: header.structureRoot,
    stepsTop: header.stepsTop,
    parametersRoot: header.parametersRoot,
    weightsRoot: header.weightsRoot,
    tablesRoot: header.tablesRoot,
    slots: Number(header.slots),
    inputs: Number(header.inputs),
    outputs: Array.from(header.outputs, Number),
    parametersLength: Number(header.parametersLength),
    weightsLength: Number(header.weightsLength),
    tablesLength: Number(header.tablesLength),
  };
}

/** Undefined for events of later versions. */
function parse(abi: Interface, log: Log): LogDescription | undefined {
  return abi.parseLog({ topics: [...log.topics], data: log.data }) ?? undefined;
}
