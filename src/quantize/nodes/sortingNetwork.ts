/**
 * Batcher's odd-even merge sort (Knuth, The Art of Computer Programming 3, 5.3.4), in layers of disjoint comparators.
 * Comparators that reach beyond the length are left out: missing elements are smallest and stay where they are.
 */
export type Comparator = readonly [number, number];

/** Layers that bring the k largest of `length` elements to the front, in descending order. */
export function sortingNetwork(length: number, k: number): Comparator[][] {
  const layers: Comparator[][] = [];
  for (let p = 1; p < length; p *= 2) {
    for (let q = p; q >= 1; q = Math.floor(q / 2)) {
      const layer: Comparator[] = [];
      for (let j = q % p; j + q < length; j += 2 * q) {
        for (let i = 0; i < Math.min(q, length - j - q); i++) {
          if (Math.floor((i + j) / (2 * p)) === Math.floor((i + j + q) / (2 * p))) layer.push([i + j, i + j + q]);
        }
      }
      if (layer.length > 0) layers.push(layer);
    }
  }
  return pruned(layers, k);
}

/** Without comparators whose results do not reach the first k places. */
function pruned(layers: readonly Comparator[][], k: number): Comparator[][] {
  const needed = new Set(Array.from({ length: k }, (_, i) => i));
  const kept: Comparator[][] = [];
  for (const layer of [...layers].reverse()) {
    const useful = layer.filter(([i, j]) => needed.has(i) || needed.has(j));
    for (const [i, j] of useful) needed.add(i).add(j);
    if (useful.length > 0) kept.push(useful);
  }
  return kept.reverse();
}
