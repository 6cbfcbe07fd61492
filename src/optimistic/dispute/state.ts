/**
 * What contract Claims keeps of claims and games, as plain immutable data (contracts/interfaces/IClaims.sol has each field's
 * meaning). Amounts are wei, credits gwei, times seconds.
 */
import type { ElementType } from "../../program/types.js";
import { type Hash, hashWords, toWord } from "./hash.js";
import type { Position } from "./position.js";
import type { Rejection } from "./rejection.js";

/** 0x-prefixed lowercase hex. */
export type Address = `0x${string}`;

/** In the contract's order. */
export const STATUSES: readonly Status[] = ["None", "Posted", "Final", "Defeated"];

/** None: no such claim. Posted: bonded, open to games in its window. Final: proven, or nobody won a game. Defeated: somebody did. */
export type Status = "None" | "Posted" | "Final" | "Defeated";

/** Whom a move belongs to, whoever sends it. */
export type Side = "Operator" | "Challenger";

/** In the contract's order. */
export const PHASES = ["None", "Trace", "Tensor", "Inner", "Execute", "Sums", "Refute", "ClaimLost", "ChallengerLost", "Released"] as const;

export type Phase = (typeof PHASES)[number];

export interface Parameters {
  /** Seconds from posting in which games can be opened. */
  readonly window: number;
  /** Seconds that each side has for a whole game. */
  readonly clock: number;
  /** Seconds of each move that count as nobody's. */
  readonly grace: number;
  /** Gas that a side's moves of one game cost at most. */
  readonly worstGas: bigint;
  /** Wei a gas that credits are counted with at most. */
  readonly statedPrice: bigint;
  /** Wei, at least: what an operator stakes on a claim. */
  readonly claimBond: bigint;
  /** Wei, exactly: what a challenger stakes on a game. */
  readonly challengeBond: bigint;
}

export interface Claim {
  readonly status: Status;
  readonly operator: Address;
  readonly traceRoot: Hash;
  readonly slots: number;
  readonly inputs: number;
  /** Slots and roots of the outputs. */
  readonly outputs: readonly { readonly slot: number; readonly root: Hash }[];
  readonly bond: bigint;
  readonly deadline: number;
  readonly openGames: number;
  readonly credits: bigint;
  /** Whether an entry may settle the claim. */
  readonly settleable: boolean;
}

/** The nodes at which the two traces differ. */
export interface Nodes {
  readonly claim: Hash;
  readonly challenger: Hash;
}

/** What the contract's `content` commits to. */
export type Content =
  | { readonly kind: "nodes"; readonly nodes: Nodes }
  | { readonly kind: "claimed"; readonly value: bigint }
  | { readonly kind: "partials"; readonly partials: readonly bigint[] };

/** The tensor of the first difference, once the game is in it. */
export interface DisputedTensor {
  readonly slot: number;
  readonly type: ElementType;
  /** Bytes. */
  readonly length: number;
  /** Partial results an element; 1: executed at once. */
  readonly segments: number;
}

export interface Game {
  readonly phase: Phase;
  readonly turn: Side;
  readonly moves: number;
  readonly levels: number;
  readonly index: number;
  readonly tensor: DisputedTensor | undefined;
  readonly clocks: Readonly<Record<Side, number>>;
  readonly lastMoveAt: number;
  /** The side to move may do so until then, included; 0 when the game is over. */
  readonly deadline: number;
  readonly content: Content;
  readonly challenger: Address;
  readonly sameOutputs: boolean;
  /** Of each side's moves, whoever made them. */
  readonly credits: BySide;
  /** Of those, the operator's and the challenger's own moves on their own sides. */
  readonly ownCredits: BySide;
}

export type BySide = Readonly<Record<Side, bigint>>;

/** Wei that movers share in proportion to their credits: what is left of both. */
export interface Pot {
  readonly amount: bigint;
  readonly credits: bigint;
}

export type Table<K extends string, T> = Readonly<Partial<Record<K, T>>>;

/** All that the contract stores, and the ether that it holds and has burned. */
export interface World {
  readonly parameters: Parameters;
  readonly claims: Table<Hash, Claim>;
  /** By game id. */
  readonly games: Table<Hash, Game>;
  /** Gwei, by game id and mover: of moves for a side that is not the mover's own. */
  readonly credits: Table<Hash, Table<Address, BySide>>;
  readonly pots: Table<Hash, Pot>;
  readonly balances: Table<Address, bigint>;
  readonly held: bigint;
  readonly burned: bigint;
}

/** A move's result: the next state, or the name of the contract's error. */
export type Outcome = { readonly world: World; readonly rejection?: undefined } | { readonly rejection: Rejection };

export function otherSide(side: Side): Side {
  return side === "Operator" ? "Challenger" : "Operator";
}

/** The word that the contract stores of a content. */
export function contentWord(content: Content): Hash {
  switch (content.kind) {
    case "nodes":
      return hashWords(content.nodes.claim, content.nodes.challenger);
    case "claimed":
      return toWord(content.value);
    case "partials":
      return hashWords(...content.partials);
  }
}

/** IClaims.stateHash */
export function stateHashOf(gameId: Hash, { moves, content }: Game): Hash {
  return hashWords(gameId, BigInt(moves), contentWord(content));
}

/** Where a game's nodes lie; undefined once the element is found. */
export function positionOf({ phase, levels, index, tensor }: Game): Position | undefined {
  if (phase === "Trace") return { area: "trace", levels, index };
  if (tensor === undefined) return undefined;
  const { slot, length } = tensor;
  if (phase === "Tensor") return { area: "tensor", slot, length };
  return phase === "Inner" ? { area: "inner", slot, length, levels, index } : undefined;
}
