/** Least and greatest value of every element. Infinite where nothing is known. */

export interface Bounds {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

export function certain(data: Float64Array): Bounds {
  return { low: data, high: data };
}

export function within(size: number, low: number, high: number): Bounds {
  return { low: new Float64Array(size).fill(low), high: new Float64Array(size).fill(high) };
}

export function unknown(size: number): Bounds {
  return within(size, -Infinity, Infinity);
}

/** One after the other. */
export function combined(parts: readonly Bounds[]): Bounds {
  if (parts.length === 1) return parts[0];
  const size = parts.reduce((sum, { low }) => sum + low.length, 0);
  const result = within(size, 0, 0);
  let start = 0;
  for (const { low, high } of parts) {
    result.low.set(low, start);
    result.high.set(high, start);
    start += low.length;
  }
  return result;
}

/** Element by element; anything times 0 is 0. */
export function productBounds({ low, high }: Bounds, factors: Float64Array): Bounds {
  const ends = Array.from(factors, (factor, i) => (factor === 0 ? [0, 0] : [low[i] * factor, high[i] * factor]));
  return { low: Float64Array.from(ends, ([a, b]) => Math.min(a, b)), high: Float64Array.from(ends, ([a, b]) => Math.max(a, b)) };
}

export interface Selection {
  /** Elements of the result. */
  readonly size: number;
  readonly depth: number;
  readonly width: number;
  /** Rows that share a table. */
  readonly rows: number;
}

/**
 * Of rows of tables that a single 1 selects.
 * @param hits [.., depth], those that may be 1
 * @param table [.., depth, width]
 */
export function selectedBounds(hits: Bounds, table: Bounds, { size, depth, width, rows }: Selection): Bounds {
  const result = within(size, Infinity, -Infinity);
  for (let e = 0; e < size; e++) {
    const row = Math.floor(e / width);
    const start = Math.floor(row / rows) * depth * width + (e % width);
    for (let k = 0; k < depth; k++) {
      if (hits.low[row * depth + k] === 0 && hits.high[row * depth + k] === 0) continue;
      result.low[e] = Math.min(result.low[e], table.low[start + k * width]);
      result.high[e] = Math.max(result.high[e], table.high[start + k * width]);
    }
    // No hit at all: a position outside, of which nothing is said.
    if (result.low[e] > result.high[e]) [result.low[e], result.high[e]] = [-Infinity, Infinity];
  }
  return result;
}
