/**
 * A function becomes a table. Where the argument is held in few bits, one entry an argument; where it is held in 16 bits, the
 * upper bits choose a segment and the lower ones interpolate in it, or, for steps at integers, say whether it was entered.
 */
import type { RealFunction } from "../../onnx/graph.js";
import { elementRange } from "../../program/elementType.js";
import { hull } from "../../program/interval.js";
import { MAX_TABLE_ENTRIES, type TensorId } from "../../program/types.js";
import type { ProgramBuilder } from "../builder.js";
import type { QuantizedValue } from "../heads/draft.js";
import type { ValueRange } from "../ranges.js";
import { constantType, integerType, type Quantization } from "../scales.js";
import { floorShift, intoType, isPositive, minusMultiple } from "./clamp.js";

/** Arguments x = low + step·u of a table index u of so many bits. */
export interface Domain {
  readonly low: number;
  readonly step: number;
  readonly bits: number;
  /** Bits of u within a segment; 0 where every argument has its entry. */
  readonly segmentBits: number;
  /** What calibration saw of the arguments. */
  readonly seen: ValueRange;
  /** Bits that entries have beyond the output's step: as many as leave them 16. */
  readonly extraBits: number;
  /** Where arguments may lie: beyond the domain the function hardly changes, and a table's ends stand for all that is there. */
  readonly reach: ValueRange;
}

export type Grid = Omit<Domain, "seen" | "extraBits" | "reach">;

/** Bits of a table that has an entry for every argument. */
const DIRECT_BITS = 10;

/** Near a pole chords end far beyond what a result may be. */
const MAX_ENTRY = 2 ** 24;

/** What calibration saw is widened so that new samples find the function and not its last value, more where there are bits for it. */
const MARGIN = 1 / 8;
const WIDE_MARGIN = 1 / 2;

/** How closely a table follows its function. */
export interface Fidelity {
  /** Whether arguments have 16 bits. */
  readonly wide: boolean;
  /** Error of the chords that is accepted, in the function's own units. */
  readonly tolerance: number;
  /** Step of the arguments, where they were rounded to one: what was an integer lies within half of it. */
  readonly grain: number;
  /** The greatest result in steps of the output. */
  readonly magnitude: number;
}

/** An entry for every integer that calibration saw, and for as many beside them as there is room for; undefined if that is too many. */
export function integerDomain(range: ValueRange): Domain | undefined {
  const room = 2 ** DIRECT_BITS - 1 - (range.high - range.low);
  if (room < 0) return undefined;
  return { low: range.low - Math.floor(room / 2), step: 1, bits: DIRECT_BITS, segmentBits: 0, seen: range, extraBits: 0, reach: range };
}

export function chooseDomain(fn: RealFunction, range: ValueRange, fidelity: Fidelity): Domain {
  const extraBits = Math.max(0, Math.min(8, Math.floor(Math.log2(2 ** 16 / fidelity.magnitude)) - 1));
  const reach = fn.snap === true ? range : widened(fn, range, fidelity.wide ? WIDE_MARGIN : MARGIN);
  return { ...chooseGrid(fn, reach, fidelity), seen: range, extraBits, reach };
}

function chooseGrid(fn: RealFunction, reach: ValueRange, { wide, tolerance, grain }: Fidelity): Grid {
  if (fn.snap === true) return steppedDomain(reach, grain);
  const { low, high } = trimmed(fn, reach, tolerance);
  if (!wide) return { low, step: (high - low) / (2 ** DIRECT_BITS - 1), bits: DIRECT_BITS, segmentBits: 0 };
  const options = [10, 9, 8, 7, 6].map((segmentBits) => ({ ...aligned(fn, low, high, segmentBits), bits: 16, segmentBits }));
  return options.find((domain) => interpolationError(fn, domain) <= tolerance) ?? options[options.length - 1];
}

function widened(fn: RealFunction, { low, high }: ValueRange, margin: number): ValueRange {
  const span = Math.max(high - low, Math.abs(high) * 1e-3, 1e-6);
  // Half of a positive least value keeps what has a pole at 0 away from it.
  const least = low > 0 ? Math.max(low / 2, low - span * margin) : low === 0 ? 0 : low - span * margin;
  const most = high < 0 ? Math.min(high / 2, high + span * margin) : high === 0 && low < 0 ? 0 : high + span * margin;
  // Not beyond where the function ends, or where it stays what it was.
  const ends = !Number.isFinite(fn.apply(least)) || fn.apply(least) === fn.apply(low);
  return { low: ends ? low : least, high: Number.isFinite(fn.apply(most)) ? most : Math.max(high, low + 1e-6) };
}

const TRIM_STEPS = 256;

/** Without ends where the function hardly changes: beyond the domain it stays what it is at the end. */
function trimmed(fn: RealFunction, { low, high }: ValueRange, tolerance: number): ValueRange {
  const width = (high - low) / TRIM_STEPS;
  const flat = (from: number, direction: 1 | -1): number => {
    const end = fn.apply(from);
    let steps = 0;
    while (steps < TRIM_STEPS - 1 && Math.abs(fn.apply(from + direction * (steps + 1) * width) - end) <= tolerance / 2) steps++;
    return steps * width;
  };
  const [left, right] = [flat(low, 1), flat(high, -1)];
  // A function that is flat everywhere keeps its range.
  return left + right < high - low ? { low: low + left, high: high - right } : { low, high };
}

/** A range that holds 0 gets a segment that begins there: it is where functions bend. */
function aligned(fn: RealFunction, low: number, high: number, segmentBits: number): Pick<Grid, "low" | "step"> {
  const width = (high - low) / (2 ** (16 - segmentBits) - 1);
  const least = -Math.ceil(-low / width) * width;
  if (low >= 0 || high <= 0 || !Number.isFinite(fn.apply(least))) return { low, step: (high - low) / (2 ** 16 - 1) };
  return { low: least, step: width / 2 ** segmentBits };
}

/** Beyond this, tables of segments of half a unit would be too long. */
const MAX_STEPPED_SPAN = 510;

/** A grid of powers of two on which integers and halves lie, with segments of half a unit at most. */
function steppedDomain({ low, high }: ValueRange, grain: number): Grid {
  const span = Math.max(high - low, 1);
  if (span > MAX_STEPPED_SPAN) {
    return { low: Math.floor(low), step: 2 ** Math.ceil(Math.log2((span + 2) / (2 ** DIRECT_BITS - 1))), bits: DIRECT_BITS, segmentBits: 0 };
  }
  const finest = Math.max((span + 2) / (2 ** 16 - 1), grain);
  const exponent = Math.min(Math.ceil(Math.log2(finest)), -1);
  const step = 2 ** exponent;
  const segmentBits = Math.max(0, Math.min(-1 - exponent, 6));
  const segment = step * 2 ** segmentBits;
  return { low: Math.floor(low / segment) * segment, step, bits: Math.ceil(Math.log2((span + 2) / step)), segmentBits };
}

function interpolationError(fn: RealFunction, grid: Grid): number {
  return segmentErrors(fn, grid).reduce((a, b) => Math.max(a, b), 0);
}

/** Of every segment: the distance of the function from its chord, at the middle. */
export function segmentErrors(fn: RealFunction, { low, step, bits, segmentBits }: Grid): Float64Array {
  const width = step * 2 ** segmentBits;
  return Float64Array.from({ length: 2 ** (bits - segmentBits) }, (_, q) => {
    const x = low + q * width;
    const error = Math.abs(fn.apply(x + width / 2) - (fn.apply(x) + fn.apply(x + width)) / 2);
    return Number.isFinite(error) ? error : 0;
  });
}

/** @param index the argument's index in the domain */
export function tableOfIndex(builder: ProgramBuilder, node: string, fn: RealFunction, domain: Domain, index: TensorId, output: Quantization, name: string): TensorId {
  const at = (u: number): number => entryOf(fn, domain.low + u * domain.step, output);
  const { segmentBits: bits } = domain;
  const segments = 2 ** (domain.bits - bits);
  if (bits === 0) {
    const argument = builder.form === "trace" ? reachedBy(domain, segments - 1) : (u: number): number => domain.low + u * domain.step;
    return pushTable(builder, node, index, 0, Array.from({ length: segments }, (_, u) => entryOf(fn, argument(u), output)), name, output);
  }
  if (fn.snap === true) {
    const segment = floorShift(builder, node, index, bits, domain.bits - bits);
    const rest = minusMultiple(builder, node, index, segment, 2 ** bits);
    const starts = Array.from({ length: segments }, (_, q) => at(q * 2 ** bits));
    const start = pushTable(builder, node, segment, 0, starts, `${node}.start`);
    return stepped(builder, node, start, segment, rest, starts, (q) => at((q + 0.5) * 2 ** bits), output, name);
  }
  // Chords between entries that have all 16 bits: rounded ones would add their error to the chord's.
  const sum = chordAccumulator(builder, node, fn, domain, index, output);
  const { low, high } = elementRange(output.type);
  return builder.push({ kind: "requantize", node, input: sum, shifts: [bits + domain.extraBits], low, high }, name, output.type);
}

/** What the ends miss is little, but thousands of elements of a softmax that miss it add up. */
function reachedBy({ low, step, reach }: Domain, last: number): (u: number) => number {
  return (u) => (u === 0 ? Math.min(low, reach.low) : u === last ? Math.max(low + last * step, reach.high) : low + u * step);
}

interface Chords {
  /** Bits of an argument within a segment. */
  readonly bits: number;
  readonly starts: readonly number[];
  /** Rise over a whole segment. */
  readonly slopes: readonly number[];
}

/**
 * Ends of segments may lie beyond the output's type, where a clamp would bend the chord that leads there: the result is
 * clamped, not the entries. Segments that calibration did not see stay within that type.
 */
function chordsOf(fn: RealFunction, { low, step, bits, segmentBits, seen, extraBits }: Domain, output: Quantization): Chords {
  const scale = output.scale / 2 ** extraBits;
  const width = step * 2 ** segmentBits;
  const ends = Array.from({ length: 2 ** (bits - segmentBits) + 1 }, (_, q) => fn.apply(low + q * width) / scale);
  // The domain may end before what was seen does: then the last segment is near.
  const [from, to] = [seen.low, seen.high].map((x) => Math.min(Math.max(x, low), low + (2 ** bits - 1) * step));
  const near = ends.filter((value, q) => Number.isFinite(value) && low + (q + 1) * width >= from && low + (q - 1) * width <= to);
  const type = elementRange(output.type);
  const [least, most] = [near.reduce((a, b) => Math.min(a, b), type.low * 2 ** extraBits), near.reduce((a, b) => Math.max(a, b), type.high * 2 ** extraBits)].map((value) => Math.min(Math.max(value, -MAX_ENTRY), MAX_ENTRY));
  const entries = ends.map((value) => Math.round(Math.min(Math.max(Number.isNaN(value) ? 0 : value, least), most)) + 0);
  return { bits: segmentBits, starts: entries.slice(0, -1), slopes: entries.slice(1).map((value, q) => value - entries[q]) };
}

/** start·2^bits + slope·rest. */
function pushChords(builder: ProgramBuilder, node: string, segment: TensorId, rest: TensorId, { bits, starts, slopes }: Chords): TensorId {
  const start = pushTable(builder, node, segment, 0, starts, `${node}.start`);
  const slope = pushTable(builder, node, segment, 0, slopes, `${node}.slope`);
  const product = builder.push({ kind: "mul", node, left: slope, right: rest }, `${node}.acc`);
  return builder.push({ kind: "add", node, left: start, right: product, leftFactor: 2 ** bits, rightFactor: 1 }, `${node}.acc`);
}

/** The chord through an index of 16 bits, as an accumulator at 2^−(segmentBits + extraBits) of the output's scale. */
export function chordAccumulator(builder: ProgramBuilder, node: string, fn: RealFunction, domain: Domain, index: TensorId, output: Quantization): TensorId {
  const bits = domain.segmentBits;
  const chords = chordsOf(fn, domain, output);
  const lines = builder.form === "trace" ? linesOf(chords) : undefined;
  const segment = floorShift(builder, node, index, bits, domain.bits - bits);
  if (lines === undefined) return pushChords(builder, node, segment, minusMultiple(builder, node, index, segment, 2 ** bits), chords);
  const offset = pushTable(builder, node, segment, 0, lines.offsets, `${node}.offset`);
  // Not the same tensor once more: what has one reader is inside a step.
  const slope = pushTable(builder, node, floorShift(builder, node, index, bits, domain.bits - bits), 0, lines.slopes, `${node}.slope`);
  const product = builder.push({ kind: "mul", node, left: slope, right: index }, `${node}.acc`);
  return builder.push({ kind: "add", node, left: product, right: offset, leftFactor: 1, rightFactor: 1 }, `${node}.acc`);
}

/** Chords as offset + slope·index at 2^−bits of the entries' scale. */
interface Lines {
  readonly offsets: readonly number[];
  readonly slopes: readonly number[];
}

/** Fewer tensors than a place within a segment takes; undefined where an offset is no table's entry. */
function linesOf({ bits, starts, slopes }: Chords): Lines | undefined {
  const offsets = starts.map((start, q) => (start - slopes[q] * q) * 2 ** bits);
  return constantType(Float64Array.from(offsets)) === "i64" ? undefined : { offsets, slopes };
}

/** start where the argument begins a segment, else the value inside: steps lie only where segments begin. */
function stepped(
  builder: ProgramBuilder,
  node: string,
  start: TensorId,
  segment: TensorId,
  rest: TensorId,
  starts: readonly number[],
  inside: (q: number) => number,
  output: Quantization,
  name: string,
): TensorId {
  const rises = pushTable(builder, node, segment, 0, starts.map((value, q) => inside(q) - value), `${node}.rise`);
  const entered = isPositive(builder, node, rest);
  const rise = builder.push({ kind: "mul", node, left: rises, right: entered }, `${node}.acc`);
  const sum = builder.push({ kind: "add", node, left: start, right: rise, leftFactor: 1, rightFactor: 1 }, `${node}.acc`);
  const { low, high } = elementRange(output.type);
  return builder.push({ kind: "requantize", node, input: sum, shifts: [0], low, high }, name, output.type);
}

/** An entry for every integer that the tensor can hold; undefined where there are too many. */
export function tableOfTensor(builder: ProgramBuilder, node: string, fn: RealFunction, input: Pick<QuantizedValue, "tensor" | "scale" | "exact">, output: Quantization, name: string): TensorId | undefined {
  const { low, high } = hull(builder.interval(input.tensor));
  if (high - low >= MAX_TABLE_ENTRIES) return undefined;
  const entries = Array.from({ length: high - low + 1 }, (_, i) => entryOf(fn, snapped(fn, (low + i) * input.scale, input.exact === true ? 0 : input.scale), output));
  return pushTable(builder, node, input.tensor, low, entries, name, output);
}

/** An integer within half a step of the argument, for functions that jump there. */
function snapped(fn: RealFunction, x: number, step: number): number {
  const nearest = Math.round(2 * x) / 2;
  return fn.snap === true && Math.abs(x - nearest) <= step * 0.5001 ? nearest : x;
}

function entryOf(fn: RealFunction, x: number, output: Quantization): number {
  const value = fn.apply(x);
  if (Number.isNaN(value)) return 0;
  return intoType(value / output.scale, output.type);
}

function pushTable(builder: ProgramBuilder, node: string, input: TensorId, low: number, values: readonly number[], name: string, output?: Quantization): TensorId {
  const data = Float64Array.from(values);
  const entries = { shape: [data.length], type: constantType(data), data };
  const [least, most] = [data.reduce((a, b) => Math.min(a, b)), data.reduce((a, b) => Math.max(a, b))];
  return builder.push({ kind: "table", node, input, low, entries }, name, output?.type ?? integerType(least, most));
}
