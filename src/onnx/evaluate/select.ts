/** Positions of extremes along the last axis. */
import type { Tensor } from "../evaluate.js";

export function positionsOfMaxima({ shape, data }: Tensor, last: boolean): Float64Array {
  const width = shape[shape.length - 1];
  return Float64Array.from({ length: data.length / width }, (_, row) => {
    let best = 0;
    for (let i = 1; i < width; i++) {
      const [x, most] = [data[row * width + i], data[row * width + best]];
      if (x > most || (last && x === most)) best = i;
    }
    return best;
  });
}

/** The k greatest, descending, the first of equal ones first. */
export function topK({ shape, data }: Tensor, k: number, part: "values" | "indices"): Float64Array {
  const width = shape[shape.length - 1];
  const rows = data.length / width;
  const out = new Float64Array(rows * k);
  for (let row = 0; row < rows; row++) {
    const at = (i: number): number => data[row * width + i];
    const order = Array.from({ length: width }, (_, i) => i).sort((i, j) => at(j) - at(i) || i - j);
    for (let i = 0; i < k; i++) out[row * k + i] = part === "indices" ? order[i] : at(order[i]);
  }
  return out;
}
