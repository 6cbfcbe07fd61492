/** What RNN, LSTM and GRU have in common: their operands and the unrolled loop over the sequence. */
import { concat, reshape, take, transpose } from "../../compose/layout.js";
import { asActivation } from "../../compose/matMul.js";
import { range } from "../../compose/positions.js";
import { type Emitter, real, type Value } from "../../emitter.js";
import { sameShape } from "../../limits.js";
import { badShape, malformed, quote, unsupported } from "../../problems.js";
import { type Operator, optionalIntegers, optionalValue, type OperatorNode, place, realOperand, value } from "../operator.js";

export interface Sizes {
  /** [length, batch, inputs] */
  readonly input: Value;
  readonly directions: number;
  readonly reverse: readonly boolean[];
  readonly length: number;
  readonly batch: number;
  readonly inputs: number;
  readonly hidden: number;
}

/** The next states of one direction, the first of them its output; undefined: a state of zeros. */
export type Step = (x: Value, states: readonly (Value | undefined)[]) => Value[];

const REVERSED: ReadonlyMap<string, readonly boolean[]> = new Map([["forward", [false]], ["reverse", [true]], ["bidirectional", [false, true]]]);

/** Weights must be constant; initial states may be computed. */
export const refuse: NonNullable<Operator["refuse"]> = (constant) => {
  const roles = new Map([[1, "weight"], [2, "recurrence weight"], [3, "bias"], [4, "sequence lengths"], [7, "peephole weight"]]);
  const index = constant.findIndex((isConstant, i) => isConstant === false && roles.has(i));
  return index < 0 ? undefined : `its ${roles.get(index) ?? ""} is computed from an input; it must be constant`;
};

/** @param gates rows of the weights in units of the hidden size */
export function sizesOf(node: OperatorNode, gates: number): Sizes {
  const { attributes } = node;
  const direction = attributes.string("direction", "forward");
  const reverse = REVERSED.get(direction);
  if (reverse === undefined) throw malformed(`direction is ${quote(direction)}`, place(node));
  const input = sequence(node);
  if (input.shape.length !== 3) throw badShape(`an input of ${input.shape.length} axes instead of 3`, place(node));
  const [length, batch, inputs] = input.shape;
  const hidden = realOperand(node, 2).shape[2] ?? 0;
  if (attributes.int("hidden_size", hidden) !== hidden || hidden < 1) throw badShape(`hidden_size is not the ${hidden} of the weights`, place(node));
  const directions = reverse.length;
  checkShape(node, 1, [directions, gates * hidden, inputs]);
  checkShape(node, 2, [directions, gates * hidden, hidden]);
  checkShape(node, 3, [directions, 2 * gates * hidden]);
  return { input, directions, reverse, length, batch, inputs, hidden };
}

export function checkShape(node: OperatorNode, index: number, shape: readonly number[]): void {
  const operand = optionalValue(node, index);
  if (operand === undefined || sameShape(operand.shape, shape)) return;
  throw badShape(`operand ${index} has shape [${operand.shape.join(", ")}] instead of [${shape.join(", ")}]`, place(node));
}

/** With layout 1 the batch comes first everywhere. */
function batchFirst(node: OperatorNode): boolean {
  return node.attributes.flag("layout", false);
}

function sequence(node: OperatorNode): Value {
  const input = value(node, 0);
  return batchFirst(node) && input.shape.length === 3 ? transpose(node.emitter, input, [1, 0, 2]) : input;
}

/**
 * @param initial operands with the initial states
 * @returns all outputs [length, directions, batch, hidden], then each final state [directions, batch, hidden]
 */
export function unroll(node: OperatorNode, sizes: Sizes, initial: readonly number[], stepOf: (direction: number) => Step): Value[] {
  const { emitter } = node;
  const { directions, batch, hidden } = sizes;
  const isBatchFirst = batchFirst(node);
  const stateShape = isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
  for (const index of initial) checkShape(node, index, stateShape);
  const steps = stepsOf(node, sizes);
  const runs = Array.from({ length: directions }, (_, direction) => {
    const states = initial.map((index) => initialState(node, index, direction, isBatchFirst ? 1 : 0, [batch, hidden]));
    return run(node.emitter, sizes.input, sizes.reverse[direction] ? [...steps].reverse() : steps, states, stepOf(direction));
  });
  const all = runs.map(({ outputs }) => concat(emitter, padded(outputs, sizes).map((h) => reshape(emitter, h, [1, 1, batch, hidden])), 0));
  const finals = initial.map((_, state) => concat(emitter, runs.map(({ states }) => reshape(emitter, states[state], [1, batch, hidden])), 0));
  const y = concat(emitter, all, 1);
  if (!isBatchFirst) return [y, ...finals];
  return [transpose(emitter, y, [2, 0, 1, 3]), ...finals.map((state) => transpose(emitter, state, [1, 0, 2]))];
}

function initialState(node: OperatorNode, index: number, direction: number, axis: number, shape: readonly number[]): Value | undefined {
  const operand = optionalValue(node, index);
  if (operand === undefined || (operand.kind === "real" && operand.data.every((x) => x === 0))) return undefined;
  const part = reshape(node.emitter, take(node.emitter, operand, axis, [direction]), shape);
  if (part.kind === "activation") return part;
  return { kind: "activation", name: asActivation(node.emitter, part), shape, elementType: part.elementType };
}

/** The positions to read, in order. */
function stepsOf(node: OperatorNode, { length, batch }: Sizes): number[] {
  const lengths = optionalIntegers(node, 4) ?? [length];
  const [used] = lengths;
  if (optionalIntegers(node, 4) !== undefined && lengths.length !== batch) throw badShape(`${lengths.length} sequence lengths for a batch of ${batch}`, place(node));
  if (lengths.some((other) => other !== used)) throw unsupported("sequences of different lengths in one batch", place(node));
  if (used < 1 || used > length) throw badShape(`a sequence length of ${used} for ${length} steps`, place(node));
  return range(used);
}

interface Run {
  /** By position. */
  readonly outputs: readonly Value[];
  readonly states: readonly Value[];
}

function run(emitter: Emitter, input: Value, steps: readonly number[], initial: readonly (Value | undefined)[], next: Step): Run {
  const outputs: Value[] = [];
  let states: readonly (Value | undefined)[] = initial;
  for (const t of steps) {
    const x = reshape(emitter, take(emitter, input, 0, [t]), input.shape.slice(1));
    const following = next(x, states);
    outputs[t] = following[0];
    states = following;
  }
  return { outputs, states: states as readonly Value[] };
}

/** Outputs beyond the sequence's length are 0. */
function padded(outputs: readonly Value[], { length, batch, hidden }: Sizes): Value[] {
  return range(length).map((t) => outputs.at(t) ?? real(new Float64Array(batch * hidden), [batch, hidden], outputs[0].elementType));
}
