/** How far quantized outputs are from float ones. */

export interface OutputPair {
  readonly quantized: ArrayLike<number>;
  readonly float: ArrayLike<number>;
}

/** Mean over all elements of 100·|q − f| / |f|; 0 where both are 0, 100 where only f is. */
export function meanAbsolutePercentageError(outputs: readonly OutputPair[]): number {
  let sum = 0;
  let count = 0;
  for (const { quantized, float } of outputs) {
    for (let i = 0; i < float.length; i++) {
      const difference = Math.abs(quantized[i] - float[i]);
      if (float[i] !== 0) sum += (100 * difference) / Math.abs(float[i]);
      else if (difference !== 0) sum += 100;
      count++;
    }
  }
  return count === 0 ? 0 : sum / count;
}

/** 100·mean|q − f| / max|f| of an output; of several, the worst. */
export function errorOfRange(outputs: readonly OutputPair[]): number {
  return Math.max(0, ...outputs.map(rangeError));
}

function rangeError({ quantized, float }: OutputPair): number {
  let sum = 0;
  let most = 0;
  for (let i = 0; i < float.length; i++) {
    sum += Math.abs(quantized[i] - float[i]);
    most = Math.max(most, Math.abs(float[i]));
  }
  if (sum === 0) return 0;
  return most === 0 ? 100 : (100 * sum) / float.length / most;
}

/** Index of the first largest element (ONNX ArgMax's default). */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}
