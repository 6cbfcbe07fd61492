/** A game in the model's own terms. */
import type { CommittedModel } from "../../optimistic/model/index.js";
import { type Claim, gameModelOf, type Question, questionOf, type Side, type TraceView } from "../../optimistic/dispute/index.js";
import type { Head } from "../endpoints.js";
import type { GameMoveEvent } from "./events.js";
import type { FoundGame } from "./findClaim.js";

/** A move, as its event tells it. */
export interface DisputeMove {
  /** The opening, an answer, an element found, its value summed or computed, the end. */
  readonly kind: GameMoveEvent["kind"];
  /** Address of whoever sent it; it may be neither party's. */
  readonly mover: string;
  /** 0x and 64 digits. */
  readonly transaction: string;
}

/** Whose turn it is, what is left to each side, and what they disagree on. */
export interface DescribedDispute {
  /** keccak of claim id and root, 0x and 64 digits. */
  readonly gameId: string;
  /** Of the challenger's trace, 0x and 64 digits. */
  readonly root: string;
  /** Address of whoever opened it and paid its bond. */
  readonly challenger: string;
  /** IClaims.Phase: Trace, Tensor, Inner, Execute, Sums, Refute; at the end ClaimLost, ChallengerLost or Released. */
  readonly phase: string;
  /** Undefined when the game is over. */
  readonly turn: Side | undefined;
  /** Seconds that are left to the side to move; below 0 it has lost, once somebody says so. */
  readonly timeLeft: number | undefined;
  /** Seconds of each side's clock, the running move not counted. */
  readonly clocks: Readonly<Record<Side, number>>;
  /** Wei: the claim's bond, and the challenger's. */
  readonly bonds: Readonly<Record<Side, bigint>>;
  /** Accepted so far, the opening first. */
  readonly moves: readonly DisputeMove[];
  /** What the game is about by now; without the model's files undefined. */
  readonly question: Question | undefined;
  /** Both sides' values of the element, once it is found. */
  readonly values: Readonly<Record<"claimed" | "challenged", bigint>> | undefined;
  /** What the contract computed. */
  readonly computed: bigint | undefined;
}

/** @param own execution of whoever asks, for its value of the element */
export function describeDispute({ opened, record }: FoundGame, claim: Claim, challengeBond: bigint, head: Head, model: CommittedModel | undefined, own: TraceView | undefined): DescribedDispute {
  const { game } = record;
  const isOn = game.deadline !== 0 && claim.status === "Posted";
  const element = opened.events.findLast((event) => event.kind === "element");
  const computed = opened.events.findLast((event) => event.kind === "computed");
  return {
    gameId: opened.gameId,
    root: opened.root,
    challenger: opened.challenger,
    phase: game.phase,
    turn: isOn ? game.turn : undefined,
    timeLeft: isOn ? game.deadline - head.timestamp : undefined,
    clocks: game.clocks,
    bonds: { Operator: claim.bond, Challenger: isOn ? challengeBond : 0n },
    moves: opened.events.map(({ kind, mover, transaction }) => ({ kind, mover, transaction })),
    question: model === undefined ? undefined : questionOf(gameModelOf(model.plan), game, own),
    values: element === undefined ? undefined : { claimed: element.claimed, challenged: element.challenged },
    computed: computed?.value,
  };
}
