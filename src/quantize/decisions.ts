/**
 * What quantization decides from a model's weights: shifts, and types of committed constants. The decisions of one model are
 * recorded, so that a fine-tuned variant can be quantized with them and becomes the same program but for its committed weights.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { AssayError } from "../errors.js";

type Value = number | string;

/** What was decided, and how. */
export type Decision = readonly [kind: DecisionKind, value: Value];
export type DecisionKind = "shift" | "integers" | "type";

interface Run {
  readonly made: Decision[];
  /** Of the base model, in the order in which they are made. */
  readonly given: readonly Decision[] | undefined;
  readonly clamped: Map<string, number>;
}

const current = new AsyncLocalStorage<Run>();

export interface Decided<T> {
  readonly result: T;
  readonly decisions: readonly Decision[];
  /** Weights that the given decisions have no room for, by node: clamped to their type's range. */
  readonly clamped: Readonly<Record<string, number>>;
}

/**
 * Runs a quantization with the decisions of another one, or its own where none are given.
 * @throws AssayError BAD_USAGE where the model needs more or fewer decisions, and so is another one
 */
export function withDecisions<T>(given: readonly Decision[] | undefined, quantize: () => T): Decided<T> {
  const run: Run = { made: [], given, clamped: new Map() };
  const result = current.run(run, quantize);
  if (given !== undefined && given.length !== run.made.length) throw otherGraph();
  return { result, decisions: run.made, clamped: Object.fromEntries(run.clamped) };
}

/** A decision that depends on weights. */
export function decide<T extends Value>(kind: DecisionKind, compute: () => T): T {
  const run = current.getStore();
  if (run === undefined) return compute();
  const decision = run.given === undefined ? ([kind, compute()] as const) : run.given.at(run.made.length);
  if (decision?.[0] !== kind) throw otherGraph();
  run.made.push(decision);
  return decision[1] as T;
}

/** Notes that so many weights of a node were clamped. */
export function noteClamped(node: string, count: number): void {
  const clamped = current.getStore()?.clamped;
  if (count > 0) clamped?.set(node, (clamped.get(node) ?? 0) + count);
}

export function otherGraph(where?: string): AssayError {
  return new AssayError("BAD_USAGE", "the model is no variant of the base: it differs by more than committed weights", {
    where,
    hint: "export it with the same graph, names and shapes as the base, or compile it without --like",
  });
}
