/** Models small enough to mutate every wire of their circuits, and programs that no quantizer would write. */
import type { Constant, ElementType, Operation, Port, Program, TensorDescriptor } from "../../src/program/types.js";
import { SEMANTICS_VERSION } from "../../src/program/types.js";
import type { Sample } from "../../src/samples/samples.js";
import { buildModel } from "./onnxBuilder.js";
import { SeededRandom } from "./random.js";

/** Convolution 1→2 of 3×3 over 4×4 pixels, ReLU, 2×2 maximum, and a 2×2 matrix; `seed` draws the weights. */
export function tinyConvolution(seed: number): Uint8Array {
  const random = new SeededRandom(seed);
  const weights = (count: number): number[] => Array.from({ length: count }, () => random.uniform() * 2 - 1);
  return buildModel({
    inputs: [{ name: "image", shape: [1, 1, 4, 4] }],
    outputs: [{ name: "logits", shape: [1, 2] }],
    initializers: [
      { name: "kernel", dims: [2, 1, 3, 3], data: weights(18) },
      { name: "kernelBias", dims: [2], data: [0.5, 0.25] },
      { name: "matrix", dims: [2, 2], data: weights(4) },
      { name: "bias", dims: [2], data: weights(2) },
      { name: "shape", dims: [2], data: [1, 2], type: "int64" },
    ],
    nodes: [
      { op: "Conv", name: "conv", inputs: ["image", "kernel", "kernelBias"], outputs: ["c"], attributes: { kernel_shape: { ints: [3, 3] } } },
      { op: "Relu", name: "relu", inputs: ["c"], outputs: ["r"] },
      { op: "MaxPool", name: "pool", inputs: ["r"], outputs: ["p"], attributes: { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } } },
      { op: "Reshape", name: "flatten", inputs: ["p", "shape"], outputs: ["f"] },
      { op: "Gemm", name: "gemm", inputs: ["f", "matrix", "bias"], outputs: ["logits"] },
    ],
  });
}

/** Images with pixels in [0, 1]: calibration gives 8-bit unsigned inputs. */
export function images(count: number, pixels: number, seed: number): Sample[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, () => [Float32Array.from({ length: pixels }, (_, i) => (i === 0 ? 1 : random.uniform()))]);
}

/** One 2-term matrix row without rescaling by calibration: y = x·w, for proofs that must be quick. */
export function tinyLinear(weight: readonly number[], outputs: number): Uint8Array {
  const length = weight.length / outputs;
  return buildModel({
    inputs: [{ name: "x", shape: [1, length] }],
    outputs: [{ name: "y", shape: [1, outputs] }],
    initializers: [{ name: "w", dims: [length, outputs], data: weight }],
    nodes: [{ op: "MatMul", name: "product", inputs: ["x", "w"], outputs: ["y"] }],
  });
}

const SCALE = { mantissa: 1n, exponent: 0 };

export function constant(shape: readonly number[], data: readonly number[], type: ElementType = "i8"): Constant {
  return { shape, type, data: Float64Array.from(data) };
}

/** A program of one input (tensor 0); the last operation makes the output. */
export function program(tensors: readonly Omit<TensorDescriptor, "name">[], operations: readonly Operation[]): Program {
  const port = (name: string, tensor: number): Port => ({ name, tensor, scale: SCALE });
  return {
    semantics: SEMANTICS_VERSION,
    tensors: tensors.map((tensor, i) => ({ name: `t${i}`, ...tensor })),
    operations,
    inputs: [port("x", 0)],
    outputs: [port("y", tensors.length - 1)],
  };
}

/** y = requantize(x₀ − x₁): an accumulator that is 0 whenever the inputs agree. */
export function differenceProgram(shift = 1, low = -128, high = 127): Program {
  return program(
    [{ shape: [1, 2], type: "u8" }, { shape: [1, 1], type: "i32" }, { shape: [1, 1], type: low < 0 ? "i8" : "u8" }],
    [
      { kind: "linear", node: "difference", input: 0, output: 1, weight: constant([1, 2], [1, -1]), bias: constant([1], [0]) },
      { kind: "requantize", node: "rescale", input: 1, output: 2, shifts: [shift], low, high },
    ],
  );
}

/** y = requantize(x·W) with 8-bit outputs that share one public signal. */
export function twoOutputProgram(): Program {
  return program(
    [{ shape: [1, 2], type: "u8" }, { shape: [1, 2], type: "i32" }, { shape: [1, 2], type: "i8" }],
    [
      { kind: "linear", node: "matrix", input: 0, output: 1, weight: constant([2, 2], [1, -1, 1, 2]), bias: constant([2], [0, -100]) },
      { kind: "requantize", node: "rescale", input: 1, output: 2, shifts: [2], low: -128, high: 127 },
    ],
  );
}

/** y = requantize(x·w + b) of one element, for the limits of widths and shifts. */
export function affineProgram(weight: number, bias: number, shift: number, low: number, high: number, accumulator: ElementType = "i64"): Program {
  const type = low < 0 ? "i8" : "u8";
  return program(
    [{ shape: [1, 1], type: "u8" }, { shape: [1, 1], type: accumulator }, { shape: [1, 1], type }],
    [
      { kind: "affine", node: "affine", input: 0, output: 1, weight: constant([1, 1], [weight], "i64"), bias: constant([1, 1], [bias], "i64") },
      { kind: "requantize", node: "rescale", input: 1, output: 2, shifts: [shift], low, high },
    ],
  );
}
