/** What a player reads of its own trace and of the model; the stores on disk implement these. */
import { elementBytes } from "../../program/elementType.js";
import { segmentLengthOf, termsOf } from "../../program/steps/core.js";
import type { Plan } from "../../program/steps/index.js";
import type { ElementType } from "../../program/types.js";
import type { TracePosition } from "../trace/trace.js";
import type { Hash } from "./hash.js";

/** A party's own trace. */
export interface TraceView {
  readonly root: Hash;
  /** The hashes some levels below a node, or the chunk. */
  expansion(position: TracePosition): Uint8Array;
  /** An element as the trace commits to it. */
  element(slot: number, index: number): bigint;
}

/** What the descriptor of a slot says, with the names of the program. */
export interface SlotFacts {
  readonly type: ElementType;
  /** Elements. */
  readonly count: number;
  /** Terms of one element; 0 of an input. */
  readonly terms: number;
  /** Terms that are executed at once; more are disputed in segments of so many. */
  readonly segment: number;
  readonly shape: readonly number[];
  /** ONNX node of the step's core operation; the name of an input. */
  readonly node: string;
  /** Kinds of the program's operations that the step covers, in order; none of an input. */
  readonly operations: readonly string[];
}

export interface GameModel {
  /** By slot, inputs first. */
  readonly slots: readonly SlotFacts[];
  readonly inputs: number;
  /** Slot of each output. */
  readonly outputs: readonly number[];
}

/**
 * What the step's executor wants to see, made from a model and the party's own trace; the game knows nothing of it.
 * D: a slot's descriptor with its proof. P: the reads of one execution.
 */
export interface EvidenceSource<D, P> {
  definition(slot: number): D;
  /** All reads of one element. */
  step(slot: number, element: number): P;
  /** Results of the segments of an element's terms. */
  partials(slot: number, element: number): readonly bigint[];
  /** What leads from the segments' results to the element: bias and tail. */
  finish(slot: number, element: number): P;
  /** The reads of one segment. */
  segment(slot: number, element: number, segment: number): P;
}

/** Bytes of a tensor. */
export function tensorLength({ type, count }: Pick<SlotFacts, "type" | "count">): number {
  return elementBytes(type) * count;
}

/** Partial results that an element needs; 1: it is executed at once. */
export function segmentsOf({ terms, segment }: Pick<SlotFacts, "terms" | "segment">): number {
  return Math.max(1, Math.ceil(terms / segment));
}

export function gameModelOf(plan: Plan): GameModel {
  const { program } = plan;
  const inputs = plan.inputs.map(({ type, count }, i): SlotFacts => {
    const { name, tensor } = program.inputs[i];
    return { type, count, terms: 0, segment: 1, shape: program.tensors[tensor].shape, node: name, operations: [] };
  });
  const steps = plan.steps.map(({ type, count, core, shape, node, operations }): SlotFacts => {
    return { type, count, terms: termsOf(core), segment: segmentLengthOf(core), shape, node, operations: operations.map(({ kind }) => kind) };
  });
  return { slots: [...inputs, ...steps], inputs: inputs.length, outputs: plan.outputs };
}
