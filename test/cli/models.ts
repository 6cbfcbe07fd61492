/** Models small enough to compile in a second, and samples for them. */
import { buildModel, type NodeSpec } from "../support/onnxBuilder.js";

/** y = x·w over one element: a circuit of 2^4 rows. */
export function oneElement(weight = 0.5): Uint8Array {
  return buildModel({
    inputs: [{ name: "x", shape: [1, 1] }],
    outputs: [{ name: "y", shape: [1, 1] }],
    initializers: [{ name: "w", dims: [1, 1], data: [weight] }],
    nodes: [{ op: "MatMul", name: "product", inputs: ["x", "w"], outputs: ["y"] }],
  });
}

const MATRIX = [0.5, -0.25, 0.75, 1, -1.5, 0.125];

/** y = x·W, 3 elements to 2; `factor` makes models of other content. */
export function linear(factor = 1): Uint8Array {
  return buildModel({
    inputs: [{ name: "x", shape: ["N", 3] }],
    outputs: [{ name: "y", shape: ["N", 2] }],
    initializers: [{ name: "w", dims: [3, 2], data: MATRIX.map((value) => value * factor) }],
    nodes: [{ op: "MatMul", name: "product", inputs: ["x", "w"], outputs: ["y"] }],
  });
}

/** What {@link linear} computes. */
export function linearOf(x: readonly number[], factor = 1): number[] {
  return [0, 1].map((column) => x.reduce((sum, value, row) => sum + value * MATRIX[2 * row + column] * factor, 0));
}

/** Two inputs and two outputs: their sum, and its product with a matrix. */
export function twoByTwo(): Uint8Array {
  return buildModel({
    inputs: [{ name: "left", shape: [1, 3] }, { name: "right", shape: [1, 3] }],
    outputs: [{ name: "sum", shape: [1, 3] }, { name: "product", shape: [1, 2] }],
    initializers: [{ name: "w", dims: [3, 2], data: MATRIX }],
    nodes: [
      { op: "Add", name: "add", inputs: ["left", "right"], outputs: ["sum"] },
      { op: "MatMul", name: "product", inputs: ["sum", "w"], outputs: ["product"] },
    ],
  });
}

const KERNEL_BIAS = [0.5, 0.25, 0.1];

/**
 * Convolution, ReLU, pooling and a matrix over 5×5 pixels; by default no channel count is a power of two.
 * @param tuning moves the weights a little, as training would
 */
export function convolution(tuning = 0, kernels = 3): Uint8Array {
  const tuned = (value: number, i: number): number => value + tuning * Math.cos(i);
  const wave = (count: number, step: number): number[] => Array.from({ length: count }, (_, i) => tuned(Math.sin(step * (i + 1)), i));
  return buildModel({
    inputs: [{ name: "image", shape: [1, 1, 5, 5] }],
    outputs: [{ name: "logits", shape: [1, 3] }],
    initializers: [
      { name: "kernel", dims: [kernels, 1, 2, 2], data: wave(4 * kernels, 1.7) },
      { name: "kernelBias", dims: [kernels], data: Array.from({ length: kernels }, (_, i) => tuned(KERNEL_BIAS[i % 3], i)) },
      { name: "matrix", dims: [4 * kernels, 3], data: wave(12 * kernels, 2.3) },
      { name: "bias", dims: [3], data: wave(3, 0.9) },
    ],
    nodes: [
      { op: "Conv", name: "conv", inputs: ["image", "kernel", "kernelBias"], outputs: ["c"] },
      { op: "Relu", name: "relu", inputs: ["c"], outputs: ["r"] },
      { op: "MaxPool", name: "pool", inputs: ["r"], outputs: ["p"], attributes: { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } } },
      { op: "Flatten", name: "flatten", inputs: ["p"], outputs: ["f"] },
      { op: "Gemm", name: "gemm", inputs: ["f", "matrix", "bias"], outputs: ["logits"] },
    ],
  });
}

/** 25 pixels in [0, 1]. */
export const PIXELS: readonly number[] = Array.from({ length: 25 }, (_, i) => (i === 7 ? 1 : ((i * 37) % 100) / 100));

/** Nodes that nothing supports, among one that is supported. */
export function unsupported(): Uint8Array {
  const node = (op: string, name: string, from: string, to: string, domain?: string): NodeSpec => ({ op, name, inputs: [from], outputs: [to], domain });
  return buildModel({
    inputs: [{ name: "x", shape: [1, 4] }],
    outputs: [{ name: "y", shape: [1, 4] }],
    nodes: [node("Bernoulli", "wave", "x", "a"), node("Relu", "plain", "a", "b"), node("Foo", "strange", "b", "c", "com.acme"), node("Unique", "gauss", "c", "y")],
  });
}

/** As an exporter leaves it: the batch and a length are open. */
export function openLength(): Uint8Array {
  return buildModel({
    inputs: [{ name: "x", shape: ["N", "length", 3] }],
    outputs: [{ name: "y", shape: ["N", "length", 2] }],
    initializers: [{ name: "w", dims: [3, 2], data: MATRIX }],
    nodes: [{ op: "MatMul", name: "product", inputs: ["x", "w"], outputs: ["y"] }],
  });
}

/** Dims other than the batch are symbolic. */
export function dynamicWidth(): Uint8Array {
  return buildModel({
    inputs: [{ name: "x", shape: ["N", "width", "height"] }],
    outputs: [{ name: "y" }],
    nodes: [{ op: "Relu", name: "relu", inputs: ["x"], outputs: ["y"] }],
  });
}

/** A file of a few bytes that declares a weight of 2 GB. */
export function hugeWeight(): Uint8Array {
  return buildModel({
    inputs: [{ name: "x", shape: [1, 2 ** 14] }],
    outputs: [{ name: "y" }],
    initializers: [{ name: "w", dims: [2 ** 14, 2 ** 15], data: new Uint8Array(8) }],
    nodes: [{ op: "MatMul", name: "product", inputs: ["x", "w"], outputs: ["y"] }],
  });
}

/** An activation of 2^40 elements. */
export function hugeInput(): Uint8Array {
  return buildModel({
    inputs: [{ name: "x", shape: [1, 2 ** 20, 2 ** 20] }],
    outputs: [{ name: "y" }],
    nodes: [{ op: "Relu", name: "relu", inputs: ["x"], outputs: ["y"] }],
  });
}

/** NumPy's .npy, version 1, of little-endian float32. */
export function npy(shape: readonly number[], values: readonly number[], type = "<f4"): Uint8Array {
  const axes = shape.length === 1 ? `${String(shape[0])},` : shape.join(", ");
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${axes}), }`;
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const head = Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, padded.length & 255, padded.length >> 8]);
  return new Uint8Array(Buffer.concat([head, Buffer.from(padded), Buffer.from(Float32Array.from(values).buffer)]));
}

/** IDX of unsigned bytes. */
export function idx(shape: readonly number[], values: readonly number[]): Uint8Array {
  const head = Buffer.alloc(4 + 4 * shape.length);
  head[2] = 8;
  head[3] = shape.length;
  shape.forEach((size, axis) => head.writeUInt32BE(size, 4 + 4 * axis));
  return new Uint8Array(Buffer.concat([head, Buffer.from(values)]));
}
