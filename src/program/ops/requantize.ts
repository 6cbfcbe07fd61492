/** Rescaling by a power of two with rounding half up, then saturation. */
import { MAX_MAGNITUDE } from "../elementType.js";
import { hull, type Interval, mapInterval, slotOf } from "../interval.js";
import type { RequantizeOperation } from "../types.js";
import { invalid, type NonlinearRules } from "./rules.js";

/** The circuit forms x + 2^(s−1) − low·2^s in doubles: it must be exact for every x of the interval. */
function assertCircuitExact(input: Interval, shift: number, low: number, node: string): void {
  const range = hull(input);
  const most = Math.max(Math.abs(range.low), Math.abs(range.high)) + 2 ** shift / 2 + Math.abs(low) * 2 ** shift;
  if (most > MAX_MAGNITUDE) throw invalid(node, "rescaling exceeds 53 bits");
}

/** Whether high − low + 1 is 2, 4, 8, ... Math.log2 alone does not say: log2(2^50 + 1) is 50. */
function spansPowerOfTwo(low: number, high: number): boolean {
  const size = high - low + 1;
  return high > low && Number.isSafeInteger(high - low) && 2 ** Math.round(Math.log2(size)) === size;
}

/** clamp(floor((x + 2^(s−1)) / 2^s), low, high); exact for |x| < 2^53. */
export function requantizeValue(value: number, shift: number, low: number, high: number): number {
  return Math.min(Math.max(roundShift(value, shift), low), high);
}

/** floor((x + 2^(s−1)) / 2^s) without forming the sum, which could leave the exact doubles. */
export function roundShift(value: number, shift: number): number {
  const unit = 2 ** shift;
  const quotient = Math.floor(value / unit);
  const remainder = value - quotient * unit;
  return 2 * remainder >= unit && shift > 0 ? quotient + 1 : quotient;
}

export const requantize: NonlinearRules<RequantizeOperation> = {
  linear: false,
  operands: (operation) => [operation.input],
  outputShape({ shifts, low, high, node }, [input]) {
    const channels = input[input.length - 1] ?? 1;
    if (shifts.length !== 1 && shifts.length !== channels) throw invalid(node, "one shift a channel is needed");
    if (!shifts.every((shift) => Number.isInteger(shift) && shift >= 0 && shift <= 52)) throw invalid(node, "a shift is not in 0..52");
    if (!Number.isInteger(low) || !spansPowerOfTwo(low, high)) {
      throw invalid(node, "the clamp is no range of integers whose size is a power of two");
    }
    return [...input];
  },
  interval({ shifts, low, high, node }, [shape], [input]) {
    assertCircuitExact(input, shifts.reduce((a, b) => Math.max(a, b)), low, node);
    const channels = shifts.length === 1 ? input.low.length : (shape[shape.length - 1] ?? 1);
    const wide = { low: new Float64Array(channels), high: new Float64Array(channels) };
    for (let c = 0; c < channels; c++) {
      const slot = slotOf(input, c);
      wide.low[c] = input.low[slot];
      wide.high[c] = input.high[slot];
    }
    return mapInterval(wide, (value, c) => requantizeValue(value, shifts[c % shifts.length], low, high));
  },
  execute({ shifts, low, high }, _shapes, [input]) {
    return input.map((value, e) => requantizeValue(value, shifts[e % shifts.length], low, high));
  },
};
