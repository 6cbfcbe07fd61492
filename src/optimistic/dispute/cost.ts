/** What a game can still take, in moves, time and gas, whatever the other side does. */
import { traceDepth } from "../../math/merkle.js";
import { EXPANSION_LEVELS } from "../../math/merkleProofs.js";
import { expansionsOnWay } from "./position.js";
import type { Game, Parameters, Side } from "./state.js";

/** The model's size, as far as it bounds a game. */
export interface GameBounds {
  readonly slots: number;
  /** Bytes of the longest tensor. */
  readonly longestTensor: number;
  /** Whether some element is too long to be executed at once. */
  readonly segmented: boolean;
}

/** Gas of each move at most, for the model in question. */
export type GasTable = Readonly<Record<"open" | "answer" | "execute" | "sums" | "refute" | "expire" | "collect", bigint>>;

type Counted = keyof GasTable;

/** Moves of a game from its opening to its end, both sides', at most. */
export function mostMoves(bounds: GameBounds): number {
  return 1 + expansionsOnWay(bounds.slots, bounds.longestTensor) + (bounds.segmented ? 2 : 1);
}

/** Seconds from a claim's posting to the end of its last game. */
export function worstCaseDelay({ window, clock, grace }: Parameters, bounds: GameBounds): number {
  return window + 2 * clock + mostMoves({ ...bounds, segmented: true }) * grace;
}

/** The moves that a side may still have to make, at most; before a game is open, the challenger's with the opening. */
export function remainingMoves(bounds: GameBounds, game: Game | undefined, side: Side, gas: GasTable): Counted[] {
  if (game === undefined) {
    const answers = answersOf(expansionsOnWay(bounds.slots, bounds.longestTensor), "Operator", side);
    return [...(side === "Challenger" ? (["open"] as const) : []), ...answers, ...worstEnd(bounds, side, gas)];
  }
  switch (game.phase) {
    case "Trace":
    case "Tensor":
    case "Inner":
      return [...answersOf(remainingExpansions(bounds, game), game.turn, side), ...worstEnd(bounds, side, gas)];
    case "Execute":
      return ["execute", "collect"];
    case "Sums":
      return SUMMING[side];
    case "Refute":
      return side === "Challenger" ? ["refute", "collect"] : ["expire", "collect"];
    case "None":
    case "ClaimLost":
    case "ChallengerLost":
    case "Released":
      return ["collect"];
  }
}

/** Wei for those moves at a price a gas. */
export function worstCaseCost(bounds: GameBounds, game: Game | undefined, side: Side, gas: GasTable, price: bigint): bigint {
  return sumOf(remainingMoves(bounds, game, side, gas), gas) * price;
}

function sumOf(moves: readonly Counted[], gas: GasTable): bigint {
  return moves.reduce((sum, move) => sum + gas[move], 0n);
}

/** Both sides answer in turn. */
function answersOf(answers: number, turn: Side, side: Side): Counted[] {
  return Array.from({ length: Math.ceil((turn === side ? answers : answers - 1) / 2) }, (): Counted => "answer");
}

/** The operator ends a game in which nobody refuted, after the challenger's clock. */
const SUMMING: Readonly<Record<Side, Counted[]>> = { Operator: ["sums", "expire", "collect"], Challenger: ["refute", "collect"] };

function worstEnd({ segmented }: GameBounds, side: Side, gas: GasTable): Counted[] {
  const executing: Counted[] = ["execute", "collect"];
  return segmented && sumOf(SUMMING[side], gas) > sumOf(executing, gas) ? SUMMING[side] : executing;
}

function remainingExpansions({ slots, longestTensor }: GameBounds, { phase, levels }: Game): number {
  const below = Math.ceil(levels / EXPANSION_LEVELS);
  if (phase !== "Trace") return below + 1;
  return below + expansionsOnWay(slots, longestTensor) - Math.ceil(traceDepth(slots) / EXPANSION_LEVELS);
}
