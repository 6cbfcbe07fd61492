/** What a game is about, in the model's own terms. */
import { CHUNK_BYTES } from "../../math/merkle.js";
import { elementBytes } from "../../program/elementType.js";
import { levelsBelow, type Position } from "./position.js";
import { type Game, positionOf } from "./state.js";
import type { GameModel, SlotFacts, TraceView } from "./views.js";

/** First and last, both included. */
export type Range = readonly [first: number, last: number];

/** The tensors among which the first difference is, with the names of what defines them. */
export interface AmongTensors {
  /** The descent is in the tree over the tensors' roots. */
  readonly kind: "tensors";
  /** Positions in the trace, inputs first. */
  readonly slots: Range;
  /** ONNX nodes, or names of inputs, by slot. */
  readonly nodes: readonly string[];
}

/** The elements of one tensor among which it is; none where the tensor has ended. */
export interface AmongElements extends TensorNames {
  /** The descent is in one tensor's tree. */
  readonly kind: "elements";
  /** Flat indices, row-major in the tensor's shape. */
  readonly elements: Range | undefined;
}

/** The element that is computed on chain. */
export interface DisputedElement extends TensorNames {
  /** The descent is over. */
  readonly kind: "element";
  /** Flat index, row-major in the tensor's shape. */
  readonly element: number;
  /** In the tensor's shape, channels last. */
  readonly coordinate: readonly number[];
  /** The operator's value; undefined once its partial results are all that the contract keeps. */
  readonly claimed: bigint | undefined;
  /** The value in the trace given. */
  readonly own: bigint | undefined;
  /** Of the reduction that it is the result of; 1 where it is none. */
  readonly terms: number;
}

interface TensorNames {
  /** Position in the trace, inputs first. */
  readonly slot: number;
  /** ONNX node. */
  readonly node: string;
  /** Kinds of the program's operations that the step covers, in order; none of an input. */
  readonly operations: readonly string[];
  /** In the program's order of axes, channels last. */
  readonly shape: readonly number[];
}

/** What a game is about: it narrows with every answer. */
export type Question = AmongTensors | AmongElements | DisputedElement;

/** @param trace of whoever asks, for its own value of the element */
export function questionOf(model: GameModel, game: Game, trace?: TraceView): Question | undefined {
  const position = positionOf(game);
  if (position !== undefined) return amongOf(model, position);
  if (game.tensor === undefined || game.content.kind === "nodes") return undefined;
  const { slot } = game.tensor;
  const { shape, terms } = model.slots[slot];
  const claimed = game.content.kind === "claimed" ? game.content.value : undefined;
  const own = trace === undefined ? undefined : trace.element(slot, game.index);
  return { kind: "element", ...namesOf(model, slot), element: game.index, coordinate: coordinateOf(shape, game.index), claimed, own, terms };
}

function amongOf(model: GameModel, position: Position): Question {
  const span = 2 ** levelsBelow(position);
  const first = position.area === "tensor" ? 0 : position.index * span;
  if (position.area === "trace") {
    const slots = model.slots.slice(first, first + span);
    return { kind: "tensors", slots: [first, first + slots.length - 1], nodes: slots.map(({ node }) => node) };
  }
  return { kind: "elements", ...namesOf(model, position.slot), elements: elementsIn(model.slots[position.slot], first, span) };
}

function elementsIn({ type, count }: SlotFacts, firstChunk: number, chunks: number): Range | undefined {
  const each = CHUNK_BYTES / elementBytes(type);
  const [from, to] = [firstChunk * each, Math.min(count, (firstChunk + chunks) * each)];
  return from < to ? [from, to - 1] : undefined;
}

function namesOf(model: GameModel, slot: number): TensorNames {
  const { node, operations, shape } = model.slots[slot];
  return { slot, node, operations, shape };
}

/** Row-major. */
function coordinateOf(shape: readonly number[], element: number): number[] {
  let rest = element;
  return shape.toReversed().map((size) => {
    const at = rest % size;
    rest = Math.floor(rest / size);
    return at;
  }).reverse();
}
