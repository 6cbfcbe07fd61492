/** A program that no quantizer would write: inputs of two limbs, an output narrower than a byte. */
import { SEMANTICS_VERSION, type Port, type Program } from "../../../src/program/types.js";

const SCALE = { mantissa: 1n, exponent: 0 };
const port = (name: string, tensor: number): Port => ({ name, tensor, scale: SCALE });

/** y = clamp(round((3·x₀ − 5·x₁ + 700) / 2^9), −16, 15), x of 16 bits: two limbs in, five bits out, saturation at both ends. */
export function limbProgram(): Program {
  return {
    semantics: SEMANTICS_VERSION,
    tensors: [
      { name: "x", shape: [1, 2], type: "i16" },
      { name: "acc", shape: [1, 1], type: "i32" },
      { name: "y", shape: [1, 1], type: "i8" },
    ],
    operations: [
      {
        kind: "linear",
        node: "matrix",
        input: 0,
        output: 1,
        weight: { shape: [1, 2], type: "i8", data: Float64Array.of(3, -5) },
        bias: { shape: [1], type: "i32", data: Float64Array.of(700) },
      },
      { kind: "requantize", node: "rescale", input: 1, output: 2, shifts: [9], low: -16, high: 15 },
    ],
    inputs: [port("x", 0)],
    outputs: [port("y", 2)],
  };
}
