/** The step's executor, as the game knows it: it computes from evidence, or finds fault with it. */
import type { ElementType } from "../../program/types.js";
import type { Hash } from "./hash.js";
import type { EvidenceFault } from "./rejection.js";

/** What a descriptor says of its tensor. */
export interface Description {
  readonly malformed: boolean;
  readonly type: ElementType;
  readonly count: number;
  readonly terms: number;
  readonly segment: number;
}

/** An element of a claim's model, with the trace that its operands are read from. */
export interface Question {
  readonly claimId: Hash;
  /** Trace root. */
  readonly root: Hash;
  readonly slot: number;
  readonly element: number;
}

export type Judged<T> = { readonly value: T; readonly fault?: undefined } | { readonly value?: undefined; readonly fault: EvidenceFault };

/** D: a slot's descriptor with its proof. P: the reads of one execution. */
export interface Judge<D, P> {
  describe(claimId: Hash, slot: number, definition: D): Judged<Description>;
  execute(question: Question, evidence: P): Judged<bigint>;
  segment(question: Question, segment: number, evidence: P): Judged<bigint>;
  /** The element whose segments have these results. */
  finish(question: Question, partials: readonly bigint[], evidence: P): Judged<bigint>;
}
