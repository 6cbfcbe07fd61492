/**
 * Models for games without a chain: seeded steps that read elements of earlier slots, sum them or take their maximum,
 * rescale and clamp. What a step means is of no concern to the game, only that both sides can recompute it.
 */
import { elementBytes, elementRange } from "../../../../src/program/elementType.js";
import type { ElementType } from "../../../../src/program/types.js";
import type { GameModel, SlotFacts } from "../../../../src/optimistic/dispute/views.js";
import { SeededRandom } from "../../../support/random.js";
import { Trace, type TraceTensor } from "../../../../src/optimistic/trace/trace.js";
import { honestTensor } from "./memoryTrace.js";

export interface ToySlot extends SlotFacts {
  readonly kind: "input" | "sum" | "max";
  readonly operands: readonly number[];
  readonly salt: number;
  readonly shift: bigint;
}


export interface ToyModel extends GameModel {
  readonly slots: readonly ToySlot[];
}

/** Reads an element of an earlier slot. */
export type Read = (slot: number, element: number) => bigint;

/** Of a maximum over nothing. */
const NOTHING = -(2n ** 255n);

/** The value of one segment of an element's terms. */
export function segmentOf(model: ToyModel, slot: number, element: number, segment: number, read: Read): bigint {
  const { kind, terms, segment: length, operands, salt } = model.slots[slot];
  let value = kind === "max" ? NOTHING : 0n;
  for (let t = segment * length; t < Math.min(terms, (segment + 1) * length); t++) {
    const operand = operands[(t + salt) % operands.length];
    const term = read(operand, (element * 7 + t * 13 + salt) % model.slots[operand].count);
    if (kind === "sum") value += term * BigInt(((salt ^ (t * 31) ^ (element * 17)) % 15) - 7);
    else if (term > value) value = term;
  }
  return value;
}

/** An element of the segments' values. */
export function finish(model: ToyModel, slot: number, partials: readonly bigint[]): bigint {
  const { kind, salt, shift, type } = model.slots[slot];
  const fold = kind === "sum" ? partials.reduce((sum, part) => sum + part, BigInt(salt)) : partials.reduce((most, part) => (part > most ? part : most));
  const { low, high } = elementRange(type);
  const scaled = (fold + (1n << shift) / 2n) >> shift;
  return scaled < BigInt(low) ? BigInt(low) : scaled > BigInt(high) ? BigInt(high) : scaled;
}

export function partialsOf(model: ToyModel, slot: number, element: number, read: Read): bigint[] {
  const { terms, segment } = model.slots[slot];
  return Array.from({ length: Math.ceil(terms / segment) }, (_, i) => segmentOf(model, slot, element, i, read));
}

export function valueOf(model: ToyModel, slot: number, element: number, read: Read): bigint {
  return finish(model, slot, partialsOf(model, slot, element, read));
}

/** Values of all slots; `lie` may change any that a step has just defined, and what follows is computed from it. */
export function executeToy(model: ToyModel, inputs: readonly (readonly bigint[])[], lie: (slot: number, values: bigint[]) => void = () => undefined): bigint[][] {
  const values: bigint[][] = [];
  model.slots.forEach((slot, s) => {
    values[s] = slot.kind === "input" ? [...inputs[s]] : Array.from({ length: slot.count }, (_, e) => valueOf(model, s, e, (o, i) => values[o][i]));
    lie(s, values[s]);
  });
  return values;
}

export function encodeSlot(values: readonly bigint[], type: ElementType): TraceTensor {
  const width = elementBytes(type);
  const bytes = new Uint8Array(values.length * width);
  values.forEach((value, i) => {
    const unsigned = BigInt.asUintN(8 * width, value);
    for (let byte = 0; byte < width; byte++) bytes[i * width + byte] = Number((unsigned >> BigInt(8 * byte)) & 0xffn);
  });
  return honestTensor(type, values.length, bytes);
}

export function toyTensors(model: ToyModel, values: readonly (readonly bigint[])[]): TraceTensor[] {
  return values.map((list, slot) => encodeSlot(list, model.slots[slot].type));
}

export function toyTrace(model: ToyModel, values: readonly (readonly bigint[])[]): Trace {
  return new Trace(toyTensors(model, values));
}

export function randomInputs(model: ToyModel, random: SeededRandom): bigint[][] {
  return model.slots.slice(0, model.inputs).map(({ count, type }) => {
    const { low, high } = elementRange(type);
    return Array.from({ length: count }, () => random.between(BigInt(low), BigInt(high)));
  });
}

/** Partial results that end in a value, whatever the operands: what a liar has to give. */
export function fittingPartials(model: ToyModel, slot: number, value: bigint, partials: readonly bigint[], random: SeededRandom): bigint[] {
  const { kind, salt, shift } = model.slots[slot];
  const fold = value << shift;
  const at = random.below(partials.length);
  if (kind === "max") return partials.map((part, i) => (i === at ? fold : part < fold ? part : fold));
  const rest = partials.reduce((sum, part, i) => (i === at ? sum : sum + part), BigInt(salt));
  return partials.map((part, i) => (i === at ? fold - rest : part));
}

const TYPES: readonly ElementType[] = ["u8", "i8", "u16", "i16", "i32", "i64"];

/** As the executor has them, and shorter ones, so that small steps have several. */
const SUM_SEGMENTS = [512, 30, 7];
const MAX_SEGMENTS = [16, 3];

export interface ToyShape {
  readonly inputs: number;
  readonly steps: number;
  /** Elements of a slot, at most. */
  readonly count: number;
  /** Terms of an element, at most; the more, the fewer elements. */
  readonly terms: number;
}

/** Terms of all elements of a step together, at most. */
const WORK = 8000;

export function randomModel(random: SeededRandom, { inputs, steps, count, terms }: ToyShape): ToyModel {
  const slots = Array.from({ length: inputs + steps }, (_, slot): ToySlot => {
    const kind = slot < inputs ? "input" : random.below(3) === 0 ? "max" : "sum";
    const depth = slot < inputs ? 0 : 1 + (random.below(2) === 0 ? random.below(terms) : random.below(20));
    const operands = Array.from({ length: 1 + random.below(2) }, () => random.below(slot));
    return {
      kind,
      operands: slot < inputs ? [] : operands,
      type: TYPES[random.below(TYPES.length)],
      count: 1 + random.below(Math.min(count, Math.ceil(WORK / Math.max(1, depth)))),
      terms: depth,
      segment: kind === "max" ? MAX_SEGMENTS[random.below(2)] : SUM_SEGMENTS[random.below(3)],
      node: `node${slot}`,
      shape: [],
      operations: [kind],
      salt: random.below(1000),
      shift: BigInt(random.below(10)),
    };
  }).map((slot) => ({ ...slot, shape: [1, slot.count] }));
  return { slots, inputs, outputs: [slots.length - 1] };
}
