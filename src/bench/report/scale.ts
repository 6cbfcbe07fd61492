/** From values to pixels. The two scales that charts need, so that whoever installs the package gets no chart library with it. */

export interface Scale {
  (value: number): number;
  /** Where marks stand, from least to greatest. */
  readonly ticks: readonly number[];
}

/** From zero. @param most marks at most, roughly */
export function linearScale(greatest: number, [start, end]: readonly [number, number], most: number): Scale {
  const top = greatest > 0 ? greatest : 1;
  const step = ROUND.find((round) => round >= top / Math.max(1, most)) ?? top;
  const ticks = Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, i) => i * step);
  return Object.assign((value: number) => start + (value / top) * (end - start), { ticks });
}

/** @param given where marks stand; default: 1, 2 and 5 of each decade, the outermost beyond the values */
export function logScale(values: readonly number[], [start, end]: readonly [number, number], given?: readonly number[]): Scale {
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const [low, high] = [ROUND.findLast((round) => round <= least) ?? least, ROUND.find((round) => round >= greatest) ?? greatest];
  const ticks = given ?? ROUND.filter((round) => round >= low && round <= high);
  // Given marks may lie at the values themselves: a little room beside them.
  const [from, to] = given === undefined ? [low, high] : [Math.min(least, ...given) / 1.15, Math.max(greatest, ...given) * 1.15];
  const span = Math.log(to / from);
  return Object.assign((value: number) => start + (Math.log(value / from) / span) * (end - start), { ticks });
}

/** 1, 2 and 5 of many decades. */
const ROUND = Array.from({ length: 24 }, (_, i) => i - 12).flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
