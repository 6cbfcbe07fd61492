/**
 * Interval arithmetic over a program: the exact range of every accumulator, from which the widths of all range checks
 * follow. One interval a channel (last axis) where channels survive, else one a tensor.
 */
import { AssayError } from "../errors.js";
import type { LinearMap } from "./linearMap.js";
import { type ElementRange, MAX_MAGNITUDE } from "./elementType.js";

export interface Interval {
  /** One entry a channel, or a single entry; low[c] ≤ high[c]. */
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Inclusive. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export function uniformInterval(low: number, high: number): Interval {
  return { low: Float64Array.of(low), high: Float64Array.of(high) };
}

/** The channel slot of a flat element index: channels are the last axis. */
export function slotOf(interval: Interval, element: number): number {
  return element % interval.low.length;
}

/** The union over all channels. */
export function hull(interval: Interval): Range {
  return { low: interval.low.reduce((a, b) => Math.min(a, b)), high: interval.high.reduce((a, b) => Math.max(a, b)) };
}

export function mapInterval(interval: Interval, apply: (value: number, slot: number) => number): Interval {
  return { low: interval.low.map(apply), high: interval.high.map(apply) };
}

/** Ranges that stand for constants whose values are open. */
export interface OpenConstants {
  readonly weight?: ElementRange;
  readonly bias?: ElementRange;
}

/**
 * The range of every output channel of a linear map; `channels` is the length of the output's last axis.
 * @param open constants that may be anything in these ranges: the map's values of them do not count
 */
export function linearInterval(map: LinearMap, operands: readonly Interval[], channels: number, node: string, open: OpenConstants = {}): Interval {
  const low = new Float64Array(channels).fill(Infinity);
  const high = new Float64Array(channels).fill(-Infinity);
  let least = 0;
  let most = 0;
  let reach = 0;
  let furthest = 0;
  const emit = (operand: 0 | 1, element: number, weight: number): void => {
    const range = operands[operand];
    const slot = slotOf(range, element);
    const a = range.low[slot];
    const b = range.high[slot];
    const lowest = open.weight === undefined ? weight : open.weight.low;
    const highest = open.weight === undefined ? weight : open.weight.high;
    // The greatest weights at either end: which product is least depends on the signs.
    least += Math.min(lowest * (lowest < 0 ? b : a), highest * (highest < 0 ? b : a));
    most += Math.max(lowest * (lowest < 0 ? a : b), highest * (highest < 0 ? a : b));
    reach += Math.max(-lowest, highest, lowest, -highest) * Math.max(-a, b);
  };
  for (const e of map.distinct ?? upTo(map.size)) {
    least = 0;
    most = 0;
    reach = 0;
    const constant = map.row(e, emit);
    const { low: lowest, high: highest } = open.bias ?? { low: constant, high: constant };
    furthest = Math.max(furthest, reach + Math.max(Math.abs(lowest), Math.abs(highest)));
    const channel = e % channels;
    low[channel] = Math.min(low[channel], least + lowest);
    high[channel] = Math.max(high[channel], most + highest);
  }
  assertExact(furthest, node);
  return { low, high };
}

function* upTo(size: number): Generator<number> {
  for (let e = 0; e < size; e++) yield e;
}

/** Ends of the product of two ranges. */
export function productRange(left: Range, right: Range): Range {
  const corners = [left.low * right.low, left.low * right.high, left.high * right.low, left.high * right.high];
  return { low: Math.min(...corners), high: Math.max(...corners) };
}

/** The range of one slot; an interval of one slot has it everywhere. */
export function rangeOfSlot({ low, high }: Interval, slot: number): Range {
  const at = slot % low.length;
  return { low: low[at], high: high[at] };
}

export function largestMagnitude({ low, high }: Range): number {
  return Math.max(Math.abs(low), Math.abs(high));
}

/**
 * @param reach what the partial sums of an element can reach, in any order: the executor adds in doubles.
 * @throws AssayError QUANTIZE_RANGE
 */
export function assertExact(reach: number, node: string): void {
  if (reach <= MAX_MAGNITUDE) return;
  throw new AssayError("QUANTIZE_RANGE", `an accumulator can reach ${reach.toExponential(2)}, beyond 2^53`, {
    where: `node ${node}`,
    hint: "use fewer bits, or split the reduction",
  });
}
