/** Seeded draws for generated models: the same weights and samples everywhere. */

/** Uniform in (−1, 1): a linear congruential generator modulo 2^31 (Park and Miller's multiplier). */
export function seededDraws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return (2 * state) / 2147483647 - 1;
  };
}

/** Uniform draws of the given standard deviation, as a tensor's bytes. */
export function spreadFloats(count: number, deviation: number, draw: () => number, mean = 0): Uint8Array {
  const reach = deviation * Math.sqrt(3);
  const data = new Float32Array(count);
  for (let i = 0; i < count; i++) data[i] = mean + reach * draw();
  return new Uint8Array(data.buffer);
}
