/** The contract's functions as data. D and P are evidence: see {@link EvidenceSource}. */
import type { Hash } from "./hash.js";
import type { Address, Claim } from "./state.js";

/** Facts of a claim that its posting has shown: the contract checks them against header, uploads and proofs before. */
export type Posted = Pick<Claim, "traceRoot" | "slots" | "inputs" | "outputs" | "settleable">;

export interface PostMove {
  readonly kind: "post";
  readonly claimId: Hash;
  readonly posted: Posted;
}

/** What every move of a game names. */
interface OfGame {
  readonly claimId: Hash;
  /** The challenger's. */
  readonly root: Hash;
}

interface Answering extends OfGame {
  /** Hash of the state that the move answers. */
  readonly answered: Hash;
}

export interface OpenMove extends OfGame {
  readonly kind: "open";
  readonly expansion: Uint8Array;
  /** Of the challenger's trace, with the way up to its root; empty where no entry may settle the claim. */
  readonly outputRoots: readonly Hash[];
  readonly outputSiblings: readonly (readonly Uint8Array[])[];
}

export interface AnswerMove<D> extends Answering {
  readonly kind: "answer";
  /** The other side's expansion of its node, as it published it. */
  readonly theirs: Uint8Array;
  /** The mover's side's expansion of its own node. */
  readonly mine: Uint8Array;
  /** The mover's side's expansion of its next node; empty where the game needs none. */
  readonly next: Uint8Array;
  /** Of the slot that the next node is the root of. */
  readonly definition: D | undefined;
}

interface Proving<P> extends Answering {
  /** Whether operands are proven against the claim's trace, or the challenger's. */
  readonly onClaim: boolean;
  readonly evidence: P;
}

export interface ExecuteMove<P> extends Proving<P> {
  readonly kind: "execute";
}

export interface SumsMove<P> extends Proving<P> {
  readonly kind: "sums";
  readonly partials: readonly bigint[];
}

export interface RefuteMove<P> extends Proving<P> {
  readonly kind: "refute";
  readonly partials: readonly bigint[];
  readonly segment: number;
}

export interface ExpireMove extends Answering {
  readonly kind: "expire";
}

/** Moves of an open game. */
export type GameMove<D, P> = AnswerMove<D> | ExecuteMove<P> | SumsMove<P> | RefuteMove<P> | ExpireMove;

export interface FinalizeMove {
  readonly kind: "finalize";
  readonly claimId: Hash;
}

/** A one-shot proof: what the executor says to a question; "unknown" where it is not about the claim. */
export interface FraudMove {
  readonly kind: "proveFraud";
  readonly claimId: Hash;
  readonly reply: "fraud" | "no fraud" | "unknown";
}

/** A zero-knowledge proof for the claim's inputs: whether it shows the claim's outputs, others, or does not hold. */
export interface SettleMove {
  readonly kind: "settle";
  readonly claimId: Hash;
  readonly beneficiary: Address;
  readonly proof: "same outputs" | "other outputs" | "invalid";
}

export interface CollectMove extends OfGame {
  readonly kind: "collect";
  readonly mover: Address;
}

export interface WithdrawMove {
  readonly kind: "withdraw";
}

export type Move<D, P> = PostMove | OpenMove | GameMove<D, P> | FinalizeMove | FraudMove | SettleMove | CollectMove | WithdrawMove;

/** What a transaction brings along. */
export interface Context {
  readonly sender: Address;
  /** Wei. */
  readonly value: bigint;
  /** Seconds. */
  readonly now: number;
  /** Gwei that the move earns: its gas at the price paid, which counts up to the base fee with a tip, and up to the stated one. */
  readonly earned: bigint;
}
