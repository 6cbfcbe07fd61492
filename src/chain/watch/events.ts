/** What a watcher reports, as it happens. */
import type { Status } from "../../optimistic/dispute/state.js";
import type { Hash } from "../../optimistic/dispute/hash.js";
import type { EndpointReport } from "../endpoints.js";
import type { ErrorCode } from "../../errors.js";

/** What one's own execution says of a claim. */
export type Verdict = "right" | "wrong" | "unknown model" | "not computed";

/** A claim has been recomputed, or cannot be. */
export interface ClaimEvent {
  /** Tells it from the other events. */
  readonly kind: "claim";
  /** 0x and 64 digits. */
  readonly claimId: Hash;
  /** What the claim says was executed. */
  readonly modelId: Hash;
  /** Address whose bond is at stake. */
  readonly operator: string;
  /** Of this machine's own execution. */
  readonly verdict: Verdict;
}

/** Somebody has to look: money or a wrong claim's finality is at stake. */
export interface AlarmEvent {
  /** Tells it from the other events. */
  readonly kind: "alarm";
  /** Undefined where it is about none alone. */
  readonly claimId: Hash | undefined;
  /** As of a failure that is thrown. */
  readonly code: ErrorCode;
  /** For people. */
  readonly message: string;
  /** What somebody can do about it. */
  readonly hint: string | undefined;
}

/** A transaction of this account has been mined. */
export interface ActionEvent {
  /** Tells it from the other events. */
  readonly kind: "action";
  /** Undefined of a withdrawal. */
  readonly claimId: Hash | undefined;
  /** Of the challenger's trace in the game that it belongs to, if it belongs to one. */
  readonly root: Hash | undefined;
  /** What it did. */
  readonly action: ActionName;
  /** 0x and 64 digits. */
  readonly transaction: string;
  /** Gas, not wei. */
  readonly gasUsed: bigint;
}

/** Not sent, or reverted: usually somebody else was faster. */
export interface RefusedEvent {
  /** Tells it from the other events. */
  readonly kind: "refused";
  /** Undefined of a withdrawal. */
  readonly claimId: Hash | undefined;
  /** What was meant. */
  readonly action: ActionName;
  /** Why not, for people. */
  readonly message: string;
}

/** A claim that was followed is over. */
export interface EndedEvent {
  /** Tells it from the other events. */
  readonly kind: "ended";
  /** 0x and 64 digits. */
  readonly claimId: Hash;
  /** Final or Defeated. */
  readonly status: Status;
}

/** An endpoint stands otherwise than before. */
export interface EndpointEvent {
  /** Tells it from the other events. */
  readonly kind: "endpoint";
  /** How it stands now. */
  readonly report: EndpointReport;
}

/** What happens while a watcher or an operator looks on. */
export type WatchEvent = ClaimEvent | AlarmEvent | ActionEvent | RefusedEvent | EndedEvent | EndpointEvent;

/** What was sent: a game's opening or move, a claim's end, a game's money, or all the account's money in the contract. */
export type ActionName = "open" | "answer" | "execute" | "sums" | "refute" | "expire" | "finalize" | "collect" | "withdraw";
