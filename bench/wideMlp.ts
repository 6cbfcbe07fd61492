/** Dense models with ReLU between layers, as ONNX, by a seeded generator: never committed, the same bytes every time. */
import { buildModel, type NodeSpec, type TensorSpec } from "../test/support/onnxBuilder.js";

/** Bionetta's benchmark: 784-2000-60-4000-10, 1.97 M parameters. */
export const WIDE_LAYERS = [784, 2000, 60, 4000, 10] as const;

export function denseModel(layers: readonly number[], seed = 1): Uint8Array {
  const random = seededRandom(seed);
  const initializers: TensorSpec[] = [];
  const nodes: NodeSpec[] = [];
  let value = "input";
  for (let i = 1; i < layers.length; i++) {
    const [rows, columns] = [layers[i - 1], layers[i]];
    // He's initialization keeps activations of one size through the layers.
    const spread = Math.sqrt(2 / rows);
    initializers.push({ name: `w${i}`, dims: [rows, columns], data: floats(rows * columns, () => (random() * 2 - 1) * spread * 1.7) });
    initializers.push({ name: `b${i}`, dims: [columns], data: floats(columns, () => (random() * 2 - 1) * 0.1) });
    const last = i === layers.length - 1;
    nodes.push({ op: "Gemm", name: `dense${i}`, inputs: [value, `w${i}`, `b${i}`], outputs: [last ? "output" : `h${i}`] });
    if (!last) nodes.push({ op: "Relu", name: `relu${i}`, inputs: [`h${i}`], outputs: [`a${i}`] });
    value = `a${i}`;
  }
  return buildModel({
    inputs: [{ name: "input", shape: [1, layers[0]] }],
    outputs: [{ name: "output", shape: [1, layers[layers.length - 1]] }],
    initializers,
    nodes,
  });
}

export function parameterCount(layers: readonly number[]): number {
  return layers.slice(1).reduce((sum, columns, i) => sum + (layers[i] + 1) * columns, 0);
}

function floats(count: number, draw: () => number): Uint8Array {
  return new Uint8Array(Float32Array.from({ length: count }, draw).buffer);
}

/** A linear congruential generator modulo 2^31 (Park and Miller's multiplier): enough for weights. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
