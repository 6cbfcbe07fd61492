/**
 * Interval arithmetic over a program: the exact range of every accumulator, from which the widths of all range checks
 * follow. One interval a channel (last axis) where channels survive, else one a tensor.
 */
import { AssayError } from "../errors.js";
import type { LinearMap } from "./linearMap.js";
import { MAX_MAGNITUDE } from "./elementType.js";

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

/** The range of every output channel of a linear map; `channels` is the length of the output's last axis. */
export function linearInterval(map: LinearMap, operands: readonly Interval[], channels: number, node: string): Interval {
  const low = new Float64Array(channels).fill(Infinity);
  const high = new Float64Array(channels).fill(-Infinity);
  let least = 0;
  let most = 0;
  let reach = 0;
  let furthest = 0;
  const emit = (operand: 0 | 1, element: number, weight: number): void => {
    const range = operands[operand];
    const slot = slotOf(range, element);
    least += weight * (weight > 0 ? range.low[slot] : range.high[slot]);
    most += weight * (weight > 0 ? range.high[slot] : range.low[slot]);
    reach += Math.abs(weight) * Math.max(-range.low[slot], range.high[slot]);
  };
  for (let e = 0; e < map.size; e++) {
    least = 0;
    most = 0;
    reach = 0;
    const constant = map.row(e, emit);
    furthest = Math.max(furthest, reach + Math.abs(constant));
    const channel = e % channels;
    low[channel] = Math.min(low[channel], least + constant);
    high[channel] = Math.max(high[channel], most + constant);
  }
  assertExact(furthest, node);
  return { low, high };
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
